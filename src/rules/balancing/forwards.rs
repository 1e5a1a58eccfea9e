//! Where a load balancer sends requests: the target groups of its listeners' and rules' actions.

use serde_json::{Value, json};

use crate::model::aws::Arn;
use crate::model::aws::elbv2::{Action, Listener, ListenerRule, Target, WeightedGroup};
use crate::model::kind::Kind;
use crate::model::run::Evidence;
use crate::model::seen::Gap;
use crate::rules::evidence::hop;
use crate::rules::{Ref, World};

/// One weighted group of one action.
pub(crate) struct Forward<'s> {
    pub(crate) listener: Ref<'s>,
    /// The rule, or the listener itself where its default rule was not read.
    pub(crate) by: Ref<'s>,
    pub(crate) default: bool,
    /// ARN.
    pub(crate) group: &'s str,
    pub(crate) weight: i64,
}

/// Every forward of a load balancer, and the gaps behind which there may be more.
pub(crate) fn forwards<'s>(balancer: Ref<'s>, world: &World<'s>) -> (Vec<Forward<'s>>, Vec<Gap>) {
    let listeners = world.children(Kind::Listener, balancer);
    let (mut found, mut gaps) = (Vec::new(), listeners.gaps);
    for listener in listeners.items {
        let rules = world.children(Kind::ListenerRule, listener);
        gaps.extend(rules.gaps);
        found.extend(of_listener(listener, &rules.items));
    }
    (found, gaps)
}

/// Every forward of a listener. The default rule is among its rules; the listener tells it too, should they be unread.
fn of_listener<'s>(listener: Ref<'s>, rules: &[Ref<'s>]) -> Vec<Forward<'s>> {
    let mut found = Vec::new();
    let mut collect = |by: Ref<'s>, default: bool, actions: &'s [Action]| {
        let forwarding = actions.iter().filter(|action| action.r#type == "forward");
        for WeightedGroup { target_group, weight } in forwarding.flat_map(|action| &action.targets) {
            found.push(Forward { listener, by, default, group: target_group, weight: weight.unwrap_or(1) });
        }
    };
    let mut default_read = false;
    for rule in rules {
        let facts = World::facts::<ListenerRule>(rule);
        default_read |= facts.is_default;
        collect(rule, facts.is_default, &facts.actions);
    }
    if !default_read {
        collect(listener, true, &World::facts::<Listener>(listener).default_actions);
    }
    found
}

impl Forward<'_> {
    /// The group's name.
    pub(crate) fn name(&self) -> &str {
        let name = Arn::parse(self.group).and_then(|arn| arn.resource.split('/').nth(1));
        name.unwrap_or(self.group)
    }

    /// The hops to the group.
    pub(crate) fn evidence(&self) -> Vec<Evidence> {
        let port = World::facts::<Listener>(self.listener).port;
        vec![hop(self.listener, "port", port), hop(self.by, "forward", self.group)]
    }

    /// What every relation that follows forwards says of one: port, protocol, target group and weight.
    pub(crate) fn attributes(&self) -> Vec<(&'static str, Result<Value, Gap>)> {
        let listener = World::facts::<Listener>(self.listener);
        vec![
            ("port", Ok(json!(listener.port))),
            ("protocol", Ok(json!(listener.protocol))),
            ("target_group", Ok(json!(self.group))),
            ("weight", Ok(json!(self.weight))),
        ]
    }
}

pub(crate) fn is(target: &Target, state: &str) -> bool {
    target.state.as_deref() == Some(state)
}

/// Why a count of no healthy target among these may be over in a moment.
pub(crate) fn on_the_move<'t>(targets: impl IntoIterator<Item = &'t Target>) -> Option<String> {
    let target = targets.into_iter().find(|target| is(target, "initial") || is(target, "draining"))?;
    Some(format!("target {} is {}", target.id, target.state.as_deref().unwrap_or_default()))
}
