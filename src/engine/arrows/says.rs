//! What a finding says of an arrow's edges.

use super::Shown;

/// How many ends a message names.
const NAMED: usize = 4;

/// The ends of these, each once. One that is not known by name is told by its gap.
pub(super) fn names<'f>(shown: impl IntoIterator<Item = &'f Shown<'f>>) -> String {
    let mut names: Vec<&str> = Vec::new();
    for name in shown.into_iter().map(|shown| shown.end.label()) {
        if names.len() < NAMED && !name.is_empty() && !names.contains(&name) {
            names.push(name);
        }
    }
    names.join(", ")
}

/// What these lack, where they do: each reason with the ends it is true of.
pub(super) fn lacking(shown: &[&Shown<'_>]) -> Option<String> {
    let mut reasons: Vec<&str> = shown.iter().filter_map(|shown| shown.lacks.as_deref()).collect();
    reasons.sort_unstable();
    reasons.dedup();
    let each = reasons.iter().take(NAMED).map(|why| {
        match names(shown.iter().copied().filter(|shown| shown.lacks.as_deref() == Some(why))).as_str() {
            "" => (*why).to_owned(),
            names => format!("{why}: {names}"),
        }
    });
    (!reasons.is_empty()).then(|| each.collect::<Vec<_>>().join("; "))
}

/// What is said of an arrow's edges.
pub(super) enum Says {
    ItHolds,
    NoneDoes,
    OthersToo,
    ItLacks(String),
    Only(&'static str),
}

impl Says {
    pub(super) fn text(&self, from: &str, relation: &str, to: &str, ends: &str) -> String {
        let named = |before: &str| if ends.is_empty() { String::new() } else { format!("{before}{ends}") };
        match self {
            Self::ItHolds => format!("{from} {relation} {to}{}", named(": ")),
            Self::NoneDoes => format!("{from} {relation} no {to}{}", named(", but ")),
            Self::OthersToo => format!("{from} {relation} {to}, but also {ends}"),
            Self::ItLacks(why) => format!("{from} {relation} {to}, but {why}"),
            Self::Only(why) => format!("{from} {relation} {to}: {why}{}", named(": ")),
        }
    }
}
