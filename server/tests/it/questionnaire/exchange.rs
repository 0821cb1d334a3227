//! FHIR out and in.

use handrail::features::questionnaire::{export_responses, import_responses};
use serde_json::{Value, json};

use super::{digits, filled_in, maya, pairs};
use crate::support::{TestApp, event_names};

#[tokio::test]
async fn a_response_is_downloaded_as_fhir_and_the_download_is_recorded() {
    let app = TestApp::new().await;
    let case = maya(&app).await;
    let priya = app.browser("priya").await;
    let there = filled_in(&priya, case, "phq-8", &digits("phq", "1111111-")).await;
    let file = priya.get(&format!("{there}/fhir")).await.ok();
    assert_eq!(event_names(&app, 1).await, ["questionnaire.exported"]);
    assert_eq!(file.headers["content-type"], "application/fhir+json");
    assert_eq!(
        file.headers["content-disposition"],
        "attachment; filename=\"phq-8-response.json\""
    );
    let resource: Value = serde_json::from_str(&file.body).unwrap();
    assert_eq!(resource["resourceType"], "QuestionnaireResponse");
    assert_eq!(
        resource["questionnaire"],
        "urn:handrail:questionnaire:phq-8|1"
    );
    assert_eq!(resource["item"].as_array().unwrap().len(), 7);
    assert!(!file.says("Maya"), "the person's name is not in it");
}

#[tokio::test]
async fn what_one_case_gives_out_another_takes_in_whole_and_once() {
    let app = TestApp::new().await;
    let (case, other) = (maya(&app).await, app.case("Dan Price", "priya").await);
    let priya = app.browser("priya").await;
    filled_in(&priya, case, "phq-8", &digits("phq", "2222222-")).await;
    filled_in(
        &priya,
        case,
        "wpai-gh",
        &pairs(&[
            ("a_employed", "yes"),
            ("a_hours_missed", "7.5"),
            ("a_hours_other", "0"),
            ("a_hours_worked", "22.5"),
            ("a_productivity", "6"),
            ("a_activities", "3"),
        ]),
    )
    .await;
    let (from, to) = (
        app.stored_case(case).await.reference,
        app.stored_case(other).await.reference,
    );
    let bundle = export_responses(&app.app, &from).await.unwrap();
    assert_eq!(bundle["entry"].as_array().unwrap().len(), 2);
    let text = bundle.to_string();
    let tried = import_responses(&app.app, &text, &to, false).await.unwrap();
    assert!(tried.iter().all(|r| r.done), "{tried:?}");
    assert_eq!(app.count("questionnaire_responses").await, 2, "a dry run");
    app.clock.advance(chrono::Duration::days(1));
    let done = import_responses(&app.app, &text, &to, true).await.unwrap();
    assert!(done.iter().all(|r| r.done), "{done:?}");
    assert_eq!(event_names(&app, 1).await, ["questionnaire.imported"]);
    let again = import_responses(&app.app, &text, &to, true).await.unwrap();
    assert!(
        again
            .iter()
            .all(|r| !r.done && r.reasons == ["It is there already."])
    );
    assert_eq!(app.count("questionnaire_responses").await, 4);
    let list = app
        .browser("priya")
        .await
        .get(&format!("/cases/{other}/questionnaires"))
        .await
        .ok();
    // Seven answered with 2: 14 + 2 = 16. 7.5 of 30 hours: 25%; 25 + 75 × 0.6 = 70%.
    for words in ["16 of 24", "25%", "70%", "20 Nov 2026"] {
        assert!(list.says(words), "{words}");
    }
    // What comes out again is what went in, but for its id.
    let strip = |bundle: &Value| -> Vec<Value> {
        let mut all: Vec<Value> = bundle["entry"]
            .as_array()
            .unwrap()
            .iter()
            .map(|e| {
                let mut r = e["resource"].clone();
                r["id"] = Value::Null;
                r["subject"] = Value::Null;
                r
            })
            .collect();
        all.sort_by_key(ToString::to_string);
        all
    };
    let back = export_responses(&app.app, &to).await.unwrap();
    assert_eq!(strip(&back), strip(&bundle));
}

#[tokio::test]
async fn a_response_that_does_not_fit_stays_out_and_says_why_and_the_others_come_in() {
    let app = TestApp::new().await;
    let case = maya(&app).await;
    let to = app.stored_case(case).await.reference;
    let response = |id: &str, questionnaire: &str, code: &str, authored: &str| {
        json!({ "resource": { "resourceType": "QuestionnaireResponse", "id": id, "status": "completed", "authored": authored,
                "questionnaire": questionnaire, "item": [{ "linkId": "phq1", "answer": [{ "valueCoding": { "code": code } }] }] } })
    };
    let good = "urn:handrail:questionnaire:phq-8|1";
    let bundle = json!({ "resourceType": "Bundle", "type": "collection", "entry": [
        response("a", good, "3", "2026-10-01T09:00:00Z"),
        response("b", good, "9", "2026-10-01T09:00:00Z"),
        response("c", good, "1", "2027-10-01T09:00:00Z"),
        response("d", "https://elsewhere.example/Questionnaire/unknown|7", "1", "2026-10-01T09:00:00Z"),
        { "resource": { "resourceType": "Patient", "id": "e" } },
    ] });
    let results = import_responses(&app.app, &bundle.to_string(), &to, true)
        .await
        .unwrap();
    let told: Vec<(&str, bool, String)> = results
        .iter()
        .map(|r| (r.id.as_str(), r.done, r.reasons.join("; ")))
        .collect();
    assert_eq!(
        told,
        [
            ("a", true, String::new()),
            (
                "b",
                false,
                "item phq1: the answer is not one that can be given; item: there is no answer"
                    .to_owned()
            ),
            ("c", false, "authored: it is in the future".to_owned()),
            (
                "d",
                false,
                "questionnaire: unknown, version 7 is not there. Load its definition first."
                    .to_owned()
            ),
            (
                "e",
                false,
                "questionnaire: it does not say which one was answered".to_owned()
            ),
        ]
    );
    assert_eq!(app.count("questionnaire_responses").await, 1);
    assert!(
        import_responses(&app.app, "{}", "HR-nobody", true)
            .await
            .is_err()
    );
    assert!(
        import_responses(&app.app, "no json", &to, true)
            .await
            .is_err()
    );
}

#[tokio::test]
async fn an_answer_about_self_harm_that_is_brought_in_is_seen_by_somebody() {
    let app = TestApp::new().await;
    let case = maya(&app).await;
    let to = app.stored_case(case).await.reference;
    let resource = json!({ "resourceType": "QuestionnaireResponse", "id": "a", "status": "completed", "authored": "2026-11-18T09:00:00Z",
        "questionnaire": "urn:handrail:questionnaire:phq-9|1", "item": [{ "linkId": "phq9", "answer": [{ "valueCoding": { "code": "2" } }] }] });
    let results = import_responses(&app.app, &resource.to_string(), &to, true)
        .await
        .unwrap();
    assert!(results[0].reasons[0].contains("a safety concern is raised"));
    assert_eq!(app.stored_case(case).await.open_concerns, 1);
    let page = app
        .browser("priya")
        .await
        .get(&format!("/cases/{case}/safety"))
        .await
        .ok();
    assert!(page.says("Brought in; filled in on Wednesday 18 November 2026."));
}
