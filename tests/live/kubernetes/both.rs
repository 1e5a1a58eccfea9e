//! One env that follows both designs: one scan, one report, and nothing asked twice.

use crate::emulator::Emulator;
use crate::program::Program;

pub(crate) const BOTH: &str = r#"
[env.dev-eks]
name = "dev"
[env.dev-eks.aws]
regions = ["us-west-1", "eu-west-2"]
[env.dev-eks.aws.account]
id = "111111111111"
common = { role_arn = "arn:aws:iam::999999999999:role/stacks-audit" }
[env.dev-eks.kubernetes]
context = "viewer"
[env.dev-eks.design.aws-ecs-fargate]
hosts = ["app.dev.example.com"]
repositories = ["app/backend", "app/frontend"]
[env.dev-eks.design.aws-eks-rest-api]
hosts = ["dev-api.nonprod.example.com", "dev-menu.nonprod.example.com"]
"#;

/// The calls of a scan: account and region, call, and how often.
fn total(emulator: &Emulator) -> u64 {
    let calls = emulator.calls();
    let again: Vec<_> = calls.iter().filter(|it| it.repeated > 0).collect();
    assert!(again.is_empty(), "asked twice: {again:#?}");
    calls.iter().map(|it| it.times).sum()
}

#[test]
fn two_designs_in_one_account_share_what_they_ask() {
    let emulator = Emulator::with("dev");
    emulator.build("eks", "999999999999");
    let program = Program::on_eks(&emulator);
    program.configure(BOTH);

    let mut alone = 0;
    for design in ["aws-ecs-fargate", "aws-eks-rest-api"] {
        emulator.forget_calls();
        let report = program.check(&["--level", "hardening", "--design", design]);
        assert_eq!(report.code, 0, "{design}: {:?}", report.checks());
        alone += total(&emulator);
    }

    emulator.forget_calls();
    let together = program.check(&["--level", "hardening"]);
    let audits = together.json["audits"].as_array().expect("audits");
    let told: Vec<_> = audits.iter().map(|it| (it["design"]["id"].as_str(), it["status"].as_str())).collect();
    let expected = ["aws-ecs-fargate", "aws-eks-rest-api"].map(|id| (Some(id), Some("PASS")));
    assert_eq!((together.code, told.as_slice()), (0, expected.as_slice()));
    assert!(total(&emulator) < alone, "they share what both need");

    let mut lists: Vec<String> = emulator.asked().into_iter().map(|it| it.path).collect();
    lists.retain(|path| path != "/version");
    lists.sort();
    let asked = lists.len();
    lists.dedup();
    assert_eq!((lists.len(), asked), (8, 8), "{lists:#?}");
}
