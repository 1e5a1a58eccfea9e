//! The pods that an object stands for, and where they lie.

use crate::model::kind::Kind;
use crate::model::kubernetes::workload::{Deployment, Pod, ReplicaSet};
use crate::model::seen::Gap;
use crate::rules::kubernetes::in_namespace;
use crate::rules::kubernetes::rollout::moving;
use crate::rules::path::places::Places;
use crate::rules::path::{aws, azure};
use crate::rules::{Ref, World};

/// Some pods, and the gaps behind which there may be more.
#[derive(Debug, Default)]
pub(super) struct Pods<'s> {
    pub(super) known: Vec<Ref<'s>>,
    pub(super) gaps: Vec<Gap>,
}

impl<'s> Pods<'s> {
    pub(super) fn places(&self, of: Ref<'s>, cluster: Ref<'s>, world: &World<'s>) -> Places<'s> {
        let mut all = places(of, &self.known, cluster, world);
        all.gaps.extend(self.gaps.iter().cloned());
        all
    }
}

/// Where these pods lie. Those of one object that lie alike are one place.
pub(super) fn places<'s>(of: Ref<'s>, pods: &[Ref<'s>], cluster: Ref<'s>, world: &World<'s>) -> Places<'s> {
    let mut all = Places::default();
    for pod in pods {
        let Places { known, gaps } = if cluster.kind() == Kind::EksCluster {
            aws::pod_places(pod, cluster, world)
        } else {
            azure::pod_places(pod, cluster, world)
        };
        all.known.extend(known);
        all.gaps.extend(gaps);
    }
    all.gaps.sort_unstable();
    all.gaps.dedup();
    if pods.len() > 1 && cluster.kind() == Kind::EksCluster {
        all.known = aws::alike(of, all.known);
    }
    all
}

/// The pods of a deployment that are there to stay: by its replica sets. None at all may be over in a moment.
pub(super) fn of_deployment<'s>(of: Ref<'s>, facts: &'s Deployment, world: &World<'s>) -> Pods<'s> {
    let sets = in_namespace(Kind::K8sReplicaSet, &facts.namespace, &of.scope, world);
    let all = in_namespace(Kind::K8sPod, &facts.namespace, &of.scope, world);
    let mut pods = Pods { known: Vec::new(), gaps: [sets.gaps, all.gaps].concat() };
    for set in sets.items {
        let set = World::facts::<ReplicaSet>(set);
        if set.deployment.as_deref() == Some(&facts.uid) {
            let own = world.linked(Kind::K8sPod, &set.uid).into_iter();
            pods.known.extend(own.filter(|pod| {
                let facts = World::facts::<Pod>(pod);
                facts.owner.as_deref() == Some(&set.uid) && is_there(facts)
            }));
        }
    }
    if pods.known.is_empty() && pods.gaps.is_empty() {
        pods.gaps.extend(moving(of));
    }
    pods
}

pub(super) fn is_there(pod: &Pod) -> bool {
    !pod.deleting && !pod.addresses.is_empty()
}
