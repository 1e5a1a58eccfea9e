//! What keeps a scan from beginning: each says what was wrong, and no report is written.

use std::net::TcpListener;

use crate::emulator::Emulator;
use crate::program::{CONFIG, Ended, Program};

fn refused(ended: &Ended, code: i32, why: &[&str]) {
    assert_eq!(ended.code, code, "{}", ended.stderr);
    assert_eq!(ended.stdout, "");
    for part in why {
        assert!(ended.stderr.contains(part), "{part}: {}", ended.stderr);
    }
}

#[test]
fn what_cannot_begin_says_why() {
    let emulator = Emulator::empty();
    let program = Program::on(&emulator);

    let keyless = program
        .command(&["--env", "dev"])
        .env_remove("AWS_ACCESS_KEY_ID")
        .env_remove("AWS_SECRET_ACCESS_KEY")
        .output()
        .expect("it starts");
    refused(&keyless.into(), 4, &["no credentials", "log in"]);
    assert_eq!(emulator.calls().len(), 0, "nobody is asked without credentials");

    program.configure(&CONFIG.replace(r#"id = "111111111111""#, r#"id = "222222222222""#));
    refused(&program.run(&["--env", "dev"]), 4, &["111111111111", "222222222222", "nothing was judged"]);

    program.configure(&CONFIG.replace("us-west-1", "us-east-1"));
    refused(&program.run(&["--env", "dev"]), 2, &["us-west-1", "scanned in us-east-1", "regions"]);
    let asked: Vec<String> = emulator.calls().into_iter().map(|it| it.call).collect();
    assert!(asked.iter().all(|call| call.starts_with("sts:")), "who is asking, and nothing else: {asked:?}");
}

#[test]
fn an_endpoint_that_nobody_listens_at_is_named() {
    // A port that was free a moment ago.
    let port = TcpListener::bind("127.0.0.1:0").and_then(|it| it.local_addr()).expect("a free port").port();
    let url = format!("http://127.0.0.1:{port}");
    refused(&Program::at(&url).run(&["--env", "dev"]), 4, &[&url, "refused"]);
}
