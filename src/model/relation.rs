//! The relations that arrows can name: their ends and attributes. `rules` implements them, one file each.

mod derived;
mod entry;
mod network;
mod rights;
mod workload;

pub use self::derived::{DERIVED, DerivedField};
use super::call::Source;
use super::kind::Kind;

#[derive(Debug)]
pub struct RelationMeta {
    pub name: &'static str,
    /// One sentence: what an edge of it states.
    pub about: &'static str,
    pub from: &'static [Kind],
    pub to: &'static [Kind],
    pub attributes: &'static [Attribute],
    /// What it may have to ask to find its edges, beside the kind it starts from: for the permissions of a design.
    pub reads: &'static [&'static Source],
    /// What it may have to ask where it starts from one of these kinds alone.
    pub reads_from: &'static [(Kind, &'static [&'static Source])],
    /// Each kind of end is a statement of its own (a load balancer is placed in subnets *and* in a VPC): `only` and
    /// `forbid` then range over the kinds of the arrow's end alone. Otherwise they range over every edge.
    pub by_kind: bool,
}

#[derive(Debug)]
pub struct Attribute {
    pub name: &'static str,
    pub r#type: AttributeType,
    pub about: &'static str,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AttributeType {
    Bool,
    Int,
    String,
    /// Absent where it does not apply.
    OptionalString,
    OptionalBool,
    Strings,
}

impl RelationMeta {
    pub fn attribute(&self, name: &str) -> Option<&'static Attribute> {
        self.attributes.iter().find(|attribute| attribute.name == name)
    }

    /// What it may have to ask where it starts from any of these kinds.
    pub fn reads_of(&self, from: &[Kind]) -> Vec<&'static Source> {
        let own = self.reads_from.iter().filter(|(kind, _)| from.contains(kind));
        self.reads.iter().chain(own.flat_map(|(_, sources)| *sources)).copied().collect()
    }
}

const fn attribute(name: &'static str, r#type: AttributeType, about: &'static str) -> Attribute {
    Attribute { name, r#type, about }
}

pub fn relation(name: &str) -> Option<&'static RelationMeta> {
    RELATIONS.iter().find(|meta| meta.name == name)
}

/// Sorted by name.
pub const RELATIONS: &[RelationMeta] = &[
    network::ADMITS,
    entry::ANSWERS_AT,
    entry::ASKS_AT,
    rights::ASSUMES,
    network::ATTACHED_TO,
    workload::DEPLOYS_TO,
    entry::DISPATCHES_TO,
    network::EXPOSED_BY,
    entry::FORWARDS_TO,
    network::GUARDED_BY,
    workload::IN_GROUP,
    workload::LOGS_TO,
    rights::MAY_USE,
    network::PLACED_IN,
    rights::PULLS_FROM,
    rights::PUSHES_TO,
    network::REACHES,
    rights::READS,
    entry::RECEIVES_FROM,
    entry::RELAYS_TO,
    entry::RESOLVES_TO,
    network::ROUTES_TO,
    workload::RUNS,
    workload::RUNS_IN,
    entry::SELECTS,
    entry::SENDS_TO,
    entry::SERVED_BY,
    workload::STORES_IN,
    entry::TERMINATES_TLS_WITH,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn relations_are_sorted_and_unique() {
        assert!(RELATIONS.windows(2).all(|pair| pair[0].name < pair[1].name));
    }

    #[test]
    fn what_is_read_from_a_kind_alone_is_of_a_kind_it_starts_from() {
        for relation in RELATIONS {
            for (kind, _) in relation.reads_from {
                assert!(relation.from.contains(kind), "{} does not start from {kind}", relation.name);
            }
        }
    }
}
