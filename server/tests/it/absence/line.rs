//! `handrail absence`: the same figures from a file, without a service.

use std::process::{Command, Output};

use chrono::Duration;
use serde_json::Value;

use crate::support::TestApp;

fn handrail(facts: &str, more: &[&str]) -> Output {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("facts.json");
    std::fs::write(&file, facts).unwrap();
    Command::new(env!("CARGO_BIN_EXE_handrail"))
        .args(["absence", "--facts", file.to_str().unwrap()])
        .args(more)
        .output()
        .unwrap()
}

fn answer(facts: &str, more: &[&str]) -> Value {
    let output = handrail(facts, more);
    assert!(output.status.success(), "{output:?}");
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The example of docs/measures.md.
const EXAMPLE: &str = r#"{
  "facts": [
    { "id": "note-1", "source": "fit_note", "told_on": "2026-06-01", "said": "note", "says": "not_fit", "from": "2026-06-01", "until": "2026-06-14" },
    { "id": "call-3", "source": "person", "told_at": "2026-06-17T09:30:00+01:00", "said": "now", "how": "part", "since": "2026-06-15", "week": [240, 240, 240, 240, 240, 0, 0] },
    { "id": "text-9", "source": "text", "told_on": "2026-06-29", "said": "count", "from": "2026-06-22", "until": "2026-06-28", "hundredths": 150 }
  ],
  "patterns": [ { "from": "2026-01-05", "weeks": [[480, 480, 480, 480, 480, 0, 0]], "bank_holidays_off": true } ],
  "parameters": { "sustained_weeks": 4, "carry_days": 31, "note_gap_days": 7 }
}"#;

#[test]
fn the_example_of_the_documentation_is_what_a_person_counts() {
    let docs = include_str!("../../../../docs/measures.md");
    assert!(docs.contains(EXAMPLE), "docs/measures.md holds the example");
    let found = answer(EXAMPLE, &["--from", "2026-06-01", "--to", "2026-06-28"]);
    let figures = &found["figures"];
    // 1 to 14 June: 10 working days. 15 to 17 June: half of each, 1.5. 18, 19: nobody spoke. 22 to 28: the person counts 1.5 of 5.
    assert_eq!(figures["working_days"]["off"], 11.5);
    assert_eq!(figures["working_days"]["expected"], 20);
    assert_eq!(figures["days_off"], 13.0);
    assert_eq!(figures["days_off_at_most"], 15.0);
    assert_eq!(figures["first_return"], "2026-06-15");
    assert_eq!(found["days"].as_array().map(Vec::len), Some(28));
    assert_eq!(found["days"][14]["sources"][0], "call-3");
    let notes = answer(
        EXAMPLE,
        &[
            "--from",
            "2026-06-01",
            "--to",
            "2026-06-28",
            "--sources",
            "fit_note",
        ],
    );
    assert_eq!(notes["figures"]["days_off"], 10.0);
}

#[test]
fn a_file_that_is_wrong_says_what_is() {
    for (facts, more, sentence) in [
        ("{", ["2026-06-01", "2026-06-02"], "docs/measures.md"),
        (
            r#"{"facts":[{"id":"a","source":"person","said":"left_job","last_on":"2026-06-01"}]}"#,
            ["2026-06-01", "2026-06-02"],
            "needs either told_at",
        ),
        (
            r#"{"facts":[{"id":"a","source":"person","told_on":"2026-06-03","said":"days","how":"off","from":"2026-06-02","until":"2026-06-01"}]}"#,
            ["2026-06-01", "2026-06-02"],
            "The last day is before the first day.",
        ),
        (
            r#"{"facts":[{"id":"a","source":"person","told_on":"2026-06-03","said":"days","how":"off","from":"2026-06-02","until":"2026-06-03","hours":3}]}"#,
            ["2026-06-01", "2026-06-02"],
            "hours",
        ),
        (
            r#"{"facts":[]}"#,
            ["2026-06-02", "2026-06-01"],
            "before the first day",
        ),
    ] {
        let output = handrail(facts, &["--from", more[0], "--to", more[1]]);
        assert_eq!(output.status.code(), Some(1));
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(said.contains(sentence), "{said}");
    }
}

#[tokio::test]
async fn what_the_page_gives_out_computes_to_what_the_page_shows() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    app.clock.advance(Duration::days(3));
    let priya = app.browser("priya").await;
    priya
        .fill(
            &format!("/cases/{case}/contacts/new"),
            &[("outcome", "done"), ("work_status", "off")],
        )
        .await
        .went_to(&format!("/cases/{case}"));
    let file = priya
        .get(&format!("/cases/{case}/absence/facts.json"))
        .await
        .ok();
    let found = answer(&file.body, &["--from", "2026-10-01", "--to", "2026-11-23"]);
    // 16 to 31 October and 1 to 23 November.
    assert_eq!(found["figures"]["calendar_days"]["off"], 39);
    let page = priya
        .get(&format!(
            "/cases/{case}/absence?from=2026-10-01&until=2026-11-23"
        ))
        .await
        .ok();
    assert!(page.says("39 of 54"));
}

#[test]
fn how_long_calendars_take_is_printed_as_json() {
    let output = Command::new(env!("CARGO_BIN_EXE_handrail"))
        .args(["bench-absence", "--people", "4"])
        .output()
        .unwrap();
    let found: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(found["people"]["people"], 4);
    assert!(found["one_person"]["median_ms"].as_f64().is_some());
}
