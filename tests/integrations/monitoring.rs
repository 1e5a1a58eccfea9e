//! The dashboard and the alerts, answered by a server that has scraped the recorded accounts.

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

use crate::consumers::{ENVS, content, python, report, report_with};
use crate::file;
use crate::scraped::scraped;

const DASHBOARD: &str = "integrations/grafana/dashboard.json";
const ALERTS: &str = "integrations/prometheus/alerts.yaml";

fn dashboard() -> Value {
    serde_json::from_str(&fs::read_to_string(file(DASHBOARD)).expect("the dashboard")).expect("JSON")
}

/// Each panel with its queries.
fn panels(dashboard: &Value) -> Vec<(&str, Vec<&str>)> {
    let panels = dashboard["panels"].as_array().expect("panels").iter();
    panels
        .filter(|panel| panel["type"] != "row")
        .map(|panel| {
            let targets = panel["targets"].as_array().expect("queries").iter();
            let queries = targets.map(|target| target["expr"].as_str().expect("PromQL")).collect();
            (panel["title"].as_str().expect("a title"), queries)
        })
        .collect()
}

#[test]
fn every_panel_and_variable_has_an_answer() {
    let dashboard = dashboard();
    let mut reports: Vec<_> = ENVS.iter().skip(1).map(|env| report(env, "prometheus")).collect();
    // One of them is compared with an earlier run.
    let earlier = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/aws-ecs-fargate/report.json");
    reports.push(report_with(&["--env", "dev", "--level", "hardening", "--baseline", earlier], "prometheus"));

    let panels = panels(&dashboard);
    assert!(panels.len() > 8);
    let mut asked: Vec<(&str, String)> = Vec::new();
    for (title, queries) in &panels {
        for query in queries {
            assert!(query.contains(r#"env=~"$env""#), "{title} is of the chosen envs");
            asked.push((title, query.replace("$env", ".*").replace("$design", ".*")));
        }
    }
    for variable in dashboard["templating"]["list"].as_array().expect("variables") {
        if variable["type"] == "query" {
            let query = variable["query"]["query"].as_str().expect("a query");
            let (series, label) = query
                .strip_prefix("label_values(")
                .and_then(|query| query.strip_suffix(')')?.rsplit_once(", "))
                .expect("what Grafana asks for a label's values");
            let name = variable["name"].as_str().expect("a name");
            asked.push((name, format!("group by ({label}) ({})", series.replace("$env", ".*"))));
        }
    }
    let queries: Vec<&str> = asked.iter().map(|(_, query)| query.as_str()).collect();
    let answers = scraped(&queries, &reports);
    for ((title, query), answer) in asked.iter().zip(&answers) {
        assert!(!answer.is_empty(), "{title}: nothing answers {query}");
    }
    // What the first panel shows is the verdict of each design of each env.
    let verdicts = answers[0].iter().filter(|answer| answer["metric"]["env"] == "denied");
    let verdicts: BTreeSet<&str> = verdicts.filter_map(|answer| answer["value"][1].as_str()).collect();
    assert_eq!(verdicts, BTreeSet::from(["2"]), "UNKNOWN");
    let first = &dashboard["panels"].as_array().expect("panels")[0];
    let shown = &first["fieldConfig"]["defaults"]["mappings"][0]["options"]["2"]["text"];
    assert_eq!(shown, "UNKNOWN");
}

#[test]
fn grafanas_own_model_keeps_every_word_of_the_dashboard() {
    content(&mut python("grafana_model.py"), [file(DASHBOARD)]);
    let folder = TempDir::new().expect("a folder");
    let broken = folder.path().join("dashboard.json");
    let mut misspelt = dashboard();
    misspelt["panels"][0]["feildConfig"] = misspelt["panels"][0]["fieldConfig"].take();
    fs::write(&broken, misspelt.to_string()).expect("a file");
    assert!(!python("grafana_model.py").arg(&broken).output().expect("it starts").status.success());
}

#[test]
fn panels_do_not_overlap_and_have_ids_of_their_own() {
    let dashboard = dashboard();
    let (mut cells, mut ids) = (BTreeSet::new(), BTreeSet::new());
    for panel in dashboard["panels"].as_array().expect("panels") {
        assert!(ids.insert(panel["id"].as_u64().expect("an id")));
        let [x, y, w, h] = ["x", "y", "w", "h"].map(|key| panel["gridPos"][key].as_u64().expect("a number"));
        assert!(x + w <= 24);
        for cell in (x..x + w).flat_map(|x| (y..y + h).map(move |y| (x, y))) {
            assert!(cells.insert(cell), "{}", panel["title"]);
        }
    }
}

#[test]
fn alerts_fire_when_they_should_and_not_before() {
    let folder = TempDir::new().expect("a folder");
    fs::copy(file(ALERTS), folder.path().join("alerts-under-test.yaml")).expect("a file");
    let cases = fs::read_to_string(file("tests/integrations/alerts.yaml")).expect("the cases");
    fs::write(folder.path().join("cases.yaml"), &cases).expect("a file");
    let promtool = |arguments: &[&str]| {
        Command::new("promtool").args(arguments).current_dir(folder.path()).output().expect("promtool starts")
    };
    for arguments in [&["check", "rules", "alerts-under-test.yaml"][..], &["test", "rules", "cases.yaml"]] {
        let output = promtool(arguments);
        let said = [output.stdout, output.stderr].concat();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&said));
    }
    fs::write(folder.path().join("cases.yaml"), cases.replace("eval_time: 27h", "eval_time: 26h"))
        .expect("a file");
    assert!(!promtool(&["test", "rules", "cases.yaml"]).status.success());
}

/// A rename in the format would leave an alert blind, and nothing else would tell.
#[test]
fn alerts_and_cases_name_metrics_that_there_are() {
    let metrics = report("denied", "prometheus").text();
    for path in [ALERTS, "tests/integrations/alerts.yaml"] {
        let text = fs::read_to_string(file(path)).expect("the file");
        let names = text.split(|c: char| !c.is_ascii_lowercase() && c != '_');
        let names: BTreeSet<&str> = names.filter(|name| name.starts_with("stacks_audit_")).collect();
        assert!(names.len() > 2);
        for name in names {
            assert!(metrics.contains(&format!("# TYPE {name} gauge\n")), "{name}");
        }
    }
}
