//! The drawing as boxes, frames and arrows with their verdicts: what pictures of it are made from.

mod beside;

use std::collections::BTreeMap;

pub(super) use beside::{Beside, Sort, lines};

use super::text::{clean, short_kind};
use crate::model::run::{Audit, Finding, GroupForm, GroupResult, NodeResult, Run, Status};

/// A design, or an audit of it, as a drawing. Frames stand before those within them.
#[derive(Clone, Debug, Default)]
pub struct Diagram {
    pub frames: Vec<Frame>,
    pub boxes: Vec<Shape>,
    pub arrows: Vec<Arrow>,
    /// What was judged as well and has no place among boxes, the worst first.
    pub(super) beside: Vec<Beside>,
}

/// What boxes are drawn in.
#[derive(Clone, Debug)]
pub struct Frame {
    pub title: String,
    pub form: GroupForm,
    /// The frame it lies in, by its place in the list.
    pub within: Option<usize>,
}

#[derive(Clone, Debug)]
pub struct Shape {
    /// The node's id, whole, so that no two are the same.
    pub id: String,
    /// Its id as it is shown: cut where it is long.
    pub name: String,
    /// What it stands for: its kind, and how many were found.
    pub about: String,
    pub verdict: Option<Verdict>,
    pub within: Option<usize>,
}

impl Shape {
    /// A box without a verdict.
    pub fn new(id: &str, about: &str, within: Option<usize>) -> Self {
        Self {
            id: clean(id, usize::MAX).into_owned(),
            name: clean(id, WIDEST).into_owned(),
            about: clean(about, ABOUT).into_owned(),
            verdict: None,
            within,
        }
    }
}

#[derive(Clone, Debug)]
pub struct Arrow {
    pub id: String,
    /// Boxes, by their place in the list.
    pub from: usize,
    pub to: usize,
    pub label: String,
    pub verdict: Option<Verdict>,
}

/// A status as it is painted: what waivers cover in full is neither well nor an alarm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    NotApplicable,
    Pass,
    Waived,
    Unknown,
    Fail,
}

impl Verdict {
    pub const ALL: [Self; 5] = [Self::Fail, Self::Unknown, Self::Waived, Self::Pass, Self::NotApplicable];

    /// Of a whole run: what waivers cover in full is no alarm.
    pub fn of_run(run: &Run) -> Self {
        Self::of(run.status, run.findings()).within(run)
    }

    /// Of one of its audits.
    pub fn of_audit(run: &Run, audit: &Audit) -> Self {
        Self::of(audit.status, &audit.findings).within(run)
    }

    /// Where a run is no verdict, nothing is green.
    fn within(self, run: &Run) -> Self {
        match self {
            Self::Pass | Self::Waived if run.no_verdict.is_some() => Self::Unknown,
            told => told,
        }
    }

    /// Of a status and the findings that make it.
    pub fn of<'f>(status: Status, findings: impl IntoIterator<Item = &'f Finding>) -> Self {
        match status {
            Status::Pass => Self::Pass,
            Status::NotApplicable => Self::NotApplicable,
            Status::Fail | Status::Unknown => {
                let wrong = findings.into_iter().filter(|it| it.status.is_wrong());
                let (waived, open): (Vec<&Finding>, Vec<_>) = wrong.partition(|it| it.disposition.is_some());
                match Status::roll_up(open.iter().map(|it| it.status)) {
                    Status::Fail => Self::Fail,
                    Status::Unknown => Self::Unknown,
                    _ if !waived.is_empty() => Self::Waived,
                    // Nobody says why: no less than it is.
                    _ if status == Status::Unknown => Self::Unknown,
                    _ => Self::Fail,
                }
            }
        }
    }

    /// Of one finding.
    pub fn one(finding: &Finding) -> Self {
        Self::of(finding.status, [finding])
    }

    /// The class it has in style sheets.
    pub fn class(self) -> &'static str {
        match self {
            Self::NotApplicable => "na",
            Self::Pass => "pass",
            Self::Waived => "waived",
            Self::Unknown => "unknown",
            Self::Fail => "fail",
        }
    }

    pub fn word(self) -> &'static str {
        match self {
            Self::NotApplicable => "N/A",
            Self::Pass => "PASS",
            Self::Waived => "WAIVED",
            Self::Unknown => "UNKNOWN",
            Self::Fail => "FAIL",
        }
    }

    /// Tells it apart where colours don't.
    pub fn mark(self) -> &'static str {
        match self {
            Self::NotApplicable => "–",
            Self::Pass => "✓",
            Self::Waived => "~",
            Self::Unknown => "?",
            Self::Fail => "✗",
        }
    }
}

/// Widest id and title, and what is said of a box; what is longer is cut.
const WIDEST: usize = 34;
const ABOUT: usize = 60;
/// So many frames lie in each other; a box of a file that names more lies in the last of these.
const DEEPEST: usize = 16;

impl Diagram {
    /// What was judged, in its verdicts.
    pub fn of(audit: &Audit) -> Self {
        let mut findings: BTreeMap<&str, Vec<&Finding>> = BTreeMap::new();
        for finding in &audit.findings {
            // A node's asserts are told with it.
            let own = audit.short(&finding.check);
            let drawn = own.split_once('/').map_or(own, |(node, _)| node);
            findings.entry(drawn).or_default().push(finding);
        }
        let verdict = |of: String, status: Status| {
            let own = findings.get(of.as_str()).map(Vec::as_slice).unwrap_or_default();
            Some(Verdict::of(status, own.iter().copied()))
        };
        let mut diagram = Self::default();
        let mut frames = Frames::new(&audit.groups);
        for node in &audit.nodes {
            let within = frames.of(&node.groups, &mut diagram.frames);
            let own = format!("node.{}", node.id);
            let count =
                findings.get(own.as_str()).into_iter().flatten().filter(|it| it.check.ends_with(&own));
            let fits = count.into_iter().all(|it| it.status <= Status::Pass);
            let verdict = verdict(own, node.status);
            diagram.boxes.push(Shape { verdict, ..Shape::new(&node.id, &about(node, fits), within) });
        }
        let places: BTreeMap<&str, usize> =
            audit.nodes.iter().enumerate().map(|(at, node)| (node.id.as_str(), at)).collect();
        for edge in &audit.edges {
            // Above the level of the run an arrow's end may be no node of it.
            let (Some(from), Some(to)) = (places.get(edge.from.as_str()), places.get(edge.to.as_str()))
            else {
                continue;
            };
            diagram.arrow(
                &edge.id,
                (*from, *to),
                (&edge.rel, edge.forbid),
                verdict(format!("edge.{}", edge.id), edge.status),
            );
        }
        diagram.beside = beside::of(audit);
        diagram
    }

    /// Adds an arrow; one that must not be says so.
    pub fn arrow(
        &mut self,
        id: &str,
        (from, to): (usize, usize),
        (rel, forbid): (&str, bool),
        verdict: Option<Verdict>,
    ) {
        let label = if forbid { format!("never {rel}") } else { rel.to_owned() };
        self.arrows.push(Arrow {
            id: clean(id, usize::MAX).into_owned(),
            from,
            to,
            label: clean(&label, WIDEST).into_owned(),
            verdict,
        });
    }
}

/// The frames of a drawing, each made where the first box in it is.
pub struct Frames<'a> {
    groups: &'a [GroupResult],
    known: BTreeMap<Vec<String>, usize>,
}

impl<'a> Frames<'a> {
    pub fn new(groups: &'a [GroupResult]) -> Self {
        Self { groups, known: BTreeMap::new() }
    }

    /// The innermost frame of a box that lies in these groups, the outermost first.
    pub fn of(&mut self, groups: &[String], frames: &mut Vec<Frame>) -> Option<usize> {
        let groups = &groups[..groups.len().min(DEEPEST)];
        let (id, outer) = groups.split_last()?;
        if let Some(known) = self.known.get(groups) {
            return Some(*known);
        }
        let within = self.of(outer, frames);
        let described = self.groups.iter().find(|group| group.id == *id);
        frames.push(Frame {
            title: clean(described.map_or(id, |group| &group.title), WIDEST).into_owned(),
            form: described.map(|group| group.form).unwrap_or_default(),
            within,
        });
        self.known.insert(groups.to_vec(), frames.len() - 1);
        Some(frames.len() - 1)
    }
}

fn about(node: &NodeResult, fits: bool) -> String {
    let kind = short_kind(&node.kind, false).replace('_', " ");
    let expected = node.count.expected.strip_suffix("..").map(|least| format!("{least}+"));
    let expected = expected.as_deref().unwrap_or(&node.count.expected);
    let of = if fits { String::new() } else { format!(" of {expected}") };
    // That none was found is no news where they could not be looked for.
    let unread = node.status == Status::Unknown && !fits && node.bound.is_empty();
    let found = if unread { "?".to_owned() } else { node.bound.len().to_string() };
    format!("{kind} · {found}{of}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::run::Disposition;
    use crate::report::sample;

    #[test]
    fn boxes_lie_in_the_frames_of_their_groups() {
        let mut run = sample::run();
        let audit = &mut run.audits[0];
        audit.groups =
            vec![GroupResult { id: "net".into(), title: "Network".into(), form: GroupForm::Network }];
        audit.nodes[0].groups = vec!["net".into(), "inner".into()];
        audit.nodes[1].groups = vec!["net".into()];
        let diagram = Diagram::of(audit);
        let titles: Vec<_> =
            diagram.frames.iter().map(|frame| (frame.title.as_str(), frame.within)).collect();
        assert_eq!(titles[..2], [("Network", None), ("inner", Some(0))]);
        assert_eq!((diagram.boxes[0].within, diagram.boxes[1].within), (Some(1), Some(0)));
        assert_eq!(diagram.frames[0].form, GroupForm::Network);
    }

    #[test]
    fn frames_lie_only_so_deep() {
        let groups: Vec<String> = (0..30_000).map(|at| format!("g{at}")).collect();
        let (mut frames, mut known) = (Vec::new(), Frames::new(&[]));
        assert_eq!(known.of(&groups, &mut frames), Some(DEEPEST - 1));
        assert_eq!(known.of(&groups[..DEEPEST], &mut frames), Some(DEEPEST - 1));
        assert_eq!((frames.len(), frames[DEEPEST - 1].title.as_str()), (DEEPEST, "g15"));
    }

    #[test]
    fn every_box_and_arrow_has_its_verdict() {
        let run = sample::run();
        let diagram = Diagram::of(&run.audits[0]);
        let of = |id: &str| diagram.boxes.iter().find(|shape| shape.id == id).and_then(|shape| shape.verdict);
        assert_eq!(of("vpc"), Some(Verdict::Pass));
        assert_eq!(of("nat"), Some(Verdict::Fail));
        let ids: Vec<&str> = diagram.arrows.iter().map(|arrow| arrow.id.as_str()).collect();
        assert!(ids.contains(&"private-nat"), "{ids:?}");
        assert!(diagram.arrows.iter().all(|arrow| arrow.verdict.is_some()));
    }

    #[test]
    fn ids_that_begin_alike_stay_two_and_none_is_too_wide() {
        let long = "a-name-of-a-node-that-goes-on-and-on-";
        let mut run = sample::run();
        let audit = &mut run.audits[0];
        audit.nodes = ["one", "two"]
            .map(|end| sample::node(&format!("{long}{end}"), "aws.vpc", Status::Pass, "1", &[]))
            .into();
        let boxes = Diagram::of(audit).boxes;
        assert_ne!(boxes[0].id, boxes[1].id);
        assert!(boxes.iter().all(|shape| shape.name.chars().count() <= WIDEST));
    }

    #[test]
    fn none_found_is_said_of_what_was_looked_for_alone() {
        let mut node = sample::node("a", "aws.vpc", Status::Unknown, "1..", &[]);
        assert_eq!(about(&node, false), "vpc · ? of 1+");
        node.bound = vec!["vpc-1".into()];
        assert_eq!(about(&node, false), "vpc · 1 of 1+");
        let lacks = sample::node("a", "aws.vpc", Status::Fail, "1..", &[]);
        assert_eq!(about(&lacks, false), "vpc · 0 of 1+");
    }

    #[test]
    fn what_waivers_cover_is_waived_and_what_they_leave_open_is_not() {
        let waived = |status| {
            let mut finding = sample::finding("node.a", "aws.vpc", "a", "");
            finding.status = status;
            finding.disposition = Some(Disposition::Waived {
                reason: String::new(),
                owner: String::new(),
                approved_by: String::new(),
                expires: String::new(),
            });
            finding
        };
        let covered = waived(Status::Fail);
        assert_eq!(Verdict::of(Status::Fail, [&covered]), Verdict::Waived);
        let open = Finding { disposition: None, ..waived(Status::Unknown) };
        assert_eq!(Verdict::of(Status::Fail, [&covered, &open]), Verdict::Unknown);
        assert_eq!(Verdict::of(Status::Fail, []), Verdict::Fail);
        assert_eq!(Verdict::of(Status::Unknown, []), Verdict::Unknown);
    }
}
