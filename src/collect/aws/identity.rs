//! What resources are called: ids that the service doesn't spell out, and names.

use super::Api;
use crate::model::aws::partition;
use crate::model::call::Source;
use crate::model::kind::{Head, Tags};
use crate::model::seen::Seen;

impl Api {
    /// The partition that ids of this account have.
    pub(super) fn partition(&self) -> &'static str {
        partition(self.config.region().map_or("", AsRef::as_ref))
    }

    /// The ARN of a resource of this account and region.
    pub(super) fn arn(&self, service: &str, resource: &str) -> String {
        format!("arn:{}:{service}:{}:{}:{resource}", self.partition(), self.scope.region, self.scope.account)
    }

    pub(super) fn head(&self, id: String, name: String, tags: Seen<Tags>) -> Head {
        Head { id, name, scope: self.scope.clone(), tags, read_at: self.read_at }
    }

    /// What `source` would tell about the resource `id`.
    pub(super) fn unread<T>(&self, source: &Source, id: &str) -> Seen<T> {
        Seen::unread(source.primary(), &self.scope, id)
    }
}

/// What people call an EC2 resource: its Name tag, else the name that EC2 itself knows, else the id.
pub(super) fn ec2_name(tags: &Tags, own: Option<&str>, id: &str) -> String {
    let tag = tags.get("Name").map(String::as_str).filter(|name| !name.is_empty());
    tag.or(own).unwrap_or(id).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_tag_goes_before_a_groups_own_name() {
        let named = Tags::from([("Name".to_owned(), "web".to_owned())]);
        let blank = Tags::from([("Name".to_owned(), String::new())]);
        assert_eq!(ec2_name(&named, Some("default"), "sg-1"), "web");
        assert_eq!(ec2_name(&blank, Some("default"), "sg-1"), "default");
        assert_eq!(ec2_name(&blank, None, "sg-1"), "sg-1");
    }
}
