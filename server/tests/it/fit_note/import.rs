//! `handrail import fit-notes`.

use std::io::Write as _;

use handrail::{
    commands::import::{
        Given, Outcome, RowResult, given_in_fhir, given_in_table, import_fit_notes, read_table,
    },
    rules::fhir,
};
use indicatif::ProgressBar;
use serde_json::json;

use super::record::PLAIN;
use crate::support::TestApp;

const HEAD: &str =
    "number,case,nhs_number,assessed,statement,from,until,for,condition,altered_hours\n";

async fn run(app: &TestApp, rows: &str, apply: bool) -> Vec<RowResult> {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    write!(file, "{HEAD}{rows}").unwrap();
    let table = read_table(file.path()).unwrap();
    bring_in(app, given_in_table(&table, app.app.today()).unwrap(), apply).await
}

async fn bring_in(app: &TestApp, given: Vec<Given>, apply: bool) -> Vec<RowResult> {
    import_fit_notes(&app.app, given, "old", apply, &ProgressBar::hidden())
        .await
        .unwrap()
}

fn outcomes(results: &[RowResult]) -> Vec<Outcome> {
    results.iter().map(|r| r.outcome).collect()
}

#[tokio::test]
async fn a_dry_run_judges_every_row_and_changes_nothing_and_the_second_run_doubles_nothing() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let reference = app.stored_case(case).await.reference;
    let rows = format!(
        "1,{reference},,2/11/2026,9D15,2/11/2026,29/11/2026,,Anxiety,\n\
         2,{reference},,30/11/2026,may be fit,30/11/2026,,2/52,Anxiety,yes\n\
         3,{reference},,2/11/2026,not fit,2/11/2026,29/11/2026,,the same days,\n\
         4,H-0000-0000,,2/11/2026,not fit,,,2 weeks,,\n\
         5,{reference},,31/2/2026,not fit,,,2 weeks,,\n\
         ,,,,,,,,,\n\
         7,{reference},,2/11/2026,1331000000103,,,2 weeks,,\n"
    );
    use Outcome::{AlreadyThere, Imported, Refused, Skipped};
    let expected = [
        Imported,
        Imported,
        AlreadyThere,
        Refused,
        Refused,
        Skipped,
        Refused,
    ];
    let events = app.count("audit_events").await;
    let dry = run(&app, &rows, false).await;
    assert_eq!(outcomes(&dry), expected);
    assert_eq!(dry[2].reason, "row 2 is a note for the same days");
    assert_eq!(dry[3].reason, "there is no case H-0000-0000");
    assert_eq!(dry[4].reason, "assessed: \"31/2/2026\" is not a date");
    // Assessed on 30 November, and it is the 20th.
    assert!(dry[1].reason.contains("in the future"), "{}", dry[1].reason);
    assert_eq!(app.count("fit_notes").await, 0);
    assert_eq!(app.count("audit_events").await, events);

    let applied = run(&app, &rows, true).await;
    assert_eq!(outcomes(&applied), expected);
    assert_eq!(
        app.count("audit_events WHERE name = 'fit_note.recorded' AND actor = 'command_line'")
            .await,
        2
    );
    // 2 weeks from 30 November end on 13 December.
    assert_eq!(
        app.stored_case(case).await.note_until_on,
        Some("2026-12-13".parse().unwrap())
    );
    assert_eq!(
        app.count("fit_notes WHERE recorded_by IS NULL AND source = 'import'")
            .await,
        2
    );

    let again = run(&app, &rows, true).await;
    assert_eq!(
        outcomes(&again),
        [
            AlreadyThere,
            AlreadyThere,
            AlreadyThere,
            Refused,
            Refused,
            Skipped,
            Refused
        ]
    );
    assert_eq!(app.count("fit_notes").await, 2);
}

#[tokio::test]
async fn a_note_that_a_worker_recorded_by_hand_is_there_already() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let reference = app.stored_case(case).await.reference;
    app.browser("priya")
        .await
        .fill(&format!("/cases/{case}/fit-notes/new"), PLAIN)
        .await;
    let rows = format!(",{reference},,2 Nov 2026,XaX1E,2 Nov 2026,29 Nov 2026,,,\n");
    let results = run(&app, &rows, true).await;
    assert_eq!(outcomes(&results), [Outcome::AlreadyThere]);
    assert_eq!(app.count("fit_notes").await, 1);
}

#[tokio::test]
async fn a_person_is_found_by_nhs_number_where_one_open_case_has_it() {
    let app = TestApp::new().await;
    let (maya, _) = (
        app.case("Maya Okonkwo", "priya").await,
        app.case("Dan Price", "priya").await,
    );
    let number = |name: &'static str| {
        handrail::platform::db::sql("UPDATE persons SET nhs_number = '9990000026' WHERE name = ?")
            .bind(name)
    };
    let row = ",,999 000 0026,2 Nov 2026,not fit,2 Nov 2026,29 Nov 2026,,,\n";
    assert_eq!(outcomes(&run(&app, row, true).await), [Outcome::Refused]);
    let mut tx = app.write("leila").await;
    tx.change(number("Maya Okonkwo")).await.unwrap();
    tx.record(handrail::platform::audit::Entry::of(
        handrail::rules::event::Event::PersonChanged,
    ))
    .await
    .unwrap();
    tx.commit().await.unwrap();
    assert_eq!(outcomes(&run(&app, row, true).await), [Outcome::Imported]);
    assert_eq!(
        app.stored_case(maya).await.note_until_on,
        Some("2026-11-29".parse().unwrap())
    );
    let mut tx = app.write("leila").await;
    tx.change(number("Dan Price")).await.unwrap();
    tx.record(handrail::platform::audit::Entry::of(
        handrail::rules::event::Event::PersonChanged,
    ))
    .await
    .unwrap();
    tx.commit().await.unwrap();
    let other = ",,999 000 0026,30 Nov 2026,not fit,30 Nov 2026,9 Dec 2026,,,\n";
    let results = run(&app, other, true).await;
    assert_eq!(outcomes(&results), [Outcome::Refused]);
    assert!(results[0].reason.contains("more than one open case"));
}

#[tokio::test]
async fn a_file_without_its_headings_is_refused_with_what_is_read() {
    let app = TestApp::new().await;
    let mut file = tempfile::NamedTempFile::new().unwrap();
    write!(file, "name,date\nMaya,1/1/2026\n").unwrap();
    let table = read_table(file.path()).unwrap();
    let error = given_in_table(&table, app.app.today())
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("needs the headings assessed, statement"),
        "{error}"
    );
}

/// Written by hand, in the shape of UK Core's example: assessed on 2 November 2026, not fit, for 2 weeks.
const XML: &[u8] = include_bytes!("../../../../rules/data/fhir/fitness-for-work-response.xml");

#[tokio::test]
async fn a_fhir_file_in_xml_or_json_comes_in_for_its_person_or_for_the_case_that_is_named() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let reference = app.stored_case(case).await.reference;
    let read = |case: Option<&str>, change: &dyn Fn(&mut serde_json::Value)| {
        let mut file = fhir::read(XML).unwrap();
        change(&mut file);
        given_in_fhir(file, case, app.app.today()).unwrap()
    };
    let same = |_: &mut serde_json::Value| {};
    let nobody = |file: &mut serde_json::Value| {
        file.as_object_mut().unwrap().remove("subject");
    };
    // Nobody here has that NHS number; without one the command line says whose it is.
    let refused = bring_in(&app, read(None, &same), true).await;
    assert_eq!(
        refused[0].reason,
        "there is no open case with that NHS number"
    );
    let refused = bring_in(&app, read(None, &nobody), true).await;
    assert_eq!(
        refused[0].reason,
        "it says neither a case nor an NHS number"
    );
    let dry = bring_in(&app, read(Some(&reference), &nobody), false).await;
    assert_eq!(outcomes(&dry), [Outcome::Imported]);
    assert_eq!(app.count("fit_notes").await, 0);
    let done = bring_in(&app, read(Some(&reference), &nobody), true).await;
    assert_eq!(outcomes(&done), [Outcome::Imported]);
    // 2 weeks from Monday 2 November end on Sunday 15 November.
    assert_eq!(
        app.stored_case(case).await.note_until_on,
        Some("2026-11-15".parse().unwrap())
    );
    assert_eq!(
        app.count("audit_events WHERE name = 'fit_note.recorded' AND actor = 'command_line'")
            .await,
        1
    );
    let again = bring_in(&app, read(Some(&reference), &nobody), true).await;
    assert_eq!(outcomes(&again), [Outcome::AlreadyThere]);
}

#[tokio::test]
async fn a_bundle_brings_in_each_of_its_responses_and_one_without_any_is_refused() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let reference = app.stored_case(case).await.reference;
    let mut first = fhir::read(XML).unwrap();
    first["subject"] =
        json!({ "identifier": { "system": "urn:handrail:case", "value": reference } });
    let mut second = first.clone();
    second["id"] = json!("another");
    second["item"][0]["answer"][0]["valueDate"] = json!("2026-11-16");
    let mut third = second.clone();
    third["id"] = json!("in-error");
    third["status"] = json!("entered-in-error");
    let entry = |resource| json!({ "resource": resource });
    let patient = json!({ "resourceType": "Patient", "id": "p" });
    let bundle = json!({ "resourceType": "Bundle", "entry": [entry(&first), entry(&patient), entry(&second), entry(&third)] });
    let given = given_in_fhir(bundle, None, app.app.today()).unwrap();
    let results = bring_in(&app, given, true).await;
    assert_eq!(
        outcomes(&results),
        [Outcome::Imported, Outcome::Imported, Outcome::Refused]
    );
    assert!(results[2].reason.contains("entered in error"));
    assert_eq!(app.count("fit_notes").await, 2);
    let error = given_in_fhir(json!({ "resourceType": "Patient" }), None, app.app.today());
    assert!(
        error
            .unwrap_err()
            .to_string()
            .contains("no QuestionnaireResponse")
    );
}
