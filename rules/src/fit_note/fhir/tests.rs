//! A statement goes out and comes in again; what other systems write is read or refused in words.

use chrono::{Days, TimeZone, Utc};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{
    super::{
        Code, Length, Period, Statement,
        tests::{d, note},
    },
    *,
};
use crate::nhs_number::NhsNumber;

fn about() -> About {
    About {
        id: "a".to_owned(),
        status: "completed",
        authored: Utc.with_ymd_and_hms(2026, 11, 20, 9, 0, 0).unwrap(),
        case: "H-1".to_owned(),
    }
}

fn found_of(s: &Statement) -> Found {
    Found {
        assessed_on: Some(s.assessed_on),
        earlier_assessment_on: s.earlier_assessment_on,
        issued_on: s.issued_on,
        condition: s.condition.clone(),
        code: s.code.clone(),
        fitness: Some(s.fitness),
        supports: s.supports.clone(),
        comments: s.comments.clone(),
        period: s.period,
        reassess: Some(s.reassess),
        profession: Some(s.profession),
        practice: s.practice.clone(),
        not_read: vec![],
    }
}

/// A response as another system would send it, with the three questions of the public example and nothing of ours: a person with a coded
/// condition who may be fit for work.
fn as_the_example() -> Value {
    json!({
        "resourceType": "QuestionnaireResponse",
        "questionnaire": DERIVED_FROM,
        "status": "completed",
        "authored": "2026-11-13T16:00:00+00:00",
        "item": [
            { "linkId": "Q1", "text": "Assessment Date", "answer": [{ "valueDate": "2026-11-13" }] },
            { "linkId": "Q2", "text": "Condition(s)", "item": [
                { "linkId": "Q2g", "text": "Condition (Coded)", "answer": [
                    { "valueCoding": { "system": "http://snomed.info/sct", "code": "203082005", "display": "Fibromyalgia" } }
                ] }
            ] },
            { "linkId": "Q3", "text": "I find you", "answer": [
                { "valueCoding": { "system": "http://snomed.info/sct", "code": "225891002", "display": "Fit for work with restrictions" } }
            ] }
        ]
    })
}

#[test]
fn a_response_of_the_public_shape_is_read_and_what_it_lacks_is_left_to_a_person() {
    let found = from_response(&as_the_example()).expect("read");
    assert_eq!(found.assessed_on, Some(d(2026, 11, 13)));
    assert_eq!(found.fitness, Some(Fitness::MayBeFit));
    assert_eq!(found.condition.as_deref(), Some("Fibromyalgia"));
    assert_eq!(found.code.map(|c| c.code).as_deref(), Some("203082005"));
    assert_eq!(
        (found.period, found.reassess, found.profession),
        (Period::default(), None, None)
    );
    assert_eq!(found.not_read, Vec::<String>::new());
}

#[test]
fn what_is_not_known_is_said_and_what_is_no_note_is_refused() {
    let mut response = as_the_example();
    response["item"]
        .as_array_mut()
        .unwrap()
        .push(json!({ "linkId": "X9", "text": "Shoe size", "answer": [{ "valueInteger": 43 }] }));
    response["item"][0]["answer"][0]["valueDate"] = json!("2026-02-31");
    let found = from_response(&response).expect("read");
    assert_eq!(found.assessed_on, None);
    assert_eq!(
        found.not_read,
        [
            "The answer to “Assessment Date” was not read",
            "The answer to “Shoe size” was not read"
        ]
    );
    for bad in [
        json!({}),
        json!([]),
        json!("x"),
        json!({ "resourceType": "Patient" }),
        json!({ "resourceType": "QuestionnaireResponse", "item": 3 }),
    ] {
        assert!(from_response(&bad).is_err(), "{bad}");
    }
    response["status"] = json!("entered-in-error");
    assert!(from_response(&response).is_err());
}

#[test]
fn several_conditions_are_kept_in_words() {
    let mut response = as_the_example();
    response["item"][1]["item"][0]["answer"]
        .as_array_mut()
        .unwrap()
        .push(json!({ "valueCoding": { "system": SNOMED, "code": "195967001", "display": "Asthma" } }));
    let found = from_response(&response).expect("read");
    assert_eq!(found.condition.as_deref(), Some("Fibromyalgia; Asthma"));
    assert_eq!(
        found.not_read,
        ["One code is kept with a note. These others are not: 195967001"]
    );
}

#[test]
fn items_that_lie_in_one_another_without_end_are_not_followed() {
    let mut item = json!({ "linkId": "Q1", "answer": [{ "valueDate": "2026-11-13" }] });
    for _ in 0..100 {
        item = json!({ "linkId": "g", "item": [item] });
    }
    let response = json!({ "resourceType": "QuestionnaireResponse", "item": [item] });
    assert!(from_response(&response).is_err());
}

#[test]
fn the_form_keeps_the_three_questions_of_the_example_and_every_answer_has_its_question() {
    let form = questionnaire();
    let links: Vec<&str> = form["item"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|i| i["linkId"].as_str())
        .collect();
    assert!(["Q1", "Q2", "Q3"].iter().all(|q| links.contains(q)));
    assert_eq!(
        form["item"][4]["answerOption"][0]["valueCoding"]["code"],
        "160910001"
    );
    let mut s = note(d(2026, 11, 2), d(2026, 11, 15));
    s.comments = Some("c".to_owned());
    for item in to_response(&s, &about())["item"].as_array().unwrap() {
        assert!(item["text"].is_string(), "{item}");
    }
}

proptest! {
    #[test]
    fn out_and_in_again_is_the_same_note(
        offset in 0u64..4000, long in proptest::option::of(0u64..400), n in proptest::option::of(1u32..1000),
        may in any::<bool>(), ticks in 0usize..16, reassess in 0usize..3, profession in 0usize..7,
        words in proptest::option::of("[a-zA-Zé“”<>'&]{1,40}"), issued in proptest::option::of(0u64..30),
    ) {
        let from = d(2020, 1, 1) + Days::new(offset);
        let mut s = note(from, from);
        s.period.until_on = long.map(|l| from + Days::new(l));
        s.period.length = n.map(|n| Length { n, unit: Unit::ALL[(n % 3) as usize] });
        s.fitness = if may { Fitness::MayBeFit } else { Fitness::NotFit };
        s.supports = Support::ALL.iter().copied().enumerate().filter(|(i, _)| ticks >> i & 1 == 1).map(|(_, t)| t).collect();
        s.reassess = Reassess::ALL[reassess];
        s.profession = Profession::ALL[profession];
        s.issued_on = issued.map(|i| from + Days::new(i));
        s.earlier_assessment_on = s.issued_on;
        s.code = words.clone().map(|display| Code { system: SNOMED.to_owned(), code: "203082005".to_owned(), display: Some(display) });
        s.condition = words.clone();
        s.comments = words.clone();
        s.practice = words;
        prop_assert_eq!(from_response(&to_response(&s, &about())), Ok(found_of(&s)));
    }

    #[test]
    fn anything_at_all_is_read_or_refused(text in "\\PC{0,60}", link in "Q1|Q3|Q2g|handrail-[a-z]{3,8}") {
        let response = json!({ "resourceType": "QuestionnaireResponse", "item": [{ "linkId": link, "text": text, "answer": [{ "valueString": text, "valueDate": text, "valueCoding": { "code": text } }] }] });
        let _ = from_response(&response);
    }
}

#[test]
fn a_row_of_an_import_says_whose_note_it_is_or_is_refused() {
    let today = d(2026, 11, 20);
    let bare = as_the_example();
    let refused = |response: &Value| to_row(response, &[], None, today).unwrap_err();
    assert_eq!(refused(&bare), "it says neither a case nor an NHS number");
    assert_eq!(
        to_row(&bare, &[], Some("H-1"), today)
            .unwrap()
            .case
            .as_deref(),
        Some("H-1")
    );
    let with = |change: &dyn Fn(&mut Value)| {
        let mut response = as_the_example();
        response["id"] = json!("n1");
        change(&mut response);
        response
    };
    let number = json!({ "system": "https://fhir.nhs.uk/Id/nhs-number", "value": "999 000 0026" });
    // In the reference itself, in a contained Patient, and in a Patient of the same Bundle.
    let patient = json!({ "resourceType": "Patient", "id": "p", "identifier": [number] });
    let beside = with(&|r| r["subject"] = json!({ "identifier": number }));
    let contained = with(&|r| {
        r["subject"] = json!({ "reference": "#p" });
        r["contained"] = json!([patient]);
    });
    let elsewhere = with(&|r| r["subject"] = json!({ "reference": "Patient/p" }));
    for response in [&beside, &contained, &elsewhere] {
        let row = to_row(response, &[&patient], Some("H-1"), today).expect("read");
        assert_eq!(row.nhs_number, NhsNumber::parse("9990000026").ok());
        assert_eq!((row.case, row.key.as_deref()), (None, Some("n1")));
    }
    let wrong = with(&|r| {
        r["subject"] = json!({ "identifier": { "system": "https://fhir.nhs.uk/Id/nhs-number", "value": "9990000027" } });
    });
    assert!(refused(&wrong).contains("is not valid"));
    let far = with(&|r| {
        r["subject"] = json!({ "identifier": { "system": "urn:handrail:case", "value": "H-1" } });
        r["item"][0]["answer"][0]["valueDate"] = json!("1926-11-13");
    });
    assert!(refused(&far).contains("check the year"));
}

#[test]
fn a_form_of_another_system_is_read_question_by_question() {
    let file = include_bytes!("../../../data/fhir/fitness-for-work-questionnaire.xml");
    let form = from_questionnaire(&crate::fhir::read(file).unwrap()).unwrap();
    assert_eq!(form.title, "Statement of fitness for work, for a test");
    // Q2 is a group and asks nothing itself; Q2g has no text in this file.
    assert_eq!(form.kept, ["Assessment Date", "Q2g", "I find you"]);
    assert_eq!(form.not_kept, Vec::<String>::new());
    // Our own form keeps all of itself.
    assert!(
        from_questionnaire(&questionnaire())
            .unwrap()
            .not_kept
            .is_empty()
    );
}

#[test]
fn what_a_note_has_no_place_for_is_said_with_why() {
    let form = json!({ "resourceType": "Questionnaire", "item": [
        { "linkId": "Q1", "text": "Assessed", "type": "string" },
        { "linkId": "Q3", "text": "I find you", "type": "choice", "answerOption": [
            { "valueCoding": { "code": "160910001" } }, { "valueCoding": { "code": "fit" } }] },
        { "linkId": "Q9", "text": "Blood group", "type": "string" },
    ] });
    assert_eq!(
        from_questionnaire(&form).unwrap().not_kept,
        [
            "“Assessed”: it asks for string, and a note has date here",
            "“I find you”: these answers are not known here: fit",
            "“Blood group”: a note has no place for it here",
        ]
    );
    assert!(from_questionnaire(&json!({ "resourceType": "Patient" })).is_err());
    assert!(from_questionnaire(&json!({ "resourceType": "Questionnaire" })).is_err());
}
