//! Azure: one file a service, with its calls, its sources and its kinds. Types only; collectors fill them. Ids are kept
//! in lower case, for Azure compares them without it.

pub mod authorization;
pub mod containers;
pub mod cosmos;
pub mod dns;
pub mod gateway;
pub mod identity;
pub mod monitor;
pub mod network;
pub mod resources;

use super::call::{Call, Wire};

const SERVICE: &str = "Azure Resource Manager";

/// A GET of Azure Resource Manager. Permissions are the actions of roles.
const fn get(
    id: &'static str,
    permissions: &'static [&'static str],
    path: &'static str,
    versions: &'static [&'static str],
) -> Call {
    Call { id, sdk_service: SERVICE, permissions, wire: Wire::Arm { path, versions, filter: None } }
}

/// The inventory of one type over a subscription: names, places and tags. `filter` is `resourceType eq '…'`.
const fn inventory(id: &'static str, permissions: &'static [&'static str], filter: &'static str) -> Call {
    let wire =
        Wire::Arm { path: "/subscriptions/*/resources", versions: resources::VERSIONS, filter: Some(filter) };
    Call { id, sdk_service: SERVICE, permissions, wire }
}

/// The subscription that an id names.
pub fn subscription(id: &str) -> Option<&str> {
    segment(id, "subscriptions")
}

/// The name of the resource group that an id names.
pub fn group(id: &str) -> Option<&str> {
    segment(id, "resourcegroups")
}

/// The id of what an id lies in: a subnet's network, a frontend's gateway, a group's subscription.
pub fn parent(id: &str) -> Option<&str> {
    let (owner, _name) = id.rsplit_once('/')?;
    let (owner, _type) = owner.rsplit_once('/')?;
    Some(owner).filter(|owner| owner.starts_with('/'))
}

/// The segment after the one of this name; ids are in lower case.
fn segment<'i>(id: &'i str, name: &str) -> Option<&'i str> {
    let mut segments = id.strip_prefix('/')?.split('/');
    segments.find(|segment| *segment == name)?;
    segments.next().filter(|segment| !segment.is_empty())
}

/// Whether it is a GUID, as ids of subscriptions, tenants and clients are.
pub fn is_guid(text: &str) -> bool {
    let lengths = text.split('-').map(str::len);
    lengths.eq([8, 4, 4, 4, 12]) && text.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_guid_is_told_by_its_form() {
        assert!(is_guid("0c1d2e3f-4A5B-4c6d-8e7f-9a0b1c2d3e4f"));
        for text in [
            "",
            "production",
            "0c1d2e3f4a5b4c6d8e7f9a0b1c2d3e4f",
            "0c1d2e3f-4a5b-4c6d-8e7f-9a0b1c2d3e4g",
            "0c1d2e3f-4a5b-4c6d-8e7f-9a0b1c2d3e4f-",
            "{0c1d2e3f-4a5b-4c6d-8e7f-9a0b1c2d3e4f}",
        ] {
            assert!(!is_guid(text), "{text}");
        }
    }

    #[test]
    fn ids_tell_what_they_lie_in() {
        let subnet =
            "/subscriptions/s/resourcegroups/core/providers/microsoft.network/virtualnetworks/v/subnets/aks";
        assert_eq!((subscription(subnet), group(subnet)), (Some("s"), Some("core")));
        let network = parent(subnet).expect("a network");
        assert!(network.ends_with("/virtualnetworks/v"), "{network}");
        assert_eq!(parent("/subscriptions/s/resourcegroups/core"), Some("/subscriptions/s"));
        assert_eq!((subscription("arn:aws:x"), group("/subscriptions/s"), parent("x")), (None, None, None));
    }
}
