//! Long lists come in pages: all of them, or the list counts as incomplete.

use serde_json::{Value, json};

use crate::emulator::Emulator;
use crate::program::Program;
use crate::report::{Report, only_unknown_is_new};

const SUBNETS: &str = "ec2:DescribeSubnets";
const BALANCERS: &str = "elasticloadbalancing:DescribeLoadBalancers";

/// Outcome, pages and items of a list that is asked for once.
fn list(report: &Report, call: &str) -> (String, u64, u64) {
    let [entry]: [&Value; 1] = report.coverage(call).try_into().expect("asked for once");
    let number = |name: &str| entry[name].as_u64().expect("a number");
    (entry["outcome"].as_str().expect("text").to_owned(), number("pages"), number("items"))
}

fn complete(pages: u64, items: u64) -> (String, u64, u64) {
    ("complete".to_owned(), pages, items)
}

#[test]
fn every_page_is_read_or_the_list_is_incomplete() {
    let emulator = Emulator::with("dev");
    let program = Program::on(&emulator);
    let before = program.check(&[]);
    let (_, _, subnets) = list(&before, SUBNETS);
    let (_, _, balancers) = list(&before, BALANCERS);

    emulator.crowd(&json!({ "subnets": 2500 - subnets, "load_balancers": 130 - balancers }));
    emulator.paging(&json!({ SUBNETS: 300, BALANCERS: 50 }));
    let crowded = program.check(&[]);
    assert_eq!(list(&crowded, SUBNETS), complete(9, 2500));
    assert_eq!(list(&crowded, BALANCERS), complete(3, 130));
    assert_eq!((crowded.code, crowded.verdicts()), (0, before.verdicts()));

    emulator.faults(&json!([
        { "call": SUBNETS, "fault": "deny", "page": 5 },
        { "call": BALANCERS, "fault": "unknown", "page": 2 },
    ]));
    let cut = program.check(&[]);
    assert_eq!(cut.code, 3);
    assert_eq!(list(&cut, SUBNETS), ("denied".to_owned(), 4, 1200));
    assert_eq!(list(&cut, BALANCERS), ("failed".to_owned(), 1, 50));
    let lost = only_unknown_is_new(&before, &cut);
    for node in ["node.public_subnet", "node.private_subnet", "node.alb"] {
        assert!(lost.contains(node), "{node} is judged by half a list");
    }
    assert!(cut.misses("node.private_subnet", SUBNETS) && cut.misses("node.alb", BALANCERS));
}
