//! Why packets are lost, in words that stay the same: dashboards and waivers go by the code.

/// Sorted by code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// A network ACL (or its lack of an entry) drops what enters a subnet.
    AclIngress,
    /// The same for what leaves it.
    AclEgress,
    /// A network ACL drops the answers.
    AclReturn,
    /// A route that leads nowhere any more.
    Blackhole,
    /// An endpoint's policy lets nobody do what is asked.
    EndpointPolicy,
    /// The firewall of a service does not list the caller.
    Firewall,
    /// The gateway is attached to another network, or to none.
    GatewayElsewhere,
    /// A security group admits nobody like this.
    GroupIngress,
    /// A security group lets nothing like this out.
    GroupEgress,
    /// Nothing listens for it.
    ListenerMissing,
    /// The NAT gateway lies where no route leads on.
    NatPrivate,
    /// The NAT gateway has no public address, is private or not available.
    NatUnusable,
    /// It comes there, and not by the way that is drawn.
    NotVia,
    /// No route leads there.
    NoRoute,
    /// It has no address that the other side can use.
    NoAddress,
    /// The two lie in networks that don't reach each other.
    OtherNetwork,
    /// A network security group denies what enters.
    NsgInbound,
    /// A network security group denies what leaves.
    NsgOutbound,
    /// A more specific route takes it elsewhere.
    RoutedElsewhere,
    /// No rule of the listener ever sends requests there.
    RuleNeverMatches,
    /// The target is registered in another network.
    TargetElsewhere,
    /// It is no target of what should send it on.
    TargetMissing,
    /// The target is registered with a port that nothing answers at.
    TargetPort,
    /// No target is healthy.
    TargetUnhealthy,
}

impl Reason {
    /// Whether no packet comes through for certain. Where targets are not healthy, or are not known to listen, nobody
    /// is served, and yet packets may get there.
    pub(super) fn is_for_good(self) -> bool {
        !matches!(self, Self::TargetPort | Self::TargetUnhealthy)
    }

    pub fn code(self) -> &'static str {
        match self {
            Self::AclIngress => "acl-ingress",
            Self::AclEgress => "acl-egress",
            Self::AclReturn => "acl-return",
            Self::Blackhole => "blackhole",
            Self::EndpointPolicy => "endpoint-policy",
            Self::Firewall => "firewall",
            Self::GatewayElsewhere => "gateway-elsewhere",
            Self::GroupIngress => "group-ingress",
            Self::GroupEgress => "group-egress",
            Self::ListenerMissing => "listener-missing",
            Self::NatPrivate => "nat-private",
            Self::NatUnusable => "nat-unusable",
            Self::NotVia => "not-via",
            Self::NoRoute => "no-route",
            Self::NoAddress => "no-address",
            Self::OtherNetwork => "other-network",
            Self::NsgInbound => "nsg-inbound",
            Self::NsgOutbound => "nsg-outbound",
            Self::RoutedElsewhere => "routed-elsewhere",
            Self::RuleNeverMatches => "rule-never-matches",
            Self::TargetElsewhere => "target-elsewhere",
            Self::TargetMissing => "target-missing",
            Self::TargetPort => "target-port",
            Self::TargetUnhealthy => "target-unhealthy",
        }
    }
}
