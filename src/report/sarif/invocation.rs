//! How the run went: what could not be read, is judged by nobody, or is no longer waived.

use serde_json::{Value, json};

use super::place::place;
use super::{VALUE, clean, literal, time};
use crate::model::run::{Coverage, Run, Unassessed};
use crate::model::snapshot::Outcome;

/// How many calls are told.
const CALLS: usize = 1000;

/// What notifications are about: their ids, and what each says.
const KINDS: [(&str, &str); 5] = [
    ("unread", "A call was not answered in full: what it would have told is UNKNOWN."),
    ("unassessed", "A requirement that nobody judges."),
    ("waiver", "A waiver that covers nothing, or nothing any more."),
    ("left-out", "There is more than this file tells."),
    ("no-verdict", "There is nothing here to build on, whatever the results."),
];

#[derive(Clone, Copy)]
enum Kind {
    Unread,
    Unassessed,
    Waiver,
    LeftOut,
    NoVerdict,
}

pub(super) fn descriptors() -> Value {
    // GitHub's rules ask of notifications what they ask of rules.
    let descriptor = |(id, says): &(&str, &str)| {
        json!({
            "id": id,
            "shortDescription": { "text": says },
            "fullDescription": { "text": says },
            "help": { "text": says },
        })
    };
    KINDS.iter().map(descriptor).collect()
}

/// `left_out` results are not told.
pub(super) fn of(run: &Run, left_out: usize) -> Value {
    let mut of_execution = Vec::new();
    if let Some(why) = &run.no_verdict {
        let says = format!("This is no verdict: {}.", clean(why, 2 * VALUE));
        of_execution.push(notification(Kind::NoVerdict, "error", &says));
    }
    if left_out > 0 {
        let says = format!("{left_out} results are left out: code scanning takes no more in a file.");
        of_execution.push(notification(Kind::LeftOut, "error", &says));
    }
    let mut unread = run.coverage.iter().filter(|call| call.outcome != Outcome::Complete);
    of_execution.extend(unread.by_ref().take(CALLS).map(not_read));
    let more = unread.count();
    if more > 0 {
        let says = format!("{more} more calls were not answered in full, and are left out here.");
        of_execution.push(notification(Kind::LeftOut, "warning", &says));
    }
    of_execution.extend(run.audits.iter().flat_map(|audit| &audit.unassessed).map(not_judged));
    let expired = run.waivers.expired.iter().map(|waiver| ("warning", "has expired", waiver));
    let unused = run.waivers.unused.iter().map(|waiver| ("note", "covers nothing", waiver));
    let waivers = expired.chain(unused).map(|(level, what, waiver)| {
        notification(Kind::Waiver, level, &format!("The waiver of {} {what}.", clean(waiver, VALUE)))
    });
    json!({
        "executionSuccessful": true,
        "startTimeUtc": time(run.started_at),
        "endTimeUtc": time(run.finished_at),
        "toolExecutionNotifications": of_execution,
        "toolConfigurationNotifications": waivers.collect::<Vec<_>>(),
    })
}

fn not_read(call: &Coverage) -> Value {
    let why = call.outcome.why().map_or("", |why| why.as_str());
    let about = if call.key.is_empty() { String::new() } else { format!(" of {}", clean(&call.key, VALUE)) };
    let says =
        format!("{}{about} in {} was not answered in full ({why}): {}", call.call, call.scope, call.detail);
    notification(Kind::Unread, "warning", &clean(&says, 2 * VALUE))
}

fn not_judged(unassessed: &Unassessed) -> Value {
    let Unassessed { id, says, cite, why, policy } = unassessed;
    let text = format!("Nobody judges {id}: {says} ({cite}). Why: {why}");
    let mut notification = notification(Kind::Unassessed, "note", &clean(&text, 4 * VALUE));
    notification["locations"] = json!([place(policy)]);
    notification
}

fn notification(kind: Kind, level: &str, says: &str) -> Value {
    let index = kind as usize;
    json!({
        "descriptor": { "id": KINDS[index].0, "index": index },
        "level": level,
        "message": { "text": literal(says) },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn what_was_not_read_or_not_judged_is_told() {
        let mut run = sample::run();
        run.waivers.unused = vec!["d/node.x (ops@example.com)".to_owned()];
        let said = of(&run, 0);
        let ids = |list: &str| -> Vec<String> {
            let list = said[list].as_array().expect("notifications");
            list.iter().map(|n| n["descriptor"]["id"].as_str().expect("an id").to_owned()).collect()
        };
        assert_eq!(ids("toolExecutionNotifications"), ["unread", "unassessed"]);
        assert_eq!(ids("toolConfigurationNotifications"), ["waiver", "waiver"]);
        let unread = &said["toolExecutionNotifications"][0]["message"]["text"];
        assert!(unread.as_str().expect("text").contains("dynamodb:ListTables in aws/111111111111/us-west-1"));
        assert_eq!(said["startTimeUtc"], "2026-11-20T09:30:00.000Z");
    }

    #[test]
    fn many_calls_are_counted() {
        let mut run = sample::run();
        let denied = run.coverage[0].clone();
        run.coverage.extend(vec![denied; CALLS]);
        let said = of(&run, 0);
        let last = &said["toolExecutionNotifications"][CALLS]["message"]["text"];
        assert!(last.as_str().expect("text").starts_with("1 more calls"), "{last}");
    }
}
