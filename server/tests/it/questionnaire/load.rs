//! Loading what a licence holder supplies.

use handrail::{
    features::questionnaire::load_file,
    rules::questionnaire::{BUNDLED, Definition, Kind, TextFrom, fhir},
};
use serde_json::json;

use super::{filled_in, maya, pairs};
use crate::support::{TestApp, event_names};

/// A file as a licence holder would supply it: the structure that ships, with words. The words are ours, for the test.
fn supplied(key: &str) -> Definition {
    let mut d = BUNDLED
        .iter()
        .map(|text| Definition::read(text).unwrap())
        .find(|d| d.key == key)
        .unwrap();
    d.version = "2026-1".to_owned();
    d.licence.text = TextFrom::Supplied;
    d.licence.permission = Some("Licence 4711 of 3 November 2026".to_owned());
    for item in &mut d.items {
        item.text = Some(format!("Words about {}", item.id));
        match &mut item.kind {
            Kind::Choice { options } => {
                for option in options {
                    option.label = Some(format!("Level {}", option.code));
                }
            }
            Kind::Scale { low, high, .. } => {
                *low = Some("Worst".to_owned());
                *high = Some("Best".to_owned());
            }
            _ => {}
        }
    }
    d
}

fn text(of: &impl serde::Serialize) -> String {
    serde_json::to_string_pretty(of).unwrap()
}

/// An example in the shape of a value set: not one to use.
fn value_set(from: &str, step: f64) -> serde_json::Value {
    let levels = json!([0.0, step, 2.0 * step, 3.0 * step, 4.0 * step]);
    json!({ "value_set": "eq-5d-5l", "name": format!("Example {step}"), "country": "Nowhere", "from": from, "source": "Made up for a test",
            "values": { "decrements": { "full": 1.0, "levels": {
                "mobility": levels, "self_care": levels, "usual_activities": levels, "pain": levels, "anxiety": levels } } } })
}

#[tokio::test]
async fn a_text_is_checked_tried_and_loaded_and_then_it_can_be_filled_in() {
    let app = TestApp::new().await;
    let case = maya(&app).await;
    let file = text(&supplied("wsas"));
    let tried = load_file(&app.app, &file, false).await.unwrap();
    assert!(tried.problems.is_empty() && !tried.there, "{tried:?}");
    assert_eq!(tried.what, "WSAS, version 2026-1, en-GB, 6 questions");
    assert_eq!(
        app.count("questionnaires").await,
        0,
        "a dry run changes nothing"
    );
    load_file(&app.app, &file, true).await.unwrap();
    assert_eq!(event_names(&app, 1).await, ["questionnaire.loaded"]);
    assert!(load_file(&app.app, &file, true).await.unwrap().there);
    assert_eq!(app.count("questionnaires").await, 1);

    let priya = app.browser("priya").await;
    let there = filled_in(
        &priya,
        case,
        "wsas",
        &pairs(&[
            ("a_work_applies", "no"),
            ("a_home", "4"),
            ("a_social", "5"),
            ("a_private", "3"),
            ("a_relationships", "4"),
        ]),
    )
    .await;
    // 4 + 5 + 3 + 4 = 16, and 4 for the work question: 20.
    let page = priya.get(&there).await.ok();
    assert!(
        page.says("20 of 40")
            && page.says("Words about home")
            && page.says("One answer is missing.")
    );
    let ines = app.browser("ines").await.get("/questionnaires").await.ok();
    assert!(ines.says("Loaded on 20 Nov 2026") && ines.says("Licence 4711 of 3 November 2026"));
}

#[tokio::test]
async fn a_file_that_is_not_what_is_known_is_refused_with_every_reason() {
    let app = TestApp::new().await;
    let mut bundled = supplied("wsas");
    bundled.licence.text = TextFrom::Bundled;
    let mut other = supplied("wsas");
    other.items[2].kind = Kind::Text {};
    other.scores.clear();
    let mut silent = supplied("wsas");
    silent.licence.permission = None;
    for (file, reason) in [
        (text(&bundled), "licence.text"),
        (text(&other), "items: home is not as it is known"),
        (text(&other), "scores: they are not worked out as known"),
        (text(&silent), "licence.permission"),
        ("{".to_owned(), "it cannot be read as JSON"),
        ("[]".to_owned(), "invalid"),
        ("{\"value_set\": \"eq-5d-5l\"}".to_owned(), "missing field"),
        (
            text(&value_set("2026-01-01", 0.1)).replace("eq-5d-5l", "wsas"),
            "value_set: wsas is not valued",
        ),
    ] {
        let refused = load_file(&app.app, &file, true).await.unwrap();
        assert!(
            refused.problems.iter().any(|p| p.contains(reason)),
            "{reason}: {:?}",
            refused.problems
        );
    }
    assert_eq!(app.count("questionnaires").await, 0);
    // A version that is there is never changed.
    load_file(&app.app, &text(&supplied("wsas")), true)
        .await
        .unwrap();
    let mut changed = supplied("wsas");
    changed.items[0].text = Some("Other words".to_owned());
    let refused = load_file(&app.app, &text(&changed), true).await.unwrap();
    assert!(
        refused.problems[0].contains("A version is never changed"),
        "{refused:?}"
    );
}

#[tokio::test]
async fn a_value_is_given_by_the_set_of_the_day_on_which_it_was_filled_in() {
    let app = TestApp::new().await;
    let case = maya(&app).await;
    load_file(&app.app, &text(&supplied("eq-5d-5l")), true)
        .await
        .unwrap();
    let answers = pairs(&[
        ("a_mobility", "2"),
        ("a_self_care", "1"),
        ("a_usual_activities", "2"),
        ("a_pain", "3"),
        ("a_anxiety", "2"),
        ("a_vas", "65"),
    ]);
    let priya = app.browser("priya").await;
    let unvalued = filled_in(&priya, case, "eq-5d-5l", &answers).await;
    let page = priya.get(&unvalued).await.ok();
    assert!(
        page.says("21232")
            && page.says("no value set is loaded for that day")
            && page.says("65 of 100")
    );
    for (from, step) in [
        ("2020-01-01", 0.1),
        ("2026-11-01", 0.05),
        ("2027-01-01", 0.2),
    ] {
        let loaded = load_file(&app.app, &text(&value_set(from, step)), true)
            .await
            .unwrap();
        assert!(loaded.problems.is_empty(), "{loaded:?}");
    }
    assert_eq!(
        event_names(&app, 1).await,
        ["questionnaire.value_set_loaded"]
    );
    let valued = filled_in(&priya, case, "eq-5d-5l", &answers).await;
    // Steps down in 21232: 1 + 0 + 1 + 2 + 1 = 5. 1 − 5 × 0.05 = 0.75.
    let page = priya.get(&valued).await.ok();
    assert!(page.says("0.75") && page.says("Example 0.05, in use from 1 November 2026"));
    // What was recorded before is not worked out anew.
    assert!(
        priya
            .get(&unvalued)
            .await
            .ok()
            .says("no value set is loaded")
    );
    let again = load_file(&app.app, &text(&value_set("2026-11-01", 0.3)), true)
        .await
        .unwrap();
    assert!(again.problems[0].contains("is there already"));
}

#[tokio::test]
async fn a_fhir_questionnaire_can_be_loaded_too() {
    let app = TestApp::new().await;
    let mut resource = fhir::questionnaire(&supplied("work-ability-score"));
    let loaded = load_file(&app.app, &resource.to_string(), true)
        .await
        .unwrap();
    assert!(loaded.problems.is_empty(), "{loaded:?}");
    resource["item"][0]["type"] = json!("attachment");
    let refused = load_file(&app.app, &resource.to_string(), true)
        .await
        .unwrap();
    assert!(refused.problems[0].contains("attachment"));
}

/// A bundled definition is pinned to responses by its version: whoever changes its words or scoring gives it a new version, and this list another line.
#[test]
fn no_bundled_definition_changes_under_its_version() {
    use std::fmt::Write as _;
    let mut lines = String::new();
    for text in BUNDLED {
        let d = Definition::read(text).unwrap();
        let digest = handrail::features::questionnaire::digest(&d);
        let _ = writeln!(
            lines,
            "{} {} {} {}",
            d.key,
            d.version,
            d.language,
            &digest[..16]
        );
    }
    insta::assert_snapshot!(lines);
}
