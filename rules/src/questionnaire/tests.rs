//! What questionnaires add up to, against hand calculations and published figures, and what must hold for every answer.

use std::collections::BTreeMap;

use chrono::{TimeZone, Utc};
use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::{Choice, contact::WorkStatus};

fn bundled(key: &str) -> Definition {
    BUNDLED
        .iter()
        .map(|text| Definition::read(text).expect("it reads"))
        .find(|d| d.key == key)
        .expect("it is bundled")
}

fn answers(pairs: &[(&str, &str)], definition: &Definition) -> Answers {
    let typed: BTreeMap<&str, &str> = pairs.iter().copied().collect();
    let read = read(definition, |id| typed.get(id).map(|s| (*s).to_owned()));
    assert!(read.errors.is_empty(), "{:?}", read.errors);
    read.answers
}

/// Answers to `prefix1`, `prefix2` … by digit; `-` is no answer.
fn digits(definition: &Definition, prefix: &str, digits: &str) -> Answers {
    let pairs: Vec<(String, String)> = digits
        .chars()
        .enumerate()
        .filter(|(_, c)| *c != '-')
        .map(|(n, c)| (format!("{prefix}{}", n + 1), c.to_string()))
        .collect();
    let pairs: Vec<(&str, &str)> = pairs
        .iter()
        .map(|(a, b)| (a.as_str(), b.as_str()))
        .collect();
    answers(&pairs, definition)
}

fn one(definition: &Definition, answers: &Answers, id: &str) -> Scored {
    score(definition, answers, None)
        .into_iter()
        .find(|s| s.id == id)
        .expect("a score")
}

fn figure(definition: &Definition, answers: &Answers, id: &str) -> Option<f64> {
    match one(definition, answers, id).outcome {
        Outcome::Number(n) => Some((n * 1000.0).round() / 1000.0),
        _ => None,
    }
}

#[test]
fn every_bundled_definition_holds_together_and_says_by_what_right_its_text_is_there() {
    let mut keys = std::collections::BTreeSet::new();
    for text in BUNDLED {
        let definition = Definition::read(text).unwrap_or_else(|e| panic!("{e:#?}\n{text}"));
        assert!(keys.insert(definition.key.clone()), "{}", definition.key);
        let structure_only = definition.version == "structure-1";
        assert_eq!(definition.has_text(), !structure_only, "{}", definition.key);
        if structure_only {
            assert_eq!(
                may_fill_in(&definition, Mode::Telephone),
                Err(Refused::NoText)
            );
        }
    }
    for without in [
        "eq-5d-5l",
        "wsas",
        "work-ability-score",
        "rtw-se-lagerveld-11",
        "rtw-se-brouwer-10",
        "rtw-se-shaw-19",
    ] {
        assert!(!bundled(without).has_text(), "{without}");
    }
}

#[test]
fn phq_9_adds_up_and_its_bands_begin_at_5_10_15_and_20() {
    let phq = bundled("phq-9");
    // By hand: 0 + 1 + 2 + 3 + 0 + 1 + 2 + 3 + 0 = 12.
    let scored = one(&phq, &digits(&phq, "phq", "012301230"), "total");
    assert_eq!(scored.outcome, Outcome::Number(12.0));
    assert_eq!(said(&phq.scores[0], &scored.outcome), "12 of 27");
    // NHS Data Dictionary, Patient Health Questionnaire-9: 0–4, 5–9, 10–14, 15–19, 20–27.
    let bands: Vec<String> = (0..=27)
        .map(|n| {
            band(&phq.scores[0], &Outcome::Number(f64::from(n)))
                .expect("every total has a band")
                .words
        })
        .collect();
    for (from, until) in [(0, 4), (5, 9), (10, 14), (15, 19), (20, 27)] {
        assert!(bands[from..=until].iter().all(|b| *b == bands[from]));
        assert!(from == 0 || bands[from] != bands[from - 1], "{from}");
    }
    assert_eq!(
        figure(&phq, &digits(&phq, "phq", "333333333"), "total"),
        Some(27.0)
    );
}

/// "If one or two values are missing from the score, then they can be substituted with the average score of the non-missing items. Questionnaires with
/// more than two missing values should be disregarded." (NHS Data Dictionary, Patient Health Questionnaire-9.)
#[test]
fn up_to_two_missing_answers_are_taken_as_the_average_of_the_others() {
    let phq = bundled("phq-9");
    // Seven answered, all 2: 14 + 2 × 2 = 18.
    let scored = one(&phq, &digits(&phq, "phq", "22222-2-2"), "total");
    assert_eq!((scored.outcome, scored.made_up), (Outcome::Number(18.0), 2));
    // Eight answered, sum 11: 11 + 11/8 = 12.375, rounded to 12.
    assert_eq!(
        figure(&phq, &digits(&phq, "phq", "1123-2110"), "total"),
        Some(12.0)
    );
    // Eight answered, sum 12: 12 + 1.5 = 13.5, rounded up to 14.
    assert_eq!(
        figure(&phq, &digits(&phq, "phq", "1123-3110"), "total"),
        Some(14.0)
    );
    let three = one(&phq, &digits(&phq, "phq", "22-2-2-22"), "total");
    assert_eq!(
        three.outcome,
        Outcome::NotScored(Why::Missing {
            missing: 3,
            allowed: 2
        })
    );
}

#[test]
fn phq_8_and_gad_7_add_up_within_their_bounds() {
    let phq = bundled("phq-8");
    assert_eq!(phq.items.len(), 8);
    assert!(phq.items.iter().all(|i| !i.said().contains("dead")));
    assert_eq!(
        figure(&phq, &digits(&phq, "phq", "33333333"), "total"),
        Some(24.0)
    );
    let gad = bundled("gad-7");
    // 3 + 2 + 1 + 0 + 1 + 2 + 3 = 12.
    assert_eq!(
        figure(&gad, &digits(&gad, "gad", "3210123"), "total"),
        Some(12.0)
    );
    // Spitzer and others 2006: 5, 10 and 15.
    let from: Vec<f64> = gad.scores[0].bands.iter().map(|b| b.from).collect();
    assert_eq!(from, [0.0, 5.0, 10.0, 15.0]);
}

#[test]
fn phq_9_is_only_asked_with_a_member_of_staff_there_and_phq_8_anywhere() {
    for (key, mode, may) in [
        ("phq-9", Mode::Interview, Ok(())),
        ("phq-9", Mode::Telephone, Ok(())),
        ("phq-9", Mode::Online, Err(Refused::NobodyThere)),
        ("phq-9", Mode::Paper, Err(Refused::NobodyThere)),
        ("phq-8", Mode::Online, Ok(())),
        ("phq-8", Mode::Paper, Ok(())),
    ] {
        assert_eq!(may_fill_in(&bundled(key), mode), may, "{key}");
    }
    // Nor can a file undo that.
    let mut changed = bundled("phq-9");
    changed.modes.push(Mode::Online);
    assert!(problems(&changed).iter().any(|p| p.starts_with("modes")));
    assert_eq!(
        may_fill_in(&changed, Mode::Online),
        Err(Refused::NobodyThere)
    );
}

#[test]
fn question_9_above_zero_interrupts_whatever_the_total() {
    let phq = bundled("phq-9");
    for (given, how_many) in [
        ("000000000", 0),
        ("000000001", 1),
        ("--------3", 1),
        ("33333333-", 0),
    ] {
        let found = interrupts(&phq, &digits(&phq, "phq", given)).len();
        assert_eq!(found, how_many, "{given}");
    }
}

#[test]
fn ons4_is_never_added_up() {
    let ons = bundled("ons4");
    assert_eq!(ons.scores.len(), 4);
    assert!(
        ons.scores
            .iter()
            .all(|s| matches!(s.rule, Rule::Single { .. }))
    );
    // Office for National Statistics, thresholds: 0–4 low, 5–6 medium, 7–8 high, 9–10 very high; anxiety 0–1, 2–3, 4–5, 6–10.
    let words = |id: &str, n: i32| {
        let of = ons.scores.iter().find(|s| s.id == id).expect("a score");
        band(of, &Outcome::Number(f64::from(n)))
            .expect("a band")
            .words
    };
    for (n, expected) in [(4, "Low"), (5, "Medium"), (7, "High"), (9, "Very high")] {
        assert_eq!(words("satisfied", n), expected);
    }
    for (n, expected) in [(1, "Very low"), (3, "Low"), (5, "Medium"), (6, "High")] {
        assert_eq!(words("anxious", n), expected);
    }
}

/// Reilly Associates, WPAI Scoring: Q2/(Q2+Q4); Q5/10; Q2/(Q2+Q4) + (1 − Q2/(Q2+Q4)) × Q5/10; Q6/10; times 100.
#[test]
fn wpai_follows_its_published_formulas() {
    let wpai = bundled("wpai-gh");
    // By hand: 8/(8+32) = 20%; 3/10 = 30%; 0.2 + 0.8 × 0.3 = 44%; 5/10 = 50%.
    let week = answers(
        &[
            ("employed", "yes"),
            ("hours_missed", "8"),
            ("hours_other", "0"),
            ("hours_worked", "32"),
            ("productivity", "3"),
            ("activities", "5"),
        ],
        &wpai,
    );
    let all: Vec<Option<f64>> = ["absenteeism", "presenteeism", "overall", "activity"]
        .iter()
        .map(|id| figure(&wpai, &week, id))
        .collect();
    assert_eq!(all, [Some(20.0), Some(30.0), Some(44.0), Some(50.0)]);
    // By hand: 7.5/(7.5+22.5) = 25%; 0.25 + 0.75 × 0.6 = 70%.
    let part = answers(
        &[
            ("employed", "yes"),
            ("hours_missed", "7.5"),
            ("hours_other", "4"),
            ("hours_worked", "22.5"),
            ("productivity", "6"),
            ("activities", "0"),
        ],
        &wpai,
    );
    assert_eq!(figure(&wpai, &part, "absenteeism"), Some(25.0));
    assert_eq!(figure(&wpai, &part, "overall"), Some(70.0));
    assert_eq!(
        said(&wpai.scores[2], &one(&wpai, &part, "overall").outcome),
        "70%"
    );
}

#[test]
fn wpai_is_not_defined_where_no_hours_were_worked_or_missed_and_100_where_all_were_missed() {
    let wpai = bundled("wpai-gh");
    let of = |missed: &str| {
        answers(
            &[
                ("employed", "yes"),
                ("hours_missed", missed),
                ("hours_other", "37.5"),
                ("hours_worked", "0"),
                ("activities", "2"),
            ],
            &wpai,
        )
    };
    let holiday = of("0");
    for id in ["absenteeism", "overall"] {
        assert_eq!(
            one(&wpai, &holiday, id).outcome,
            Outcome::NotScored(Why::Undefined),
            "{id}"
        );
    }
    assert_eq!(
        one(&wpai, &holiday, "presenteeism").outcome,
        Outcome::NotScored(Why::NotAsked)
    );
    assert_eq!(figure(&wpai, &holiday, "activity"), Some(20.0));
    let off = of("37.5");
    assert_eq!(figure(&wpai, &off, "absenteeism"), Some(100.0));
    assert_eq!(figure(&wpai, &off, "overall"), Some(100.0));
}

#[test]
fn somebody_without_a_job_is_asked_about_activities_only() {
    let wpai = bundled("wpai-gh");
    let none = answers(&[("employed", "no"), ("activities", "4")], &wpai);
    assert_eq!(asked(&wpai, &none), ["employed", "activities"]);
    assert!(unanswered(&wpai, &none).is_empty());
    assert_eq!(
        one(&wpai, &none, "absenteeism").outcome,
        Outcome::NotScored(Why::NotAsked)
    );
    let typed = [("employed", "no"), ("hours_worked", "20")];
    let read = read(&wpai, |id| {
        typed
            .iter()
            .find(|(k, _)| *k == id)
            .map(|(_, v)| (*v).to_owned())
    });
    assert!(read.errors["hours_worked"].contains("left out"));
}

#[test]
fn what_cannot_be_an_answer_is_refused_in_words() {
    let wpai = bundled("wpai-gh");
    for (id, bad) in [
        ("employed", "perhaps"),
        ("hours_missed", "-1"),
        ("hours_missed", "169"),
        ("hours_missed", "7.125"),
        ("hours_missed", "1e2"),
        ("hours_missed", "NaN"),
        ("hours_missed", "<script>"),
        ("activities", "11"),
        ("activities", "3.5"),
    ] {
        let read = read(&wpai, |item| (item == id).then(|| bad.to_owned()));
        assert!(read.errors.contains_key(id), "{id} {bad}");
    }
}

/// An example in the shape of the English value set. Two of its values are published ones: −0.285 for extreme problems everywhere and 0.950 for 11211
/// (Devlin and others, Health Economics 2018;27:7–22, abstract). The single steps were not read in the paper: this tests arithmetic, and is no value set to use.
fn england() -> ValueSet {
    serde_json::from_value(json!({
        "value_set": "eq-5d-5l", "name": "England 2018", "country": "England", "from": "2018-01-01",
        "source": "Devlin and others, Health Economics 2018;27:7–22",
        "values": { "decrements": { "full": 1.0, "levels": {
            "mobility": [0.0, 0.058, 0.076, 0.207, 0.274],
            "self_care": [0.0, 0.050, 0.080, 0.164, 0.203],
            "usual_activities": [0.0, 0.050, 0.063, 0.162, 0.184],
            "pain": [0.0, 0.063, 0.084, 0.276, 0.335],
            "anxiety": [0.0, 0.078, 0.104, 0.285, 0.289] } } },
    }))
    .expect("a value set")
}

fn profile(levels: &str) -> Answers {
    let items = [
        "mobility",
        "self_care",
        "usual_activities",
        "pain",
        "anxiety",
    ];
    items
        .iter()
        .zip(levels.chars())
        .filter(|(_, c)| *c != '-')
        .map(|(item, c)| ((*item).to_owned(), Answer::Code(c.to_string())))
        .collect()
}

#[test]
fn eq_5d_gives_a_profile_and_the_value_of_a_dated_set() {
    let eq = bundled("eq-5d-5l");
    let set = england();
    assert!(set.problems(&eq).is_empty());
    let value = |levels: &str| {
        let scores = score(&eq, &profile(levels), Some(&set));
        (scores[0].outcome.clone(), scores[1].outcome.clone())
    };
    for (levels, expected) in [("11111", 1.0), ("11211", 0.950), ("55555", -0.285)] {
        assert_eq!(
            value(levels),
            (
                Outcome::Profile(levels.to_owned()),
                Outcome::Number(expected)
            )
        );
    }
    // By hand: 1 − 0.058 − 0.080 − 0.050 − 0.276 − 0.289 = 0.247.
    assert_eq!(value("23245").1, Outcome::Number(0.247));
    let unvalued = score(&eq, &profile("11111"), None);
    assert_eq!(unvalued[1].outcome, Outcome::NotScored(Why::NoValueSet));
    let missing = score(&eq, &profile("11-11"), Some(&set));
    assert!(matches!(
        missing[0].outcome,
        Outcome::NotScored(Why::Missing { missing: 1, .. })
    ));
    assert!(missing[1].value_set.is_none());
}

#[test]
fn a_value_set_that_does_not_cover_every_level_is_refused() {
    let eq = bundled("eq-5d-5l");
    let mut short = england();
    if let Values::Decrements { levels, .. } = &mut short.values {
        levels.insert("pain".to_owned(), vec![0.0, 0.1]);
    }
    assert_eq!(short.problems(&eq), ["values: pain needs 5 numbers"]);
    let table = ValueSet {
        values: Values::Table(BTreeMap::from([("11111".to_owned(), 1.0)])),
        ..england()
    };
    assert_eq!(
        table.problems(&eq),
        ["values: the table needs a value for each of the 3125 profiles"]
    );
    assert!(!england().problems(&bundled("phq-9")).is_empty());
}

#[test]
fn rtw_se_turns_three_items_round_and_needs_every_answer() {
    let rtw = bundled("rtw-se-lagerveld-11");
    let all = |digits: &str| -> Answers {
        digits
            .chars()
            .enumerate()
            .filter(|(_, c)| *c != '-')
            .map(|(n, c)| (format!("q{}", n + 1), Answer::Code(c.to_string())))
            .collect()
    };
    // Best answers: 6 everywhere but 1 at items 2, 6 and 9: the mean is 6.
    assert_eq!(figure(&rtw, &all("61666166166"), "mean"), Some(6.0));
    // 6 everywhere: (8 × 6 + 3 × 1) / 11 = 51 / 11 = 4.636.
    assert_eq!(figure(&rtw, &all("66666666666"), "mean"), Some(4.636));
    assert_eq!(figure(&rtw, &all("6666666666-"), "mean"), None);
}

#[test]
fn wsas_makes_up_the_work_question_where_it_does_not_apply_and_says_so() {
    let wsas = bundled("wsas");
    let given: Answers = [
        ("work_applies", "no"),
        ("home", "4"),
        ("social", "4"),
        ("private", "4"),
        ("relationships", "4"),
    ]
    .iter()
    .map(|(i, c)| ((*i).to_owned(), Answer::Code((*c).to_owned())))
    .collect();
    let scored = one(&wsas, &given, "total");
    // Four answered with 16 altogether: 16 + 4 = 20.
    assert_eq!((scored.outcome, scored.made_up), (Outcome::Number(20.0), 1));
}

#[test]
fn whether_somebody_felt_pushed_is_for_the_mentor_unless_the_person_says_otherwise() {
    let pushed = bundled("felt-pushed");
    for (given, who) in [
        (&[("pushed", "yes")][..], SeenBy::Mentor),
        (&[("pushed", "yes"), ("share", "no")], SeenBy::Mentor),
        (&[("pushed", "yes"), ("share", "yes")], SeenBy::Team),
    ] {
        assert_eq!(seen_by(&pushed, &answers(given, &pushed)), who);
    }
}

#[test]
fn the_answer_about_work_is_one_of_the_fields_own() {
    let work = bundled("work-status");
    let Kind::Choice { options } = &work.items[0].kind else {
        panic!("a choice");
    };
    let codes: Vec<&str> = options.iter().map(|o| o.code.as_str()).collect();
    let own: Vec<&str> = WorkStatus::ALL.iter().map(|s| s.code()).collect();
    assert_eq!(codes, own);
    let phased = answers(&[("work_status", "phased")], &work);
    assert_eq!(work_status(&phased), Some(WorkStatus::Phased));
}

#[test]
fn a_loaded_definition_must_be_the_one_that_is_known() {
    let known = bundled("wsas");
    let mut loaded = known.clone();
    loaded.version = "2026-1".to_owned();
    loaded.licence.text = TextFrom::Supplied;
    loaded.licence.permission = Some("Letter of 3 November 2026".to_owned());
    for item in &mut loaded.items {
        item.text = Some("Words of the holder".to_owned());
        if let Kind::Choice { options } = &mut item.kind {
            for option in options {
                option.label = Some(option.code.clone());
            }
        }
    }
    assert_eq!(problems(&loaded), Vec::<String>::new());
    assert_eq!(differences(&known, &loaded), Vec::<String>::new());
    let mut other = loaded.clone();
    other.scores[0].rule = Rule::Sum {
        items: vec!["home".to_owned()],
        most_missing: 0,
    };
    assert_eq!(
        differences(&known, &other),
        ["scores: they are not worked out as known"]
    );
    other.items.pop();
    assert!(differences(&known, &other)[0].starts_with("items: 6 are known"));
    loaded.licence.permission = None;
    assert!(problems(&loaded)[0].starts_with("licence.permission"));
}

#[test]
fn a_definition_that_does_not_hold_together_is_refused_with_every_reason() {
    let text = json!({
        "key": "Bad Key", "version": "", "language": "english please", "title": " ", "about": "x", "missing": "x",
        "licence": { "holder": "x", "note": "x", "text": "bundled" }, "modes": [],
        "items": [
            { "id": "a", "kind": { "type": "scale", "from": 5, "to": 1 } },
            { "id": "a", "text": "x", "kind": { "type": "choice", "options": [] }, "when": [{ "item": "z", "is": "1" }] }
        ],
        "scores": [{ "id": "t", "label": "x", "rule": { "type": "sum", "items": ["q"], "most_missing": 3 }, "low": 0, "high": 1,
                     "bands": [{ "from": 1, "words": "x" }] }],
        "interrupts": [{ "item": "q", "above": 0, "kind": "self_harm", "words": "x" }]
    });
    let wrong = Definition::read(&text.to_string()).expect_err("it is wrong");
    for beginning in [
        "key:",
        "version:",
        "language:",
        "title:",
        "modes:",
        "a.text:",
        "a: a scale",
        "items[1].id",
        "a.options:",
        "when: z",
        "t: q",
        "t: its rule",
        "t.bands:",
        "interrupts:",
    ] {
        assert!(
            wrong.iter().any(|w| w.starts_with(beginning)),
            "{beginning} in {wrong:#?}"
        );
    }
    assert!(Definition::read("{").is_err());
    assert!(Definition::read(r#"{"surprise": 1}"#).is_err());
}

#[test]
fn every_definition_survives_the_way_to_fhir_and_back() {
    for text in BUNDLED {
        let definition = Definition::read(text).expect("it reads");
        let resource = fhir::questionnaire(&definition);
        assert_eq!(resource["resourceType"], "Questionnaire");
        let back = fhir::read_questionnaire(&resource);
        assert_eq!(back.as_ref(), Ok(&definition), "{}", definition.key);
        if !definition.has_text() {
            assert!(!resource.to_string().contains("\"text\":\""));
            assert_eq!(resource["status"], "draft");
        }
    }
    let wpai = fhir::questionnaire(&bundled("wpai-gh"));
    let productivity = &wpai["item"][5];
    assert_eq!(productivity["linkId"], "productivity");
    assert_eq!(
        productivity["enableWhen"],
        json!([
            { "question": "employed", "operator": "=", "answerCoding": { "system": "urn:handrail:option:wpai-gh:employed", "code": "yes" } },
            { "question": "hours_worked", "operator": ">", "answerDecimal": 0 }
        ])
    );
    let phq = fhir::questionnaire(&bundled("phq-9"));
    assert_eq!(
        phq["item"][1]["answerOption"][3]["valueCoding"]["code"],
        "3"
    );
    assert_eq!(
        phq["item"][1]["answerOption"][3]["valueCoding"]["extension"][0]["valueDecimal"],
        3
    );
}

#[test]
fn a_questionnaire_from_elsewhere_comes_in_where_all_of_it_can_be_asked() {
    let mut resource = json!({
        "resourceType": "Questionnaire", "id": "Sleep.Quality", "version": "3", "title": "Sleep", "status": "active", "copyright": "CC0", "publisher": "Somebody",
        "item": [
            { "linkId": "1", "type": "group", "text": "Nights", "item": [
                { "linkId": "1.1", "type": "boolean", "text": "Do you sleep well?" },
                { "linkId": "1.2", "type": "choice", "text": "How often do you wake?", "answerOption": [{ "valueString": "Never" }, { "valueString": "Twice or more" }],
                  "enableWhen": [{ "question": "1.1", "operator": "=", "answerBoolean": false }] },
                { "linkId": "1.3", "type": "integer", "text": "Hours in bed" }
            ] }
        ]
    });
    let sleep = fhir::read_questionnaire(&resource).expect("it can be asked");
    assert_eq!(
        (sleep.key.as_str(), sleep.items.len(), sleep.scores.len()),
        ("sleep-quality", 3, 0)
    );
    assert_eq!(
        asked(&sleep, &answers(&[("1_1", "true")], &sleep)),
        ["1_1", "1_3"]
    );
    resource["item"][0]["item"][0]["type"] = json!("attachment");
    let wrong = fhir::read_questionnaire(&resource).expect_err("no pictures");
    assert!(wrong[0].contains("attachment"), "{wrong:?}");
}

fn filled_in(definition: &Definition, answers: Answers) -> fhir::Response {
    fhir::Response {
        id: "0191-a".to_owned(),
        key: definition.key.clone(),
        version: definition.version.clone(),
        language: definition.language.clone(),
        mode: Mode::Telephone,
        author: Author::Staff,
        started_at: Utc.with_ymd_and_hms(2026, 11, 20, 9, 0, 0).unwrap(),
        completed_at: Utc.with_ymd_and_hms(2026, 11, 20, 9, 7, 31).unwrap(),
        answers,
    }
}

#[test]
fn a_response_says_what_was_answered_and_comes_back_as_it_was() {
    let wpai = bundled("wpai-gh");
    let out = filled_in(
        &wpai,
        answers(
            &[
                ("employed", "yes"),
                ("hours_missed", "7.5"),
                ("hours_other", "0"),
                ("hours_worked", "0"),
                ("activities", "4"),
            ],
            &wpai,
        ),
    );
    let scores = score(&wpai, &out.answers, None);
    let resource = fhir::response(&wpai, &out, &scores, "HR-1", "amended");
    assert_eq!(resource["status"], "amended");
    assert_eq!(
        resource["questionnaire"],
        "urn:handrail:questionnaire:wpai-gh|2.0"
    );
    assert_eq!(resource["item"][1]["answer"][0]["valueDecimal"], 7.5);
    assert_eq!(
        fhir::about(&resource),
        Some(("wpai-gh".to_owned(), Some("2.0".to_owned())))
    );
    assert_eq!(fhir::read_response(&wpai, &resource), Ok(out));
}

#[test]
fn a_response_that_does_not_fit_is_refused_whole_with_every_reason() {
    let phq = bundled("phq-8");
    let resource = json!({
        "resourceType": "QuestionnaireResponse", "status": "in-progress", "questionnaire": "https://elsewhere.example/Questionnaire/PHQ-8",
        "item": [
            { "linkId": "phq1", "answer": [{ "valueCoding": { "code": "7" } }] },
            { "linkId": "phq2", "answer": [{ "valueCoding": { "code": "1" } }, { "valueCoding": { "code": "2" } }] },
            { "linkId": "phq9", "answer": [{ "valueCoding": { "code": "1" } }] }
        ]
    });
    assert_eq!(fhir::about(&resource), Some(("phq-8".to_owned(), None)));
    let wrong = fhir::read_response(&phq, &resource).expect_err("it does not fit");
    for beginning in [
        "status:",
        "authored:",
        "item phq1",
        "item phq2",
        "item phq9",
        "item: there",
    ] {
        assert!(
            wrong.iter().any(|w| w.starts_with(beginning)),
            "{beginning} in {wrong:#?}"
        );
    }
}

/// Any answers to a definition: for each item none, or one that it can have; only those that are asked.
fn any_answers(definition: Definition) -> impl Strategy<Value = (Definition, Answers)> {
    let each: Vec<BoxedStrategy<Option<Answer>>> = definition
        .items
        .iter()
        .map(|item| match &item.kind {
            Kind::Choice { options } => {
                let codes: Vec<Answer> = options
                    .iter()
                    .map(|o| Answer::Code(o.code.clone()))
                    .collect();
                proptest::option::of(proptest::sample::select(codes)).boxed()
            }
            #[expect(clippy::cast_precision_loss, reason = "scales are short")]
            Kind::Scale { from, to, .. } => {
                proptest::option::of((*from..=*to).prop_map(|n| Answer::Number(n as f64))).boxed()
            }
            Kind::Number { from, to, .. } => {
                let (from, to) = (*from, *to);
                let number = move |n: i32| Answer::Number((from + f64::from(n) / 4.0).min(to));
                proptest::option::of((0..400_i32).prop_map(number)).boxed()
            }
            Kind::Text {} => {
                proptest::option::of(Just(Answer::Text("Words <b>“”</b> 😀".to_owned()))).boxed()
            }
        })
        .collect();
    each.prop_map(move |given| {
        let mut answers = Answers::new();
        for (item, answer) in definition.items.iter().zip(given) {
            let now = super::asked(&definition, &answers);
            if let Some(answer) = answer.filter(|_| now.contains(&item.id.as_str())) {
                answers.insert(item.id.clone(), answer);
            }
        }
        (definition.clone(), answers)
    })
}

/// The same answers with a little more of one of them; `None` where there is no more of it.
fn raised(definition: &Definition, answers: &Answers, key: &str) -> Option<Answers> {
    let now = value(definition, answers, key)?;
    let more = match &definition.item(key)?.kind {
        Kind::Choice { options } => options
            .iter()
            .filter(|o| o.value.is_some_and(|v| v as f64 > now))
            .min_by_key(|o| o.value)
            .map(|o| Answer::Code(o.code.clone()))?,
        Kind::Scale { to, .. } => Answer::Number((now + 1.0).min(*to as f64)),
        Kind::Number { to, .. } => Answer::Number((now + 0.25).min(*to)),
        Kind::Text {} => return None,
    };
    let mut raised = answers.clone();
    raised.insert(key.to_owned(), more);
    Some(raised)
}

fn any_filled_in() -> impl Strategy<Value = (Definition, Answers)> {
    proptest::sample::select(BUNDLED)
        .prop_flat_map(|text| any_answers(Definition::read(text).expect("it reads")))
}

proptest! {
    #[test]
    fn a_figure_is_within_its_bounds_and_has_a_band_where_there_are_bands((definition, answers) in any_filled_in()) {
        let set = england();
        for (scored, of) in score(&definition, &answers, Some(&set)).iter().zip(&definition.scores) {
            if let Outcome::Number(n) = scored.outcome {
                prop_assert!((of.low..=of.high).contains(&n), "{} {n}", of.id);
                prop_assert_eq!(band(of, &scored.outcome).is_some(), !of.bands.is_empty());
            }
        }
    }

    #[test]
    fn more_of_a_sign_never_gives_a_lower_total(given in proptest::collection::vec(0..=3_u8, 9), at in 0..9_usize) {
        let phq = bundled("phq-9");
        let text = |v: &[u8]| v.iter().map(ToString::to_string).collect::<String>();
        let mut more = given.clone();
        more[at] = (more[at] + 1).min(3);
        let total = |v: &[u8]| figure(&phq, &digits(&phq, "phq", &text(v)), "total");
        prop_assert!(total(&given) <= total(&more));
        // The order of the questions does not matter.
        let mut turned = given.clone();
        turned.reverse();
        prop_assert_eq!(total(&given), total(&turned));
        let sum: u8 = given.iter().sum();
        prop_assert_eq!(total(&given), Some(f64::from(sum)));
    }

    /// Apart from items that count the other way round, and hours worked, which WPAI's shares are out of.
    #[test]
    fn more_of_any_answer_never_gives_a_lower_figure((definition, answers) in any_filled_in(), at in any::<prop::sample::Index>()) {
        if answers.is_empty() { return Ok(()); }
        let key = answers.keys().nth(at.index(answers.len())).cloned().unwrap_or_default();
        let Some(more) = raised(&definition, &answers, &key) else { return Ok(()) };
        let figures = |answers: &Answers| score(&definition, answers, None);
        for ((of, before), after) in definition.scores.iter().zip(figures(&answers)).zip(figures(&more)) {
            let other_way = match &of.rule {
                Rule::Mean { reversed, .. } => reversed.contains(&key),
                Rule::ShareMissed { worked, .. } | Rule::ShareOverall { worked, .. } => *worked == key,
                Rule::Profile { .. } | Rule::ValueSet { .. } => true,
                _ => false,
            };
            if let (false, Outcome::Number(before), Outcome::Number(after)) = (other_way, &before.outcome, &after.outcome) {
                prop_assert!(*after >= before - 1e-9, "{} {key}: {before} became {after}", of.id);
            }
        }
    }

    #[test]
    fn an_answer_taken_away_never_gives_a_figure_where_there_was_none((definition, answers) in any_filled_in(), at in any::<prop::sample::Index>()) {
        let sums: Vec<&Score> = definition.scores.iter().filter(|s| matches!(s.rule, Rule::Sum { .. } | Rule::Mean { .. } | Rule::Profile { .. })).collect();
        if answers.is_empty() || sums.is_empty() { return Ok(()); }
        let mut fewer = answers.clone();
        let key = answers.keys().nth(at.index(answers.len())).cloned().unwrap_or_default();
        fewer.remove(&key);
        for score in sums {
            let (before, after) = (one(&definition, &answers, &score.id), one(&definition, &fewer, &score.id));
            if matches!(before.outcome, Outcome::NotScored(_)) {
                prop_assert!(matches!(after.outcome, Outcome::NotScored(_)));
            }
        }
    }

    #[test]
    fn any_response_survives_the_way_to_fhir_and_back((definition, answers) in any_filled_in()) {
        if answers.is_empty() { return Ok(()); }
        let out = filled_in(&definition, answers);
        let scores = score(&definition, &out.answers, None);
        let resource = fhir::response(&definition, &out, &scores, "HR-1", "completed");
        let text = resource.to_string();
        let again: serde_json::Value = serde_json::from_str(&text).expect("json");
        prop_assert_eq!(fhir::read_response(&definition, &again), Ok(out));
    }

    #[test]
    fn reading_any_words_never_fails_and_keeps_only_what_fits(text in proptest::sample::select(BUNDLED), words in any::<String>()) {
        let definition = Definition::read(text).expect("it reads");
        let read = read(&definition, |_| Some(words.clone()));
        for (id, answer) in &read.answers {
            prop_assert!(fits(&definition.item(id).expect("an item").kind, answer));
        }
    }
}
