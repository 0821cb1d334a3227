//! A statement as a FHIR R4 QuestionnaireResponse in the shape of UK Core's FitnessForWork example, and back.
//!
//! UK Core has no profile for a fit note. Its example has three questions: Q1 assessment date, Q2 > Q2g conditions (coded), Q3 "I find you". What the
//! example lacks stands in further items, whose link ids begin with `handrail-`. docs/fit-notes.md lists them.

use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use serde_json::{Value, json};

use super::{
    Code, Fitness, Length, Period, Profession, Reassess, SNOMED, Statement, Support, Unit,
};
use crate::{Choice, field};

/// The address of the Questionnaire that a response answers. It names our version of the form and leads to no server.
pub const QUESTIONNAIRE: &str = "urn:handrail:questionnaire:fitness-for-work|1";
/// The example whose three questions it keeps.
pub const DERIVED_FROM: &str =
    "https://example.com/base/Questionnaire/UKCore-Questionnaire-FitnessForWork-Example";
const SUPPORT: &str = "urn:handrail:fit-note-support";
const PROFESSION: &str = "urn:handrail:fit-note-profession";
const REASSESS: &str = "urn:handrail:fit-note-reassess";
const UCUM: &str = "http://unitsofmeasure.org";

/// The SNOMED CT codes of UK Core's example: 160910001 and 225891002.
fn fitness_code(fitness: Fitness) -> (&'static str, &'static str) {
    match fitness {
        Fitness::NotFit => ("160910001", "Unfit for work"),
        Fitness::MayBeFit => ("225891002", "Fit for work with restrictions"),
    }
}

fn coding(system: &str, code: &str, display: &str) -> Value {
    json!({ "system": system, "code": code, "display": display })
}

fn options<T: Choice>(system: &str) -> Vec<Value> {
    T::ALL
        .iter()
        .map(|c| json!({ "valueCoding": coding(system, c.code(), c.label()) }))
        .collect()
}

/// The form: the example's three questions and ours.
pub fn questionnaire() -> Value {
    let fitness: Vec<Value> = Fitness::ALL
        .iter()
        .map(|f| {
            let (code, display) = fitness_code(*f);
            json!({ "valueCoding": coding(SNOMED, code, display) })
        })
        .collect();
    let (url, version) = QUESTIONNAIRE
        .split_once('|')
        .unwrap_or((QUESTIONNAIRE, "1"));
    json!({
        "resourceType": "Questionnaire",
        "url": url,
        "version": version,
        "derivedFrom": [DERIVED_FROM],
        "title": "Statement of fitness for work",
        "status": "active",
        "experimental": true,
        "subjectType": ["Patient"],
        "description": "What a statement of fitness for work (Med3) says. Q1, Q2 and Q3 are those of UK Core's example; the rest is Handrail's.",
        "code": [coding(SNOMED, "18381000000107", "Sickness certificates")],
        "item": [
            { "linkId": "Q1", "text": "Assessment Date", "type": "date", "required": true },
            { "linkId": "handrail-earlier-assessment", "text": "Earlier assessment that the note rests on", "type": "date" },
            { "linkId": "handrail-issued", "text": "Date of statement", "type": "date" },
            { "linkId": "Q2", "text": "Condition(s)", "type": "group", "item": [
                { "linkId": "Q2g", "text": "Condition (Coded)", "type": "choice", "repeats": true, "answerValueSet": "https://fhir.hl7.org.uk/ValueSet/UKCore-ConditionCode" },
                { "linkId": "handrail-condition-text", "text": "Condition as written", "type": "string" },
            ] },
            { "linkId": "Q3", "code": [coding(SNOMED, "365524007", "Fitness for work - finding")], "text": "I find you", "type": "choice", "required": true, "answerOption": fitness },
            { "linkId": "handrail-support", "text": "You may benefit from", "type": "choice", "repeats": true, "answerOption": options::<Support>(SUPPORT) },
            { "linkId": "handrail-comments", "text": "Comments", "type": "text" },
            { "linkId": "handrail-for", "text": "This will be the case for", "type": "quantity" },
            { "linkId": "handrail-from", "text": "From", "type": "date" },
            { "linkId": "handrail-until", "text": "To", "type": "date" },
            { "linkId": "handrail-reassess", "text": "I will or will not need to assess your fitness for work again at the end of this period", "type": "choice", "answerOption": options::<Reassess>(REASSESS) },
            { "linkId": "handrail-profession", "text": "Issuer's profession", "type": "choice", "answerOption": options::<Profession>(PROFESSION) },
            { "linkId": "handrail-practice", "text": "Issuer's practice", "type": "string" },
        ],
    })
}

/// What a response says beside the statement.
#[derive(Debug, Clone)]
pub struct About {
    /// The recorded note's id.
    pub id: String,
    /// FHIR status: "completed", "amended" for a corrected one, "entered-in-error".
    pub status: &'static str,
    /// When it was recorded.
    pub authored: DateTime<Utc>,
    /// The case's reference. A name or an NHS number is not in it.
    pub case: String,
}

/// A statement as a response.
pub fn to_response(s: &Statement, about: &About) -> Value {
    let questions = questionnaire();
    let item = |link: &str, answers: Vec<Value>| {
        (!answers.is_empty()).then(
            || json!({ "linkId": link, "text": text_of(&questions, link), "answer": answers }),
        )
    };
    let date = |on: Option<NaiveDate>| -> Vec<Value> {
        on.into_iter()
            .map(|on| json!({ "valueDate": on.to_string() }))
            .collect()
    };
    let string = |text: &Option<String>| -> Vec<Value> {
        text.iter().map(|t| json!({ "valueString": t })).collect()
    };
    let code: Vec<Value> = s
        .code
        .iter()
        .map(|c| json!({ "valueCoding": of_code(c) }))
        .collect();
    let conditions: Vec<Value> = [
        item("Q2g", code),
        item("handrail-condition-text", string(&s.condition)),
    ]
    .into_iter()
    .flatten()
    .collect();
    let (code, display) = fitness_code(s.fitness);
    let supports = s
        .supports
        .iter()
        .map(|t| json!({ "valueCoding": coding(SUPPORT, t.code(), t.label()) }))
        .collect();
    let length = s
        .period
        .length
        .iter()
        .map(|l| json!({ "valueQuantity": { "value": l.n, "unit": l.unit.label(), "system": UCUM, "code": ucum(l.unit) } }))
        .collect();
    let items: Vec<Value> = [
        item("Q1", date(Some(s.assessed_on))),
        item("handrail-earlier-assessment", date(s.earlier_assessment_on)),
        item("handrail-issued", date(s.issued_on)),
        (!conditions.is_empty())
            .then(|| json!({ "linkId": "Q2", "text": "Condition(s)", "item": conditions })),
        item("Q3", vec![json!({ "valueCoding": coding(SNOMED, code, display) })]),
        item("handrail-support", supports),
        item("handrail-comments", string(&s.comments)),
        item("handrail-for", length),
        item("handrail-from", date(s.period.from_on)),
        item("handrail-until", date(s.period.until_on)),
        item(
            "handrail-reassess",
            vec![json!({ "valueCoding": coding(REASSESS, s.reassess.code(), s.reassess.label()) })],
        ),
        item(
            "handrail-profession",
            vec![json!({ "valueCoding": coding(PROFESSION, s.profession.code(), s.profession.label()) })],
        ),
        item("handrail-practice", string(&s.practice)),
    ]
    .into_iter()
    .flatten()
    .collect();
    json!({
        "resourceType": "QuestionnaireResponse",
        "id": about.id,
        "questionnaire": QUESTIONNAIRE,
        "status": about.status,
        "subject": { "type": "Patient", "identifier": { "system": "urn:handrail:case", "value": about.case } },
        "authored": about.authored.to_rfc3339_opts(SecondsFormat::Secs, true),
        "source": { "type": "Patient", "identifier": { "system": "urn:handrail:case", "value": about.case } },
        "item": items,
    })
}

fn of_code(c: &Code) -> Value {
    let mut coding = json!({ "system": c.system, "code": c.code });
    if let (Some(display), Some(map)) = (&c.display, coding.as_object_mut()) {
        map.insert("display".to_owned(), json!(display));
    }
    coding
}

fn ucum(unit: Unit) -> &'static str {
    match unit {
        Unit::Days => "d",
        Unit::Weeks => "wk",
        Unit::Months => "mo",
    }
}

fn text_of(questionnaire: &Value, link: &str) -> Value {
    fn find<'a>(items: &'a Value, link: &str) -> Option<&'a Value> {
        items.as_array()?.iter().find_map(|item| {
            if item["linkId"] == link {
                Some(&item["text"])
            } else {
                find(&item["item"], link)
            }
        })
    }
    find(&questionnaire["item"], link)
        .cloned()
        .unwrap_or(Value::Null)
}

/// What was found in a response: everything may be missing, and a person completes it. Nothing that was there is passed over in silence.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    pub assessed_on: Option<NaiveDate>,
    pub earlier_assessment_on: Option<NaiveDate>,
    pub issued_on: Option<NaiveDate>,
    pub condition: Option<String>,
    pub code: Option<Code>,
    pub fitness: Option<Fitness>,
    pub supports: Vec<Support>,
    pub comments: Option<String>,
    pub period: Period,
    pub reassess: Option<Reassess>,
    pub profession: Option<Profession>,
    pub practice: Option<String>,
    /// What could not be read, in sentences.
    pub not_read: Vec<String>,
}

/// The deepest that items may lie in one another.
const DEEPEST: usize = 8;

/// Reads a response, or says why it is none.
pub fn from_response(response: &Value) -> Result<Found, String> {
    if response["resourceType"] != "QuestionnaireResponse" {
        return Err("This is not a FHIR QuestionnaireResponse".to_owned());
    }
    let mut found = Found::default();
    match response["status"].as_str() {
        Some("entered-in-error" | "stopped") => {
            return Err("The file says that this note was entered in error or stopped".to_owned());
        }
        Some("in-progress") => found
            .not_read
            .push("The file says that the note is not complete yet".to_owned()),
        _ => {}
    }
    read_items(&response["item"], &mut found, 0);
    if found.assessed_on.is_none() && found.fitness.is_none() {
        return Err(
            "There is no fit note in this file: neither an assessment date (Q1) nor what was found (Q3)"
                .to_owned(),
        );
    }
    Ok(found)
}

fn read_items(items: &Value, found: &mut Found, depth: usize) {
    if depth > DEEPEST {
        return found
            .not_read
            .push("Some answers lie too deep in the file".to_owned());
    }
    for item in items.as_array().into_iter().flatten() {
        let link = item["linkId"].as_str().unwrap_or_default();
        let answers: Vec<&Value> = item["answer"].as_array().into_iter().flatten().collect();
        if !answers.is_empty() && !read_answers(link, &answers, found) {
            let asked = item["text"].as_str().unwrap_or(link);
            found
                .not_read
                .push(format!("The answer to “{}” was not read", short(asked)));
        }
        read_items(&item["item"], found, depth + 1);
        for answer in answers {
            read_items(&answer["item"], found, depth + 1);
        }
    }
}

/// The first 100 characters, so that a file cannot fill a page.
fn short(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(100).collect()
}

/// False where an answer is not what its question asks for.
fn read_answers(link: &str, answers: &[&Value], found: &mut Found) -> bool {
    let first = answers[0];
    let one = answers.len() == 1;
    match link {
        "Q1" => set(&mut found.assessed_on, date(first)) && one,
        "handrail-earlier-assessment" => set(&mut found.earlier_assessment_on, date(first)) && one,
        "handrail-issued" => set(&mut found.issued_on, date(first)) && one,
        "handrail-from" => set(&mut found.period.from_on, date(first)) && one,
        "handrail-until" => set(&mut found.period.until_on, date(first)) && one,
        "handrail-for" => set(&mut found.period.length, length(first)) && one,
        "handrail-condition-text" => set(&mut found.condition, line(first)) && one,
        "handrail-practice" => set(&mut found.practice, line(first)) && one,
        "handrail-comments" => {
            let text = first["valueString"]
                .as_str()
                .and_then(|t| field::optional_text(t).ok().flatten());
            set(&mut found.comments, text) && one
        }
        "Q3" => {
            let code = first["valueCoding"]["code"].as_str();
            let fitness = Fitness::ALL
                .iter()
                .copied()
                .find(|f| code == Some(fitness_code(*f).0));
            set(&mut found.fitness, fitness) && one
        }
        "Q2g" => read_conditions(answers, found),
        "handrail-support" => {
            let read: Option<Vec<Support>> = answers.iter().map(|a| choice(a)).collect();
            let all = read.is_some();
            let ticked = read.unwrap_or_default();
            found.supports = Support::ALL
                .iter()
                .copied()
                .filter(|s| ticked.contains(s))
                .collect();
            all
        }
        "handrail-reassess" => set(&mut found.reassess, choice(first)) && one,
        "handrail-profession" => set(&mut found.profession, choice(first)) && one,
        _ => false,
    }
}

fn set<T>(place: &mut Option<T>, value: Option<T>) -> bool {
    let read = value.is_some();
    *place = value;
    read
}

/// The first code is the note's; the words of all of them stand in the condition, so that none is lost.
fn read_conditions(answers: &[&Value], found: &mut Found) -> bool {
    let codes: Option<Vec<Code>> = answers
        .iter()
        .map(|a| {
            let coding = &a["valueCoding"];
            let text = |name: &str| {
                coding[name]
                    .as_str()
                    .and_then(|t| field::optional_line(t).ok().flatten())
            };
            Some(Code {
                system: text("system")?,
                code: text("code")?,
                display: text("display"),
            })
        })
        .collect();
    let Some(codes) = codes else { return false };
    if found.condition.is_none() {
        let words: Vec<&str> = codes.iter().filter_map(|c| c.display.as_deref()).collect();
        found.condition = field::optional_line(&words.join("; ")).ok().flatten();
    }
    let more = codes.len() > 1;
    if more {
        let others: Vec<&str> = codes.iter().skip(1).map(|c| c.code.as_str()).collect();
        found.not_read.push(format!(
            "One code is kept with a note. These others are not: {}",
            short(&others.join(", "))
        ));
    }
    found.code = codes.into_iter().next();
    true
}

fn date(answer: &Value) -> Option<NaiveDate> {
    NaiveDate::parse_from_str(answer["valueDate"].as_str()?, "%Y-%m-%d").ok()
}

fn line(answer: &Value) -> Option<String> {
    field::optional_line(answer["valueString"].as_str()?)
        .ok()
        .flatten()
}

fn choice<T: Choice>(answer: &Value) -> Option<T> {
    T::from_code(answer["valueCoding"]["code"].as_str()?)
}

fn length(answer: &Value) -> Option<Length> {
    let quantity = &answer["valueQuantity"];
    let code = quantity["code"].as_str()?;
    let unit = Unit::ALL.iter().copied().find(|u| ucum(*u) == code)?;
    let n = quantity["value"].as_f64()?;
    ((1.0..=999.0).contains(&n) && n.fract() == 0.0).then_some(Length { n: n as u32, unit })
}

#[cfg(test)]
mod tests {
    use chrono::{Days, TimeZone};
    use proptest::prelude::*;

    use super::{
        super::tests::{d, note},
        *,
    };

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
        response["item"].as_array_mut().unwrap().push(
            json!({ "linkId": "X9", "text": "Shoe size", "answer": [{ "valueInteger": 43 }] }),
        );
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
}
