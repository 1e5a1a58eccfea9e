//! `csv`: a row a finding, for spreadsheets and databases. RFC 4180: a header, CRLF, every cell in quotes; UTF-8 without
//! a mark in front of it.
//!
//! What nobody judges is a row of status `UNASSESSED`. A failure or doubt of the baseline that is no finding any more is a
//! row with the verdict that it had then, of the baseline's env and time, whose `change` is `absent`: whoever counts this
//! run's verdicts leaves those out.
//!
//! Whoever names a resource must not write a formula into somebody's spreadsheet: where a cell begins, an apostrophe is
//! put before a character that makes one (and before an apostrophe). A program that splits at other delimiters, or takes
//! quotes for text, sees cells begin elsewhere: the same goes for what follows `,`, `;`, `|` or `"`. Dropping one
//! apostrophe in each of these places gives the text back. What does not show is written as an escape, and a cell is cut
//! at [`LONGEST`] columns, with an ellipsis; `json` has it whole.

use std::io;

use chrono::{DateTime, SecondsFormat, Utc};

use super::Report;
use super::text::clean;
use crate::model::run::{Change, Disposition, Finding, Run, Unassessed};

/// In columns. Spreadsheets take 32,767 characters a cell: enough for as many columns with marks upon them.
const LONGEST: usize = 4000;

const HEADER: [&str; 26] = [
    "env",
    "design",
    "check",
    "status",
    "waived",
    "severity",
    "basis",
    "subject_kind",
    "subject_id",
    "subject_name",
    "subject_account",
    "subject_region",
    "message",
    "says",
    "why",
    "fix",
    "cite",
    "caused_by",
    "waiver_reason",
    "waiver_owner",
    "waiver_expires",
    "policy_file",
    "policy_line",
    "id",
    "change",
    "captured_at",
];

pub(super) struct Csv;

impl Report for Csv {
    fn id(&self) -> &'static str {
        "csv"
    }

    fn write(&self, run: &Run, out: &mut dyn io::Write) -> io::Result<()> {
        row(&HEADER, out)?;
        let origin = Origin { env: &run.env, captured_at: time(run.captured_at) };
        for audit in &run.audits {
            for finding in &audit.findings {
                let change = finding.change.map_or("", Change::as_str);
                origin.finding(finding, change, out)?;
            }
            for unassessed in &audit.unassessed {
                origin.unassessed(&audit.design.id, unassessed, out)?;
            }
        }
        let Some(baseline) = &run.baseline else { return Ok(()) };
        let origin = Origin { env: &baseline.env, captured_at: time(baseline.captured_at) };
        baseline.absent.iter().try_for_each(|finding| origin.finding(finding, "absent", out))
    }
}

/// The run that rows are of.
struct Origin<'r> {
    env: &'r str,
    captured_at: String,
}

impl Origin<'_> {
    fn finding(&self, finding: &Finding, change: &str, out: &mut dyn io::Write) -> io::Result<()> {
        let Finding { subject, policy, .. } = finding;
        let (waived, reason, owner, expires) = match &finding.disposition {
            Some(Disposition::Waived { reason, owner, expires, .. }) => {
                ("true", reason.as_str(), owner.as_str(), expires.as_str())
            }
            None => ("false", "", "", ""),
        };
        let cells: [&str; HEADER.len()] = [
            self.env,
            finding.design(),
            &finding.check,
            finding.status.as_str(),
            waived,
            finding.severity.as_str(),
            finding.basis.as_str(),
            &subject.kind,
            &subject.id,
            &subject.name,
            &subject.account,
            &subject.region,
            &finding.message,
            &finding.says,
            &finding.why,
            &finding.fix,
            &finding.cite,
            &finding.caused_by.join(" "),
            reason,
            owner,
            expires,
            &policy.file,
            &policy.line.to_string(),
            &finding.id,
            change,
            &self.captured_at,
        ];
        row(&cells, out)
    }

    fn unassessed(&self, design: &str, unassessed: &Unassessed, out: &mut dyn io::Write) -> io::Result<()> {
        let Unassessed { id, says, cite, why, policy } = unassessed;
        let line = policy.line.to_string();
        let check = format!("{design}/{id}");
        let cell = |name| match name {
            "env" => self.env,
            "design" => design,
            "check" => check.as_str(),
            "status" => "UNASSESSED",
            "waived" => "false",
            "message" => why.as_str(),
            "says" => says.as_str(),
            "cite" => cite.as_str(),
            "policy_file" => policy.file.as_str(),
            "policy_line" => line.as_str(),
            "captured_at" => self.captured_at.as_str(),
            _ => "",
        };
        row(&HEADER.map(cell), out)
    }
}

fn time(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Secs, true)
}

fn row(cells: &[&str], out: &mut dyn io::Write) -> io::Result<()> {
    let mut line = String::new();
    for cell in cells {
        line.push_str(if line.is_empty() { "\"" } else { ",\"" });
        quote(&clean(cell, LONGEST), &mut line);
        line.push('"');
    }
    line.push_str("\r\n");
    out.write_all(line.as_bytes())
}

/// The text within quotes, nowhere the beginning of a formula.
fn quote(text: &str, line: &mut String) {
    let mut begins = true;
    for c in text.chars() {
        if begins && (c == '\'' || makes_a_formula(c)) {
            line.push('\'');
        }
        if c == '"' {
            line.push('"');
        }
        line.push(c);
        // A program that trims cells sees one begin after its spaces.
        begins = matches!(c, ',' | ';' | '|' | '"') || (begins && c.is_whitespace());
    }
}

/// Where a cell begins with it: those that OWASP lists, of which `clean` leaves no control character, and the minus signs
/// and full-width forms that some take for them.
fn makes_a_formula(c: char) -> bool {
    matches!(c, '=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠' | '﹢' | '﹣' | '﹦' | '﹫' | '−')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::run::{Baseline, Status};
    use crate::report::sample;

    fn written(run: &Run) -> String {
        let mut bytes = Vec::new();
        Csv.write(run, &mut bytes).expect("memory takes every byte");
        String::from_utf8(bytes).expect("text")
    }

    fn cell(text: &str) -> String {
        let mut line = String::new();
        quote(&clean(text, LONGEST), &mut line);
        line
    }

    /// What a reader of one cell does who wants the text back.
    fn given_back(cell: &str) -> String {
        let (mut out, mut begins) = (String::new(), true);
        let mut chars = cell.chars();
        while let Some(mut c) = chars.next() {
            if begins && c == '\'' {
                c = chars.next().expect("an apostrophe guards something");
            }
            out.push(c);
            begins = matches!(c, ',' | ';' | '|' | '"') || (begins && c.is_whitespace());
        }
        out
    }

    #[test]
    fn a_row_a_finding_and_a_header() {
        let run = sample::run();
        let text = written(&run);
        let rows: Vec<&str> = text.split_terminator("\r\n").collect();
        assert_eq!(rows.len(), 1 + run.audits[0].findings.len() + 1);
        assert!(rows[0].starts_with(r#""env","design","check","status","waived","#), "{}", rows[0]);
        assert!(rows.iter().all(|row| row.matches("\",\"").count() == HEADER.len() - 1));
        let waived = rows.iter().find(|row| row.contains("node.database/private")).expect("it stays visible");
        assert!(waived.contains(r#""FAIL","true","critical""#) && waived.contains("OPS-412"), "{waived}");
        assert!(rows[rows.len() - 1].contains(r#""aws-ecs-fargate/release-tags","UNASSESSED""#));
        assert!(!text.replace("\r\n", "").contains(['\r', '\n']));
    }

    #[test]
    fn formulas_are_text_wherever_a_cell_may_begin() {
        for (text, written) in [
            ("=1+1", "'=1+1"),
            ("  =1", "  '=1"),
            ("\u{a0}@SUM(A1)", "\u{a0}'@SUM(A1)"),
            ("+1;=cmd|' /C calc'!A1", "'+1;'=cmd|'' /C calc'!A1"),
            ("a,-1", "a,'-1"),
            (r#"x";"=1"#, r#"x"";""'=1"#),
            ("＝1", "'＝1"),
            ("'=1", "''=1"),
            ("it's 1-1=0", "it's 1-1=0"),
            ("\t=1\r\n@", r"\t=1\r\n@"),
            ("\0", r"\u{0}"),
        ] {
            assert_eq!(cell(text), written);
        }
    }

    #[test]
    fn the_guard_can_be_taken_off() {
        for text in ["", "'", "''", "=", "'=1", ",'", ";;=-'\"'=", "\"\"''", "  'x", "a|'|=|b", "plain"] {
            assert_eq!(given_back(&cell(text).replace("\"\"", "\"")), text);
        }
    }

    #[test]
    fn a_cell_is_bounded() {
        let mut run = sample::run();
        run.audits[0].findings.truncate(1);
        run.audits[0].findings[0].subject.name = "e\u{301}\u{302}\u{303}".repeat(1 << 20);
        run.audits[0].findings[0].message = "=\"".repeat(1 << 20);
        let text = written(&run);
        assert!(text.len() < 100_000, "{}", text.len());
        assert_eq!(text.matches('…').count(), 2);
    }

    #[test]
    fn the_baseline_is_told_apart() {
        let mut run = sample::run();
        run.audits[0].findings[0].change = Some(Change::New);
        let mut gone = sample::finding("node.gone", "aws.vpc", "vpc-gone", "gone");
        gone.status = Status::Unknown;
        run.baseline = Some(Baseline {
            env: "dev".into(),
            captured_at: sample::time(),
            snapshot_digest: String::new(),
            absent: vec![gone],
        });
        let text = written(&run);
        assert_eq!(text.matches(r#","new","#).count(), 1);
        assert_eq!(text.matches(r#","absent","#).count(), 1);
        let row = text.lines().find(|row| row.contains("vpc-gone")).expect("a row");
        assert!(row.contains(r#","UNKNOWN","false","#) && row.contains(r#","absent","#), "{row}");
    }
}
