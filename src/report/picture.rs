//! A path as a picture: a line a hop, beside it the rules that let packets through, and at the end what came of them.

use serde_json::Value;

use super::Style;
use super::page::{Page, Tone};
use super::text::{clean, short_id, short_kind, width};
use crate::model::run::{Evidence, Status};

/// What is drawn. The evidence is a path's: hops, each followed by its rules.
pub struct Picture<'a> {
    /// What it is a picture of.
    pub head: &'a str,
    pub evidence: &'a [Evidence],
    pub status: Status,
    /// The mark and the word that the end begins with.
    pub mark: &'a str,
    /// What came of it, in one sentence.
    pub message: &'a str,
    pub assumptions: &'a [String],
}

/// Widest name of a hop, and widest rule.
const NAME: usize = 40;
const RULE: usize = 160;
/// What rules need beside their hop; with less they stand below it.
const ROOM: usize = 36;
const BELOW: usize = 10;

struct Line<'a> {
    name: String,
    kind: String,
    resource: &'a str,
    rules: Vec<String>,
}

impl Picture<'_> {
    pub fn draw(&self, style: Style) -> String {
        let mut page = Page::new(style);
        page.hanging("", Tone::Plain, &clean(self.head, 400), Tone::Strong);
        let lines = self.lines(style);
        let names = lines.iter().map(|line| width(&line.name)).max().unwrap_or(0);
        let kinds = lines.iter().map(|line| width(&line.kind)).max().unwrap_or(0);
        for (at, line) in lines.iter().enumerate() {
            let arrow = if at == 0 { "    " } else { "  ↓ " };
            let pad = |text: &str, to: usize| " ".repeat(to.saturating_sub(width(text)));
            let lead = format!(
                "{arrow}{}{}  {}{}  ",
                line.name,
                pad(&line.name, names),
                line.kind,
                pad(&line.kind, kinds)
            );
            let beside = width(&lead) + ROOM <= style.width;
            match line.rules.first().filter(|_| beside) {
                Some(first) => page.hanging(&lead, Tone::Plain, first, Tone::Faint),
                None => page.line(&lead),
            }
            let indent = " ".repeat(if beside { width(&lead) } else { BELOW });
            let rest = line.rules.iter().skip(usize::from(beside));
            rest.for_each(|rule| page.hanging(&indent, Tone::Plain, rule, Tone::Faint));
        }
        page.hanging(
            &format!("  {}  ", self.mark),
            Tone::of(self.status),
            &clean(self.message, 2_000),
            Tone::Strong,
        );
        for missing in self.evidence.iter().filter(|it| it.is_missing()) {
            page.hanging("      not read: ", Tone::Faint, &told(missing, ""), Tone::Plain);
        }
        for assumption in self.assumptions {
            page.hanging("      assumes: ", Tone::Faint, &clean(assumption, 400), Tone::Plain);
        }
        page.finish()
    }

    fn lines(&self, style: Style) -> Vec<Line<'_>> {
        let mut lines: Vec<Line<'_>> = Vec::new();
        for it in self.evidence {
            match it.fact.as_str() {
                "hop" => lines.push(Line {
                    name: clean(text(&it.value["at"]), NAME).into_owned(),
                    kind: match text(&it.value["kind"]) {
                        // It says all there is to say of it.
                        "internet" => String::new(),
                        kind => clean(&short_kind(kind, true), NAME).into_owned(),
                    },
                    resource: &it.resource,
                    rules: Vec::new(),
                }),
                "reason" => {}
                _ if it.is_missing() => {}
                _ => {
                    if let Some(line) = lines.last_mut() {
                        let max = if style.verbose { 4_000 } else { RULE };
                        let rule = clean(&told(it, line.resource), max).into_owned();
                        // The same rule may let packets out and their answers in.
                        if !line.rules.contains(&rule) {
                            line.rules.push(rule);
                        }
                    }
                }
            }
        }
        lines
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// A fact and its value, and whose it is, where that is not the hop itself.
fn told(it: &Evidence, hop: &str) -> String {
    let value = plainly(&it.value);
    if it.is_missing() {
        let of = if it.resource.is_empty() { String::new() } else { format!(" {}", short_id(&it.resource)) };
        return clean(&format!("{}{of}: {value}", it.call), RULE * 2).into_owned();
    }
    let own = it.resource == hop || it.resource.is_empty();
    let of = if own { String::new() } else { format!("{}: ", short_id(&it.resource)) };
    format!("{of}{} {value}", it.fact)
}

/// A value without the signs of JSON: what is absent or empty is left out.
fn plainly(value: &Value) -> String {
    let parts: Vec<String> = match value {
        Value::Null => Vec::new(),
        Value::String(text) if text.starts_with("/subscriptions/") || text.starts_with("arn:") => {
            vec![short_id(text).to_owned()]
        }
        Value::String(text) => vec![text.clone()],
        Value::Array(items) => items.iter().map(plainly).filter(|part| !part.is_empty()).collect(),
        Value::Object(members) => {
            let told = members.iter().map(|(name, value)| (name, plainly(value)));
            told.filter(|(_, value)| !value.is_empty())
                .map(|(name, value)| format!("{name} {value}"))
                .collect()
        }
        other => vec![other.to_string()],
    };
    parts.join(", ")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn fact(fact: &str, resource: &str, value: Value) -> Evidence {
        let call = "ec2:DescribeRouteTables".to_owned();
        Evidence { fact: fact.to_owned(), value, resource: resource.to_owned(), call, scope: None, at: None }
    }

    fn hop(at: &str, kind: &str) -> Evidence {
        fact("hop", at, json!({ "at": at, "kind": kind }))
    }

    fn drawn(evidence: &[Evidence], status: Status, message: &str, style: Style) -> String {
        Picture {
            evidence,
            status,
            mark: crate::report::page::label(status),
            head: "web",
            message,
            assumptions: &["Nobody relays.".to_owned()],
        }
        .draw(style)
    }

    const PLAIN: Style = Style { width: 80, colour: false, unicode: true, verbose: false };

    #[test]
    fn a_line_a_hop_with_its_rules_beside_it() {
        let evidence = [
            hop("web", "aws.ecs_service"),
            fact("egress", "sg-1", json!({ "protocol": "tcp", "cidrs": ["0.0.0.0/0"], "groups": [] })),
            hop("subnet-a", "aws.subnet"),
            fact("routes", "rtb-1", json!("0.0.0.0/0 → nat-1")),
            fact("zone", "subnet-a", json!("us-west-1a")),
            hop("internet", "internet"),
        ];
        let expected = concat!(
            "web\n",
            "    web       ecs_service  sg-1: egress protocol tcp, cidrs 0.0.0.0/0\n",
            "  ↓ subnet-a  subnet       rtb-1: routes 0.0.0.0/0 → nat-1\n",
            "                           zone us-west-1a\n",
            "  ↓ internet\n",
            "  ✓ PASS  reachable\n",
            "      assumes: Nobody relays.\n",
        );
        assert_eq!(drawn(&evidence, Status::Pass, "reachable", PLAIN), expected);
    }

    #[test]
    fn a_loss_ends_with_its_reason_and_an_open_end_with_what_is_missing() {
        let evidence = [
            hop("web", "aws.ecs_service"),
            hop("subnet-a", "aws.subnet"),
            fact("reason", "subnet-a", json!({ "code": "acl-return", "packet": null, "says": "x" })),
        ];
        let expected = concat!(
            "web\n",
            "    web       ecs_service\n",
            "  ↓ subnet-a  subnet\n",
            "  ✗ FAIL  lost at subnet-a [acl-return]: x\n",
            "      assumes: Nobody relays.\n",
        );
        assert_eq!(drawn(&evidence, Status::Fail, "lost at subnet-a [acl-return]: x", PLAIN), expected);
        // An earlier report names the call.
        for missing in [Evidence::NOT_READ, "ec2:DescribeRouteTables"] {
            let evidence = [hop("web", "aws.ecs_service"), fact(missing, "", json!("denied"))];
            let expected = concat!(
                "web\n",
                "    web  ecs_service\n",
                "  ? UNKNOWN  can't be told beyond web\n",
                "      not read: ec2:DescribeRouteTables: denied\n",
                "      assumes: Nobody relays.\n",
            );
            assert_eq!(drawn(&evidence, Status::Unknown, "can't be told beyond web", PLAIN), expected);
        }
    }

    #[test]
    fn rules_stand_below_their_hop_where_there_is_no_room_beside_it() {
        let id = "/subscriptions/1/resourcegroups/core/providers/x/publicips/out";
        let evidence =
            [hop("web", "aws.ecs_service"), fact("frontends", "web", json!({ "ip": id, "name": null }))];
        let narrow = drawn(&evidence, Status::Pass, "reachable", Style { width: 40, ..PLAIN });
        assert!(narrow.starts_with("web\n    web  ecs_service\n          frontends ip out\n"), "{narrow}");
    }

    #[test]
    fn whatever_a_resource_is_called_stays_on_its_line_and_paints_nothing() {
        let hostile = "a\u{1b}[2Jb\nc\u{202e}d";
        let evidence = [
            fact("hop", "x", json!({ "at": hostile, "kind": hostile })),
            fact(hostile, hostile, json!(hostile)),
            fact(Evidence::NOT_READ, hostile, json!(hostile)),
        ];
        let plain = drawn(&evidence, Status::Fail, hostile, Style { unicode: false, ..PLAIN });
        assert!(plain.is_ascii() && !plain.contains('\u{1b}'), "{plain:?}");
        let painted = drawn(&evidence, Status::Fail, hostile, Style { colour: true, ..PLAIN });
        assert!(!painted.contains("\u{1b}[2J") && !painted.contains('\u{202e}'), "{painted:?}");
    }
}
