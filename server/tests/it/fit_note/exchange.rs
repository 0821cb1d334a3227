//! Notes as FHIR files.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use super::{
    change::recorded,
    record::{PLAIN, with},
};
use crate::support::{TestApp, event_names};

/// What another system would send, in the shape of UK Core's example: three questions, and nothing of how long.
fn example() -> Value {
    json!({
        "resourceType": "QuestionnaireResponse",
        "status": "completed",
        "authored": "2026-11-13T16:00:00+00:00",
        "item": [
            { "linkId": "Q1", "text": "Assessment Date", "answer": [{ "valueDate": "2026-11-13" }] },
            { "linkId": "Q2", "text": "Condition(s)", "item": [{ "linkId": "Q2g", "text": "Condition (Coded)", "answer": [
                { "valueCoding": { "system": "http://snomed.info/sct", "code": "203082005", "display": "Fibromyalgia" } }
            ] }] },
            { "linkId": "Q3", "text": "I find you", "answer": [
                { "valueCoding": { "system": "http://snomed.info/sct", "code": "225891002", "display": "Fit for work with restrictions" } }
            ] },
            { "linkId": "Q7", "text": "Anything else", "answer": [{ "valueString": "<b>tired</b>" }] }
        ]
    })
}

#[tokio::test]
async fn a_file_is_read_into_the_form_and_a_person_records_it() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let priya = app.browser("priya").await;
    let here = format!("/cases/{case}/fit-notes/import");
    let page = priya
        .post(&here, &[("pasted", &example().to_string())])
        .await
        .ok();
    assert!(page.says("This was read from the file and is not recorded yet."));
    assert!(page.says("The answer to “Anything else” was not read"));
    assert_eq!(
        (
            page.value("assessed_day"),
            page.value("assessed_month"),
            page.value("condition"),
            page.value("condition_code")
        ),
        (
            "13".to_owned(),
            "11".to_owned(),
            "Fibromyalgia".to_owned(),
            "203082005".to_owned()
        )
    );
    assert!(page.body.contains("value=\"may_be_fit\" checked"));
    assert_eq!(app.count("fit_notes").await, 0);
    let (draft, version) = (page.value("draft"), page.value("version"));
    let mut fields = vec![("draft", draft.as_str()), ("version", version.as_str())];
    fields.extend(with(&[
        ("fitness", "may_be_fit"),
        ("assessed_day", "13"),
        ("from_day", "13"),
        ("condition_code", "203082005"),
        ("comments", "Mornings only"),
        ("source", "import"),
        ("seen", "nobody"),
    ]));
    priya
        .post(&format!("/cases/{case}/fit-notes/new"), &fields)
        .await
        .went_to(&format!("/cases/{case}/fit-notes"));
    assert_eq!(
        app.count("fit_notes WHERE CAST(code AS TEXT) LIKE '%Fibromyalgia%'")
            .await,
        1,
        "the words of a code on the list are kept with it"
    );
}

/// Written by hand, in the shape of UK Core's example.
const XML: &str = include_str!("../../../../rules/data/fhir/fitness-for-work-response.xml");

#[tokio::test]
async fn a_file_in_xml_is_read_into_the_form_too() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let priya = app.browser("priya").await;
    let here = format!("/cases/{case}/fit-notes/import");
    let page = priya.post(&here, &[("pasted", XML)]).await.ok();
    assert!(page.says("This was read from the file and is not recorded yet."));
    assert!(!page.says("was not read"));
    assert_eq!(
        ["assessed_day", "assessed_month", "condition"].map(|name| page.value(name)),
        ["2", "11", "Fibromyalgia"]
    );
    assert!(page.body.contains("value=\"not_fit\" checked"));
    assert_eq!(app.count("fit_notes").await, 0);
}

#[tokio::test]
async fn a_recorded_note_is_saved_as_a_response_without_a_name_and_read_again() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let priya = app.browser("priya").await;
    let note = recorded(&priya, case, PLAIN).await;
    let file = priya.get(&format!("{note}/fhir")).await.ok();
    assert_eq!(file.headers["content-type"], "application/fhir+json");
    assert!(
        event_names(&app, 2)
            .await
            .contains(&"fit_note.exported".to_owned())
    );
    let response: Value = serde_json::from_str(&file.body).unwrap();
    assert_eq!(response["resourceType"], "QuestionnaireResponse");
    assert_eq!(response["status"], "completed");
    assert_eq!(response["item"][0]["answer"][0]["valueDate"], "2026-11-02");
    assert!(!file.says("Maya"), "it names the case and no person");
    let page = priya
        .post(
            &format!("/cases/{case}/fit-notes/import"),
            &[("pasted", &file.body)],
        )
        .await
        .ok();
    assert_eq!(page.value("until_day"), "29");
    assert!(!page.says("Not read from the file"));
    // Recorded in error, it says so.
    priya
        .fill(
            &format!("{note}/mark"),
            &[("standing", "wrong"), ("reason", "Not hers")],
        )
        .await;
    let file = priya.get(&format!("{note}/fhir")).await.ok();
    assert!(file.says("entered-in-error"));
}

#[tokio::test]
async fn what_is_no_note_is_refused_in_words() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let priya = app.browser("priya").await;
    let here = format!("/cases/{case}/fit-notes/import");
    let long = "x".repeat(300_000);
    for (pasted, why) in [
        ("", "Choose a file, or paste what is in it"),
        ("{", "The file could not be read as FHIR in JSON or XML"),
        (
            "<QuestionnaireResponse><status value=\"completed\"/>",
            "The file could not be read as FHIR in XML: something is wrong in line 1",
        ),
        (
            "<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>",
            "The file declares a document type or entities. FHIR allows none, and they are not read",
        ),
        (
            "{\"resourceType\":\"Patient\"}",
            "This is not a FHIR QuestionnaireResponse",
        ),
        (&long, "The file is too long for one fit note"),
    ] {
        let page = priya.post(&here, &[("pasted", pasted)]).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(page.error("file").as_deref(), Some(why));
    }
    // Brackets and elements without end are no reason to fall over.
    for deep in ["[", "<a>"] {
        let pasted = deep.repeat(80_000);
        let page = priya.post(&here, &[("pasted", &pasted)]).await;
        assert!(page.status.is_client_error());
    }
}

#[tokio::test]
async fn the_questionnaire_is_for_whoever_is_signed_in() {
    let app = TestApp::new().await;
    let shown = app
        .browser("ines")
        .await
        .get("/fit-notes/questionnaire")
        .await
        .ok();
    let form: Value = serde_json::from_str(&shown.body).unwrap();
    assert_eq!(form["resourceType"], "Questionnaire");
    let stranger = app
        .stranger()
        .send(Method::GET, "/fit-notes/questionnaire", String::new(), &[])
        .await;
    assert_eq!(stranger.status, StatusCode::SEE_OTHER);
}
