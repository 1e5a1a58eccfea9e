//! Judges what must hold of a box: its asserts, and the custom rules about it.

use super::Case;
use super::bind::Binding;
use super::nodes;
use super::report::{Verdict, Verdicts};
use super::subjects::{View, evidence, missing, subject};
use crate::design::expr::{Expr, Inputs, Prepared};
use crate::design::{Node, Requirement};
use crate::model::kind::Kind;
use crate::model::relation::relation;
use crate::model::run::{Evidence, Status};
use crate::model::seen::Gap;
use crate::rules::Ref;

/// An assert or a rule: the same thing under two names.
struct Claim<'a> {
    check: String,
    that: &'a Expr,
    kinds: &'a [Kind],
    message: Option<&'a Expr>,
    requirement: &'a Requirement,
}

pub(super) fn judge<'s>(
    case: &Case<'_, 's>,
    node: &Node,
    binding: &Binding<'s>,
    verdicts: &mut Verdicts<'_>,
) {
    let asserts = node.asserts.iter().map(|assert| Claim {
        check: format!("node.{}/{}", node.id, assert.id),
        that: &assert.that,
        kinds: &assert.kinds,
        message: None,
        requirement: &assert.requirement,
    });
    let rules = case.question.design.rules.iter().filter(|rule| rule.node == node.id).map(|rule| Claim {
        check: format!("rule.{}", rule.id),
        that: &rule.that,
        kinds: &[],
        message: rule.message.as_ref(),
        requirement: &rule.requirement,
    });
    let claims: Vec<Claim<'_>> =
        asserts.chain(rules).filter(|claim| case.asks(claim.requirement.basis)).collect();
    if claims.is_empty() {
        return;
    }
    // A resource is converted once for all that is claimed of it.
    let exprs: Vec<&Expr> =
        claims.iter().flat_map(|claim| std::iter::once(claim.that).chain(claim.message)).collect();
    let yes: Vec<(Ref<'s>, View)> = binding.yes.iter().map(|r| (*r, case.view(r, &exprs))).collect();
    let maybe: Vec<(Ref<'s>, View)> = binding.maybe.iter().map(|(r, _)| (*r, case.view(r, &exprs))).collect();
    let bound = binding.closed().then(|| bound_list(case, binding, &claims));

    for claim in &claims {
        let requirement = claim.requirement;
        let applies = case.applies(node.requirement.when.as_ref()) && case.applies(requirement.when.as_ref());
        if !applies {
            verdicts.add(&claim.check, requirement, nodes::not_applicable(case, node));
            continue;
        }
        let bound = bound.as_ref().map(|(prepared, gaps)| (prepared, gaps.as_slice()));
        if !binding.closed() {
            verdicts.add(&claim.check, requirement, open(case, node, binding, verdicts));
        }
        if binding.yes.is_empty() && binding.maybe.is_empty() {
            if binding.closed() {
                verdicts.add(&claim.check, requirement, no_subject(case, node, verdicts));
            }
            continue;
        }
        if !claim.that.reads().per_resource() {
            if let Some(bound) = bound {
                verdicts.add(&claim.check, requirement, once(case, node, claim, bound));
            }
            continue;
        }
        for (resource, view) in of_kinds(&yes, claim.kinds) {
            verdicts.add(
                &claim.check,
                requirement,
                each(case, claim, resource, view, bound.map(|(list, _)| list), true),
            );
        }
        for (resource, view) in of_kinds(&maybe, claim.kinds) {
            verdicts.add(&claim.check, requirement, each(case, claim, resource, view, None, false));
        }
        let judged = of_kinds(&yes, claim.kinds).chain(of_kinds(&maybe, claim.kinds)).next().is_some();
        if !judged && binding.closed() {
            let mut verdict = nodes::not_applicable(case, node);
            "no resource of the kinds it is about".clone_into(&mut verdict.message);
            verdicts.add(&claim.check, requirement, verdict);
        }
    }
}

fn of_kinds<'v, 's>(
    views: &'v [(Ref<'s>, View)],
    kinds: &'v [Kind],
) -> impl Iterator<Item = (Ref<'s>, &'v View)> {
    views.iter().filter(|(r, _)| kinds.is_empty() || kinds.contains(&r.kind())).map(|(r, view)| (*r, view))
}

/// The list `bound`, and the gaps among what is read of its elements.
fn bound_list<'s>(
    case: &Case<'_, 's>,
    binding: &Binding<'s>,
    claims: &[Claim<'_>],
) -> (Prepared, Vec<(Ref<'s>, Gap)>) {
    // What is told of one of them is told by its name.
    let name = "name".to_owned();
    let read = claims.iter().filter_map(|claim| claim.that.reads().bound.as_ref()).flatten();
    let fields = read.chain([&name]).collect();
    let views: Vec<(Ref<'s>, View)> = binding.yes.iter().map(|r| (*r, case.view_of(r, &fields))).collect();
    let gaps = views.iter().flat_map(|(r, view)| {
        view.members.values().filter_map(|member| member.as_ref().err()).map(|gap| (*r, gap.clone()))
    });
    let gaps = gaps.collect();
    (Prepared::list(views.into_iter().map(|(_, view)| view.prepared).collect(), false), gaps)
}

/// Judged once for the node.
fn once(
    case: &Case<'_, '_>,
    node: &Node,
    claim: &Claim<'_>,
    (list, gaps): (&Prepared, &[(Ref<'_>, Gap)]),
) -> Verdict {
    let inputs = Inputs { bound: Some(list), ..Inputs::default() };
    let decided = case.decide(claim.that, inputs);
    let gaps: Vec<Gap> =
        if decided.is_err() { gaps.iter().map(|(_, gap)| gap.clone()).collect() } else { Vec::new() };
    case.want(&gaps);
    let message =
        message(case, claim, inputs, decided.as_ref().copied().map_err(ToString::to_string), &node.id);
    Verdict {
        status: status(decided.ok()),
        subject: nodes::subject(case, node),
        key: node.id.clone(),
        message,
        evidence: gaps.iter().map(missing).collect(),
        assumptions: Vec::new(),
        caused_by: Vec::new(),
    }
}

/// Judged for one resource. What is not certain to belong can't fail, and nothing is fetched for its sake.
fn each<'s>(
    case: &Case<'_, 's>,
    claim: &Claim<'_>,
    resource: Ref<'s>,
    view: &View,
    bound: Option<&Prepared>,
    certain: bool,
) -> Verdict {
    let (out, out_gaps) = case.out(resource, claim.that);
    let inputs = Inputs { r: Some(&view.prepared), bound, out: Some(&out), ..Inputs::default() };
    let severed = severed(case, claim.that, resource.kind());
    let decided = if severed.is_some() { Ok(false) } else { case.decide(claim.that, inputs) };
    let mut gaps = Vec::new();
    if decided.is_err() {
        gaps = view.gaps(claim.that);
        gaps.extend(out_gaps);
        gaps.sort();
        gaps.dedup();
        if certain {
            case.want(&gaps);
        }
    }
    let message = if let Some(other) = severed {
        format!("{}: it would have to lead into another cluster, {other}", resource.name)
    } else {
        let decided = decided.as_ref().copied().map_err(ToString::to_string);
        message(case, claim, inputs, decided, &resource.name)
    };
    let status = match status(decided.ok()) {
        Status::Fail if !certain => Status::Unknown,
        status => status,
    };
    let stopped_by = stopped_by(case, claim.that, resource.kind());
    let caused_by = stopped_by.into_iter().filter(|_| status.is_wrong()).collect();
    let mut evidence: Vec<Evidence> = evidence(resource, view, claim.that);
    evidence.extend(case.edges_seen(resource, claim.that));
    evidence.extend(gaps.iter().map(missing));
    Verdict {
        status,
        subject: subject(resource),
        key: resource.natural_key(),
        message,
        evidence,
        assumptions: Vec::new(),
        caused_by,
    }
}

/// The check that says why a claim's edges may not cross to where they lead.
fn stopped_by(case: &Case<'_, '_>, that: &Expr, from: Kind) -> Option<String> {
    let named = |name: &String| relation(name);
    that.reads().out.iter().filter_map(named).find_map(|relation| case.stopped_by(relation, from))
}

/// The API server of another cluster that a claim's edges would have to cross into.
fn severed<'c>(case: &'c Case<'_, '_>, that: &Expr, from: Kind) -> Option<&'c str> {
    let named = |name: &String| relation(name);
    that.reads().out.iter().filter_map(named).find_map(|relation| case.severed(relation, from))
}

fn status(decided: Option<bool>) -> Status {
    match decided {
        Some(true) => Status::Pass,
        Some(false) => Status::Fail,
        None => Status::Unknown,
    }
}

fn message(
    case: &Case<'_, '_>,
    claim: &Claim<'_>,
    inputs: Inputs<'_>,
    decided: Result<bool, String>,
    name: &str,
) -> String {
    match decided {
        Ok(true) => format!("{name}: holds"),
        Ok(false) => {
            let own = claim.message.and_then(|message| case.text(message, inputs).ok());
            own.or_else(|| Some(format!("{name}: {}", case.why_false(claim.that, inputs)?)))
                .unwrap_or_else(|| format!("{name}: does not hold: {}", claim.that.source()))
        }
        Err(why) => format!("{name}: can't be told: {why}"),
    }
}

/// More may belong to the node than is known, so that nothing is sure of all of it.
pub(super) fn open(
    case: &Case<'_, '_>,
    node: &Node,
    binding: &Binding<'_>,
    verdicts: &Verdicts<'_>,
) -> Verdict {
    Verdict {
        status: Status::Unknown,
        subject: nodes::subject(case, node),
        key: node.id.clone(),
        message: format!("what belongs to {} is not fully known", node.id),
        evidence: binding.open_because().into_iter().map(missing).collect(),
        assumptions: Vec::new(),
        caused_by: vec![verdicts.check(&format!("node.{}", node.id))],
    }
}

/// There is nothing to judge: never green by itself.
pub(super) fn no_subject(case: &Case<'_, '_>, node: &Node, verdicts: &Verdicts<'_>) -> Verdict {
    let of_node = verdicts.status(&format!("node.{}", node.id));
    let (status, caused_by) = match of_node {
        Status::Fail | Status::Unknown => (of_node, vec![verdicts.check(&format!("node.{}", node.id))]),
        Status::Pass | Status::NotApplicable => (Status::NotApplicable, Vec::new()),
    };
    Verdict {
        status,
        subject: nodes::subject(case, node),
        key: node.id.clone(),
        message: format!("there is no {} to judge", node.id),
        evidence: Vec::new(),
        assumptions: Vec::new(),
        caused_by,
    }
}
