//! The README's table of what each design checks is made from the designs. `UPDATE=1` writes it anew.

use std::fmt::Write as _;
use std::path::Path;

use stacks_audit::design::{self, Design, Requirement};
use stacks_audit::rules::path::reason::{REASONS, Reason};

const START: &str = "<!-- what each design checks: made by tests/readme.rs -->\n";
const END: &str = "<!-- end -->\n";

#[test]
fn the_readme_says_what_each_design_checks() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let readme = std::fs::read_to_string(&path).expect("the README");
    let (before, rest) = readme.split_once(START).expect("where the table starts");
    let (_, after) = rest.split_once(END).expect("where it ends");
    let designs = design::load(&design::builtin()).expect("the shipped designs are sound").designs;
    let tables: String = designs.values().map(table).collect();
    let made = format!("{before}{START}\n{tables}{END}{after}");
    if std::env::var_os("UPDATE").is_some() {
        return std::fs::write(&path, &made).expect("written");
    }
    assert!(readme == made, "the README's table is not what the designs say: UPDATE=1 writes it");
}

#[test]
fn the_readme_tells_every_reason() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let readme = std::fs::read_to_string(&path).expect("the README");
    let row = |(_, code, about): &(Reason, &str, &str)| format!("| `{code}` | {about} |\n");
    let rows: String = REASONS.iter().map(row).collect();
    assert!(readme.contains(&rows), "the README's table of reasons is not:\n{rows}");
}

fn table(design: &Design) -> String {
    let mut rows = Vec::new();
    for node in &design.nodes {
        rows.push((format!("node.{}", node.id), &node.requirement));
        let asserts = node.asserts.iter();
        rows.extend(asserts.map(|assert| (format!("node.{}/{}", node.id, assert.id), &assert.requirement)));
    }
    rows.extend(design.edges.iter().map(|arrow| (format!("edge.{}", arrow.id), &arrow.requirement)));
    rows.extend(design.paths.iter().map(|path| (format!("path.{}", path.id), &path.requirement)));
    let mut text = format!(
        "<details><summary><code>{}</code>: {} ({} checks)</summary>\n\n| check | what must hold | basis |\n| --- | --- | --- |\n",
        design.id,
        design.title,
        rows.len(),
    );
    for (check, requirement) in rows {
        row(&mut text, &check, requirement);
    }
    for unassessed in &design.unassessed {
        let _ = writeln!(text, "| | {} | not judged: {} |", unassessed.says, unassessed.why);
    }
    text.push_str("\n</details>\n\n");
    text
}

fn row(text: &mut String, check: &str, requirement: &Requirement) {
    let basis = serde_json::to_value(requirement.basis).expect("a word");
    let basis = basis.as_str().expect("a word");
    let _ = writeln!(text, "| `{check}` | {} | {basis} |", requirement.says);
}
