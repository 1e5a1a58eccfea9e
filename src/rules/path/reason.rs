//! Why packets are lost, in words that stay the same: dashboards and waivers go by the code.

/// What each one says is in the table below.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    AclEgress,
    AclIngress,
    AclReturn,
    Blackhole,
    EndpointPolicy,
    Firewall,
    GatewayElsewhere,
    GroupEgress,
    GroupIngress,
    ListenerMissing,
    NatPrivate,
    NatUnusable,
    NoAddress,
    NoRoute,
    NotVia,
    NsgInbound,
    NsgOutbound,
    OtherNetwork,
    RoutedElsewhere,
    RuleNeverMatches,
    TargetElsewhere,
    TargetMissing,
    TargetPort,
    TargetUnhealthy,
}

/// Each with its code and what it says, sorted by code.
pub const REASONS: &[(Reason, &str, &str)] = &[
    (Reason::AclEgress, "acl-egress", "A network ACL (or its lack of an entry) drops what leaves a subnet."),
    (
        Reason::AclIngress,
        "acl-ingress",
        "A network ACL (or its lack of an entry) drops what enters a subnet.",
    ),
    (Reason::AclReturn, "acl-return", "A network ACL drops the answers."),
    (Reason::Blackhole, "blackhole", "A route that leads nowhere any more."),
    (Reason::EndpointPolicy, "endpoint-policy", "An endpoint's policy lets nobody do what is asked."),
    (Reason::Firewall, "firewall", "The firewall of a service does not list the caller."),
    (
        Reason::GatewayElsewhere,
        "gateway-elsewhere",
        "The gateway is attached to another network, or to none.",
    ),
    (Reason::GroupEgress, "group-egress", "A security group lets nothing like this out."),
    (Reason::GroupIngress, "group-ingress", "A security group admits nobody like this."),
    (Reason::ListenerMissing, "listener-missing", "Nothing listens for it."),
    (Reason::NatPrivate, "nat-private", "The NAT gateway lies where no route leads on."),
    (
        Reason::NatUnusable,
        "nat-unusable",
        "The NAT gateway has no public address, is private or not available.",
    ),
    (Reason::NoAddress, "no-address", "It has no address that the other side can use."),
    (Reason::NoRoute, "no-route", "No route leads there."),
    (Reason::NotVia, "not-via", "It comes there, and not by the way that is drawn."),
    (Reason::NsgInbound, "nsg-inbound", "A network security group denies what enters."),
    (Reason::NsgOutbound, "nsg-outbound", "A network security group denies what leaves."),
    (Reason::OtherNetwork, "other-network", "The two lie in networks that don't reach each other."),
    (Reason::RoutedElsewhere, "routed-elsewhere", "A more specific route takes it elsewhere."),
    (Reason::RuleNeverMatches, "rule-never-matches", "No rule of the listener ever sends requests there."),
    (Reason::TargetElsewhere, "target-elsewhere", "The target is registered in another network."),
    (Reason::TargetMissing, "target-missing", "It is no target of what should send it on."),
    (Reason::TargetPort, "target-port", "The target is registered with a port that nothing answers at."),
    (Reason::TargetUnhealthy, "target-unhealthy", "No target is healthy."),
];

impl Reason {
    /// Whether no packet comes through for certain. Where targets are not healthy, or are not known to listen, nobody
    /// is served, and yet packets may get there.
    pub(super) fn is_for_good(self) -> bool {
        !matches!(self, Self::TargetPort | Self::TargetUnhealthy)
    }

    pub fn code(self) -> &'static str {
        let said = REASONS.iter().find(|(reason, ..)| *reason == self);
        said.map(|(_, code, _)| *code).expect("the table has every reason: see the test below")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_stands_in_the_table_once() {
        assert!(REASONS.windows(2).all(|pair| pair[0].1 < pair[1].1), "sorted by code");
        assert!(REASONS.iter().enumerate().all(|(at, (reason, ..))| *reason as usize == at));
        assert_eq!(Reason::TargetUnhealthy as usize + 1, REASONS.len());
    }
}
