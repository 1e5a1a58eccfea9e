//! Whether a table is encrypted by a KMS key of one's own, not by one that AWS owns or manages.

use crate::model::aws::Arn;
use crate::model::aws::dynamodb::Table;
use crate::model::kind::Kind;
use crate::model::scope::Scope;
use crate::model::seen::Gap;

use super::kleene::{Verdict, foremost};
use super::{Ref, World};

/// What the names of keys begin with that AWS manages.
const MANAGED: &str = "alias/aws/";

pub(crate) fn customer_key(table: &Table, resource: Ref<'_>, world: &World<'_>) -> Verdict {
    let description = table.description.get().map_err(Gap::clone)?;
    // A key that AWS owns is not even named.
    let Some(key) = description.kms_key.as_deref() else { return Ok(false) };
    let (id, scope) = match Arn::parse(key) {
        Some(arn) => (arn.name(), Scope::aws(arn.account, arn.region)),
        None => (key, resource.scope.clone()),
    };
    // A key that AWS manages is of the table's own account.
    if scope.account != resource.scope.account {
        return Ok(true);
    }
    let aliases = world.linked_in(Kind::KmsAlias, id, &scope);
    if aliases.items.iter().any(|alias| alias.scope == scope && alias.name.starts_with(MANAGED)) {
        return Ok(false);
    }
    foremost(aliases.gaps).map_or(Ok(true), Err)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::model::aws::{dynamodb, kms};
    use crate::rules::derived::derive;
    use crate::rules::iam::testing::{Lab, here, unread};

    const TABLE: &str = "arn:aws:dynamodb:us-west-1:111111111111:table/menu";
    const ID: &str = "01234567-89ab-cdef-0123-456789abcdef";

    fn key(account: &str) -> String {
        format!("arn:aws:kms:us-west-1:{account}:key/{ID}")
    }

    fn alias(lab: Lab, name: &str) -> Lab {
        let arn = format!("arn:aws:kms:us-west-1:111111111111:{name}");
        lab.named(Kind::KmsAlias, &arn, name, json!({ "key": ID }))
    }

    #[expect(clippy::needless_pass_by_value, reason = "the callers make it on the spot")]
    fn own(lab: Lab, description: Value) -> Result<Value, Gap> {
        let facts = json!({ "description": description, "point_in_time_recovery": false, "policy": null });
        let snapshot = lab.add(Kind::DynamodbTable, TABLE, facts).snapshot();
        let world = World::new(&snapshot);
        derive("customer_key", world.get(Kind::DynamodbTable, TABLE).expect("added"), &world)
    }

    fn encrypted(key: Option<&str>) -> Value {
        json!({ "keys": ["ID"], "kms_key": key })
    }

    fn listed(lab: Lab) -> Lab {
        lab.complete(&kms::ALIASES, &here(), "")
    }

    #[test]
    fn the_name_of_its_key_tells_whose_it_is() {
        let ours = key("111111111111");
        let named = |name: &str| own(listed(alias(Lab::new(), name)), encrypted(Some(&ours)));
        assert_eq!(named("alias/menu"), Ok(true.into()));
        assert_eq!(named("alias/aws/dynamodb"), Ok(false.into()));
        assert_eq!(own(listed(Lab::new()), encrypted(Some(&ours))), Ok(true.into()), "without a name");
        assert_eq!(own(Lab::new(), encrypted(None)), Ok(false.into()));
        let theirs = own(Lab::new(), encrypted(Some(&key("222222222222"))));
        assert_eq!(theirs, Ok(true.into()), "no key of AWS' is another account's");
    }

    #[test]
    fn unread_names_and_tables_are_gaps() {
        let ours = key("111111111111");
        let gap = own(alias(Lab::new(), "alias/menu"), encrypted(Some(&ours)));
        assert_eq!(gap, Err(Gap::unread(kms::ALIASES.primary(), &here(), "")));
        let managed = own(alias(Lab::new(), "alias/aws/dynamodb"), encrypted(Some(&ours)));
        assert_eq!(managed, Ok(false.into()), "whatever other names it has");
        let unread = unread(&dynamodb::TABLE, &here(), TABLE);
        assert_eq!(own(Lab::new(), unread).expect_err("unread").call, dynamodb::TABLE.primary());
    }
}
