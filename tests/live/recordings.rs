//! An account and its recording are judged alike, and the recording shows no more than it may.

use std::path::{Path, PathBuf};

use crate::emulator::Emulator;
use crate::program::{CONFIG, Program, files};

pub(crate) const LEVELS: [&str; 3] = ["documented", "implementation", "hardening"];
/// Stands for the real account that all projects share.
const STAND_IN: &str = "999999999999";
const REAL: &str = "222222222222";

#[test]
fn a_broken_account_and_its_recording_get_the_same_verdicts() {
    let emulator = Emulator::with("broken");
    let program = Program::on(&emulator);
    program.done(&["record", "--env", "dev", "-o", "recorded"]);
    for level in LEVELS {
        let live = program.check(&["--level", level]);
        assert_eq!(live.code, 1, "{level}");
        assert!(live.with("FAIL").len() >= 8, "{:?}", live.with("FAIL"));
        for from in ["recorded/tape", "recorded/snapshot.ndjson"] {
            let replayed = program.check(&["--level", level, "--from", from]);
            assert_eq!(replayed.code, 1, "{level}, {from}");
            assert_eq!(replayed.verdicts(), live.verdicts(), "{level}, {from}");
        }
    }
}

#[test]
fn a_conformant_account_is_recorded_under_other_numbers() {
    let emulator = Emulator::with_common("dev", REAL);
    let program = Program::on(&emulator);
    program.configure(&CONFIG.replace(STAND_IN, REAL));
    for folder in ["first", "second"] {
        program.done(&["record", "--env", "dev", "-o", folder]);
    }

    for level in LEVELS {
        let live = program.check(&["--level", level]);
        assert_eq!(live.code, 0, "{level}: {:?}", live.checks());
        assert!(live.json.to_string().contains(REAL), "live it is itself");
        let renamed: Vec<String> = live.told().iter().map(|it| it.replace(REAL, STAND_IN)).collect();
        for from in ["first/tape", "first/snapshot.ndjson"] {
            let replayed = program.check(&["--level", level, "--from", from]);
            assert_eq!(replayed.code, 0, "{level}, {from}");
            assert_eq!(replayed.told(), renamed, "{level}, {from}");
        }
    }
    same_bytes(&program.path("first"), &program.path("second"));
    shows_nothing(&program.path("first"));
}

/// Everything but the moment of the recording, which its reports show.
pub(crate) fn same_bytes(first: &Path, second: &Path) {
    let timeless = |folder: &Path| {
        let mut files = files(folder);
        let header = files.iter().find(|(path, _)| path.ends_with("header.json")).expect("a header");
        let header: serde_json::Value = serde_json::from_str(&header.1).expect("JSON");
        let moment = header["captured_at"].as_str().expect("a time").to_owned();
        for (_, text) in &mut files {
            *text = text.replace(&moment, "MOMENT");
        }
        files
    };
    let (first, second) = (timeless(first), timeless(second));
    assert!(first.len() > 40, "{}", first.len());
    let paths = |files: &[(PathBuf, String)]| files.iter().map(|it| it.0.clone()).collect::<Vec<_>>();
    assert_eq!(paths(&first), paths(&second));
    for ((path, first), (_, second)) in first.iter().zip(&second) {
        for (line, (first, second)) in first.lines().zip(second.lines()).enumerate() {
            // Of a long line, from a little before it differs: an answer is one line.
            let same = first.chars().zip(second.chars()).take_while(|(one, other)| one == other).count();
            let told = |line: &str| line.chars().skip(same.saturating_sub(40)).take(200).collect::<String>();
            assert_eq!(told(first), told(second), "{}:{}", path.display(), line + 1);
        }
        assert_eq!(first.len(), second.len(), "{}", path.display());
    }
}

/// No key, no token, no signature, and no account but the stand-ins.
pub(crate) fn shows_nothing(folder: &Path) {
    // The last part of a UUID may be twelve digits and no account.
    let uuid = regex::Regex::new("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}").expect("a pattern");
    for (name, text) in files(folder) {
        let text = uuid.replace_all(&text, "");
        let name = name.display();
        for mark in [
            "SecretAccessKey",
            "SessionToken",
            "Signature=",
            "Bearer ",
            "PRIVATE KEY",
            "emulated-",
            "k8s-aws-v1",
        ] {
            assert!(!text.contains(mark), "{name} holds {mark}");
        }
        for (at, _) in text.match_indices("AKIA").chain(text.match_indices("ASIA")) {
            assert!(text[at + 4..].starts_with("EXAMPLE"), "{name} holds a key: {}", &text[at..at + 20]);
        }
        let numbers = text.split(|c: char| !c.is_ascii_digit()).filter(|it| it.len() == 12);
        for number in numbers {
            assert!(["111111111111", STAND_IN].contains(&number), "{name} holds {number}");
        }
    }
}

#[test]
fn a_snapshot_judges_as_the_account_did() {
    let emulator = Emulator::with("dev");
    let program = Program::on(&emulator);
    let live = program.check(&["--level", "hardening"]);
    for file in ["facts.ndjson", "facts.ndjson.zst"] {
        program.done(&["collect", "--env", "dev", "-o", file]);
        let judged = program.check(&["--level", "hardening", "--from", file]);
        assert_eq!((judged.code, judged.verdicts()), (live.code, live.verdicts()), "{file}");
    }
    let plain = std::fs::read(program.path("facts.ndjson")).expect("a snapshot");
    let packed = std::fs::read(program.path("facts.ndjson.zst")).expect("a snapshot");
    assert!(plain.starts_with(b"{\"schema\""));
    assert!(packed.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]) && packed.len() * 2 < plain.len());
}
