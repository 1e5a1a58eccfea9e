//! Snapshot files that are cut off, changed by hand, from elsewhere, or no snapshots at all.

use std::process::Output;

use crate::harness::{Place, SNAPSHOT, refused, stdout};

fn check(snapshot: impl AsRef<[u8]>) -> Output {
    Place::new().write("account.ndjson", snapshot).check(&[])
}

fn lines() -> Vec<&'static str> {
    SNAPSHOT.lines().collect()
}

#[test]
fn cut_off_is_told_wherever_it_happens() {
    let lines = lines();
    let before_the_end = lines[..lines.len() - 1].join("\n") + "\n";
    let at_a_line = lines[..20].join("\n") + "\n";
    let header_alone = lines[0].to_owned() + "\n";
    for (cut, said) in [
        (&SNAPSHOT[..SNAPSHOT.len() - 1], "ends in the middle"),
        (&SNAPSHOT[..SNAPSHOT.len() - 9], "ends in the middle"),
        (&SNAPSHOT[..SNAPSHOT.len() / 2], "ends in the middle"),
        (&SNAPSHOT[..at_a_line.len() - 1], "line 20 ends in the middle"),
        (&SNAPSHOT[..40], "line 1 ends in the middle"),
        (&*before_the_end, "before its end"),
        (&*at_a_line, "stops after line 20"),
        (&*header_alone, "stops after line 1,"),
    ] {
        refused(&check(cut), 2, &["can't read the snapshot", "account.ndjson", said, "collect again"]);
    }
    refused(&check(""), 2, &["the snapshot is empty"]);
}

#[test]
fn lines_that_were_taken_out_or_moved_are_told() {
    let lines = lines();
    let first = lines.iter().position(|line| line.starts_with(r#"{"kind""#)).expect("resources");
    let without = |at: usize| [&lines[..at], &lines[at + 1..]].concat().join("\n") + "\n";
    for at in [1, first, lines.len() - 2] {
        refused(&check(without(at)), 2, &["lines are missing or were added"]);
    }
    let mut swapped = lines.clone();
    swapped.swap(first, first + 1);
    refused(&check(swapped.join("\n") + "\n"), 2, &["out of order or there twice"]);
    let mut twice = lines.clone();
    twice.insert(first, lines[first]);
    refused(&check(twice.join("\n") + "\n"), 2, &["out of order or there twice"]);
    let after = format!("{SNAPSHOT}{}\n", lines[first]);
    refused(&check(after), 2, &["lines are missing or were added"]);
}

#[test]
fn another_version_of_the_schema_is_told() {
    let newer = SNAPSHOT.replacen("snapshot/v1", "snapshot/v2", 1);
    refused(&check(newer), 2, &["stacks-audit/snapshot/v2", "collect again"]);
    let report = r#"{"schema":"stacks-audit/report/v1"}"#.to_owned() + "\n";
    refused(&check(report), 2, &["stacks-audit/report/v1", "stacks-audit/snapshot/v1"]);
}

#[test]
fn what_is_no_snapshot_is_told_without_its_bytes() {
    // Bytes of every value, in an order that is the same each time.
    let noise: Vec<u8> = (0..50_000_u32).map(|n| n.wrapping_mul(2_654_435_761).to_be_bytes()[0]).collect();
    let output = check(noise);
    refused(&output, 2, &["can't read the snapshot"]);
    refused(&check("<html>\u{1b}[2J</html>\n"), 2, &["line 1 is no snapshot header"]);
    refused(&check([0x28, 0xb5, 0x2f, 0xfd, 1, 2, 3]), 2, &["can't read the snapshot"]);
}

#[test]
fn lines_that_would_exhaust_the_reader_are_told() {
    let header = lines()[0];
    let deep = format!("{header}\n{}\n", "[".repeat(200_000));
    refused(&check(deep), 2, &["line 2 is neither"]);
    let deep = format!(r#"{header}{}{{"kind":"aws.vpc","id":{}{}"#, "\n", r#"{"a":"#.repeat(100_000), "\n");
    refused(&check(deep), 2, &["line 2 is neither"]);
    let long = format!("{header}\n{}\n", "x".repeat(10 << 20));
    let output = check(long);
    refused(&output, 2, &["line 2 is neither"]);
    assert!(output.stderr.len() < 2_000);
}

#[test]
fn a_line_that_is_no_resource_says_where_in_it() {
    let lines = lines();
    let at = lines.iter().position(|line| line.contains("aws.nat_gateway")).expect("one");
    let broken = SNAPSHOT.replacen(r#""kind":"aws.nat_gateway""#, r#""kind":"aws.nat_gatewya""#, 1);
    refused(&check(broken), 2, &[&format!("line {} is neither", at + 1), "aws.nat_gatewya", "column"]);
}

#[test]
fn a_compressed_snapshot_is_the_same_one() {
    let packed = zstd::encode_all(SNAPSHOT.as_bytes(), 3).expect("packed");
    assert_eq!(stdout(&check(&packed)), stdout(&check(SNAPSHOT)));
    refused(&check(&packed[..packed.len() / 2]), 2, &["can't read the snapshot"]);
}

#[test]
fn a_snapshot_that_is_not_there_or_a_folder_is_told() {
    let place = Place::new();
    refused(&place.check(&["--from", "nowhere.ndjson"]), 2, &["can't read the snapshot nowhere.ndjson"]);
    let output = place.check(&["--from", "."]);
    assert!(matches!(output.status.code(), Some(2 | 4)), "{:?}", output.status);
    assert!(output.stdout.is_empty());
}
