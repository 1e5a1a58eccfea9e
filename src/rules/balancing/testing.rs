//! Load balancers for tests: one listener, one target group.

use serde_json::{Value, json};

use crate::model::aws::{ec2, elbv2};
use crate::model::kind::Kind;
use crate::rules::iam::testing::{Lab, here};

pub(crate) fn arn(name: &str) -> String {
    format!("arn:aws:elasticloadbalancing:us-west-1:111111111111:loadbalancer/net/{name}/1")
}

pub(crate) fn group_arn(name: &str) -> String {
    format!("arn:aws:elasticloadbalancing:us-west-1:111111111111:targetgroup/{name}/1")
}

pub(crate) fn target(id: &str, state: &str) -> Value {
    json!({ "id": id, "port": 80, "state": state })
}

impl Lab {
    /// A load balancer of `vpc-1`, called `<name>-1.elb.us-west-1.amazonaws.com`.
    pub(crate) fn balancer(self, name: &str, scheme: &str) -> Self {
        self.balancer_in("vpc-1", name, scheme)
    }

    pub(crate) fn balancer_in(self, vpc: &str, name: &str, scheme: &str) -> Self {
        let facts = json!({
            "type": "network", "scheme": scheme, "vpc": vpc, "subnets": [], "groups": [],
            "dns_name": format!("{name}-1.elb.us-west-1.amazonaws.com"), "zone_id": "ZELB",
        });
        self.add(Kind::LoadBalancer, &arn(name), facts)
    }

    /// Its listener, which forwards to groups by weight.
    pub(crate) fn forwarding(self, name: &str, groups: &[(&str, i64)]) -> Self {
        let targets: Vec<Value> = groups
            .iter()
            .map(|(group, weight)| json!({ "target_group": group_arn(group), "weight": weight }))
            .collect();
        let listener = format!("listener/{name}");
        let facts = json!({
            "load_balancer": arn(name), "port": 443, "protocol": "TCP", "certificates": [],
            "default_actions": [{ "type": "forward", "targets": targets }],
        });
        self.add(Kind::Listener, &listener, facts).complete(&elbv2::LISTENERS, &here(), &arn(name)).complete(
            &elbv2::RULES,
            &here(),
            &listener,
        )
    }

    /// A target group of `vpc-1`.
    #[expect(clippy::needless_pass_by_value, reason = "the callers make it on the spot")]
    pub(crate) fn targets(self, name: &str, r#type: &str, targets: Value) -> Self {
        let facts =
            json!({ "vpc": "vpc-1", "load_balancers": [], "target_type": r#type, "targets": targets });
        self.add(Kind::TargetGroup, &group_arn(name), facts)
    }

    /// A network interface of a load balancer, beside which it has no other.
    pub(crate) fn interface(self, balancer: &str, vpc: &str, address: &str) -> Self {
        let facts = json!({
            "vpc": vpc, "subnet": "subnet-a", "groups": [], "private_ips": [address], "status": "in-use",
            "description": format!("ELB net/{balancer}/1"),
        });
        self.add(Kind::NetworkInterface, &format!("eni-{balancer}"), facts).complete(
            &ec2::NETWORK_INTERFACES,
            &here(),
            &arn(balancer),
        )
    }
}
