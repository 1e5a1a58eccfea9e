//! Ways into a cluster: whichever it is, the same is read, and recorded.

use std::collections::BTreeSet;
use std::process::Command;

use crate::emulator::Emulator;
use crate::program::{Ended, Program};
use crate::recordings::{LEVELS, same_bytes, shows_nothing};
use crate::report::Report;

use super::{CROSSING, WITHIN, changed};

const BY_EKS: &str = r#"eks = "example-stacks-nonprod-ew2-eks""#;
const SIGNER: &str = "arn:aws:iam::111111111111:user/stacks-audit";
/// A client certificate, a bearer, a plugin that tells one, and a bearer made of AWS credentials; with whom each is.
const WAYS: [(&str, &str); 4] = [
    (r#"context = "admin""#, "kubernetes-admin"),
    (r#"context = "viewer""#, "viewer"),
    (r#"context = "viewer-exec""#, "viewer"),
    (BY_EKS, SIGNER),
];

/// Who asked the API server.
fn callers(emulator: &Emulator) -> BTreeSet<String> {
    emulator.asked().into_iter().map(|it| it.user.unwrap_or_default()).collect()
}

#[test]
fn every_way_in_gives_the_same_verdicts_as_its_recording() {
    let emulator = Emulator::with("eks-broken");
    let mut program = Program::on_eks(&emulator);
    let mut known: Vec<Option<Report>> = LEVELS.map(|_| None).into();
    for (number, (way, caller)) in WAYS.into_iter().enumerate() {
        program.enter(way);
        if way == BY_EKS {
            program.without_kubeconfig();
        }
        let folder = format!("recorded-{number}");
        program.done(&["record", "--env", "dev-eks", "-o", &folder]);
        emulator.forget_calls();
        for (level, known) in LEVELS.iter().zip(&mut known) {
            let live = program.check(&["--level", level]);
            assert_eq!(live.code, 1, "{way}, {level}");
            let known = known.get_or_insert(live);
            let live = program.check(&["--level", level]);
            assert_eq!(live.verdicts(), known.verdicts(), "{way}, {level}");
            for from in ["tape", "snapshot.ndjson"] {
                let replayed = program.check(&["--level", level, "--from", &format!("{folder}/{from}")]);
                assert_eq!(replayed.code, 1, "{way}, {level}, {from}");
                assert_eq!(replayed.judged(), known.judged(), "{way}, {level}, {from}");
            }
        }
        assert_eq!(callers(&emulator), BTreeSet::from([caller.to_owned()]), "{way}");
    }
    let hardened = known.pop().flatten().expect("the last level");
    assert!(hardened.with("FAIL").len() >= 18, "{:?}", hardened.with("FAIL"));
}

#[test]
fn a_conformant_cluster_is_recorded_the_same_each_time() {
    let emulator = Emulator::with("eks");
    let program = Program::on_eks(&emulator);
    for (way, folders) in [(WAYS[1].0, ["first", "second"]), (BY_EKS, ["third", "fourth"])] {
        program.enter(way);
        for folder in folders {
            program.done(&["record", "--env", "dev-eks", "-o", folder]);
        }
        let [first, second] = folders.map(|folder| program.path(folder));
        same_bytes(&first, &second);
        shows_nothing(&first);
        let live = program.check(&["--level", "hardening"]);
        assert_eq!(live.code, 0, "{way}: {:?}", live.checks());
        let tape = format!("{}/tape", folders[0]);
        let replayed = program.check(&["--level", "hardening", "--from", &tape]);
        assert_eq!((replayed.code, replayed.judged()), (0, live.judged()), "{way}");
    }
}

#[test]
fn a_forged_bearer_opens_nothing() {
    let emulator = Emulator::with("eks");
    let program = Program::on_eks(&emulator);
    program.enter(BY_EKS);
    let before = program.check(&["--level", "hardening"]);
    assert_eq!(before.code, 0);

    let mut forged: Command = program.command(&["check", "--env", "dev-eks", "--output", "json"]);
    forged.args(["--level", "hardening"]).env("AWS_SECRET_ACCESS_KEY", "another");
    let after = Report::of(&Ended::from(forged.output().expect("it starts")));
    assert_eq!(after.code, 3);
    let closed = CROSSING.iter().chain(&WITHIN).map(|it| (*it).to_owned()).collect();
    assert_eq!(changed(&before, &after, "UNKNOWN"), closed);
    assert!(after.detail("k8s:ListNamespaces").contains("401"), "{}", after.detail("k8s:ListNamespaces"));
}
