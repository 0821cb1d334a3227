//! Each kind of document as its recipient has it: every field that it can hold, and nothing but what was ticked in any form that leaves.

use base64::{Engine, engine::general_purpose::STANDARD};
use rand::{RngExt, SeedableRng, rngs::StdRng};

use super::{FOR_RUTH, FOR_WHAT, HER_WORD, agreed, key_of, link, maya, prepare};
use crate::{
    assessment::{
        demands::table,
        report::{REPORT, register},
    },
    message::{send, stand_ins::MailServer},
    plan::returning::{ROWS, with},
    support::{Browser, Shown, TestApp},
};
use handrail::{features::identity, rules::id::CaseId};

/// The usual document with other answers in some of its fields.
fn asking<'a>(other: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    FOR_RUTH
        .iter()
        .map(|(name, value)| {
            let instead = other.iter().find(|(n, _)| n == name);
            *instead.unwrap_or(&(*name, *value))
        })
        .chain(other.iter().copied().filter(|(n, _)| *n == "own_words"))
        .collect()
}

/// Ticks these, and the condition on its own, and releases at the person's word.
async fn release_these(priya: &Browser, document: &str, keys: &[String], condition: bool) {
    let mut ticks: Vec<(&str, &str)> = keys.iter().map(|key| ("items", key.as_str())).collect();
    if condition {
        ticks.push(("condition", "yes"));
    }
    for (act, more) in [("look", &[] as &[(&str, &str)]), ("release", &HER_WORD)] {
        let all = [&ticks[..], &FOR_WHAT, more, &[("act", act)]].concat();
        priya.fill(document, &all).await.went_to(document);
    }
}

/// All that a recipient gets by a link: the page, the file, and the file in large print.
async fn by_link(app: &TestApp, priya: &Browser, document: &str) -> Vec<String> {
    let (path, code) = link(priya, document).await;
    let recipient = app.stranger();
    recipient
        .post(&path, &[("code", &code)])
        .await
        .went_to(&path);
    let page = recipient.get(&path).await.ok();
    let file = |shown: Shown| shown.ok().words_of_the_file();
    vec![
        words_of(&page.body),
        file(recipient.get(&format!("{path}/document.pdf")).await),
        file(
            recipient
                .get(&format!("{path}/document.pdf?print=large"))
                .await,
        ),
    ]
}

/// What a reader reads of a page: tags away, blanks made one.
fn words_of(page: &str) -> String {
    let mut words = String::new();
    for part in page.split('<') {
        words.push_str(part.split_once('>').map_or(part, |(_, text)| text));
        words.push(' ');
    }
    let words = words.replace("&#39;", "'").replace("&amp;", "&");
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The words of the PDF in an email.
fn words_of_the_attachment(mail: &str) -> String {
    let after = mail.split("application/pdf").nth(1).expect("a PDF");
    let body = after.split_once("\r\n\r\n").expect("its bytes").1;
    let body = body.split("\r\n--").next().unwrap();
    let body: String = body.chars().filter(|c| !c.is_whitespace()).collect();
    let bytes = STANDARD.decode(body).unwrap();
    let text = pdf_extract::extract_text_from_mem(&bytes).unwrap();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[tokio::test]
async fn a_health_and_work_report_has_all_its_fields_and_each_is_ticked_by_itself() {
    let app = TestApp::new().await;
    let priya = app.browser("priya").await;
    let case = maya(&app, &priya).await;
    register(&app, "priya").await;
    let home = format!("/cases/{case}/assessment");
    table(
        &priya,
        &format!("{home}/demands"),
        ["Hoists", "Pain after two lifts", "Two carers to a lift"],
        ["", "", ""],
    )
    .await;
    let made = priya.fill(&format!("{home}/report"), REPORT).await;
    assert_eq!(made.status, 303, "{}", made.body);

    let document = prepare(&priya, case, &asking(&[("kind", "work_report")])).await;
    let page = priya.get(&document).await.ok();
    for label in [
        "My date of birth",
        "The advice, who gives it, and for which period",
        "The professional’s comments",
        "A phased return to work",
        "Pain after two lifts",
    ] {
        assert!(page.says(label), "{label}");
    }
    assert!(!page.body.contains(" checked"), "nothing is ticked");
    let keys = ["The advice, who gives it", "A phased return to work"].map(|w| key_of(&page, w));
    release_these(&priya, &document, &keys, false).await;
    // What `fit-notes-and-programmes` §3.5 lists, as REPORT above filled it in: the 20th of November 2026 is a Friday.
    for output in by_link(&app, &priya, &document).await {
        for (label, value) in [
            ("Advice", "may be fit for work"),
            ("Completed by", "Priya Nair, physiotherapist"),
            ("HCPC registration number", "PH123456"),
            ("Organisation", "Steady Ground"),
            ("Contact", "priya@handrail.example"),
            ("Date of assessment", "Friday 20 November 2026"),
            (
                "Period",
                "Monday 23 November 2026 to Friday 18 December 2026",
            ),
            ("Follow-up review", "not required"),
        ] {
            assert!(output.contains(label), "{label} in {output}");
            assert!(output.contains(value), "{value} in {output}");
        }
        assert!(output.contains("A phased return to work"), "{output}");
        for never in [
            "1984",
            "Review at work after two weeks",
            "Pain after two lifts",
            "Two carers to a lift",
            "Asthma",
            "corridor smell",
            "Her sister",
        ] {
            assert!(!output.contains(never), "{never} in {output}");
        }
    }
}

#[tokio::test]
async fn a_letter_is_in_the_persons_own_words_without_what_they_keep_to_themselves() {
    let app = TestApp::new().await;
    let priya = app.browser("priya").await;
    let case = maya(&app, &priya).await;
    let words = [
        ("with_whom", "With Ruth, in her office"),
        ("opening", "I would like to talk about my hours"),
        ("hope", "That I can begin after ten"),
        ("keep_private", "What the doctor said"),
        ("if_words", "If she asks about the doctor"),
        ("then_words", "I say that it is private"),
    ];
    let plan = format!("/cases/{case}/plan");
    let said = priya
        .fill(&format!("{plan}/conversation/words"), &words)
        .await;
    assert_eq!(said.status, 303, "{}", said.body);
    let document = prepare(&priya, case, &asking(&[("kind", "own_letter")])).await;
    let page = priya.get(&document).await.ok();
    for private in [
        "What the doctor said",
        "asks about the doctor",
        "in her office",
    ] {
        assert!(!page.says(private), "{private} is not even offered");
    }
    let keys = [key_of(&page, "I would like to talk about my hours")];
    release_these(&priya, &document, &keys, false).await;
    for output in by_link(&app, &priya, &document).await {
        assert!(
            output.contains("I would like to talk about my hours"),
            "{output}"
        );
        for never in [
            "begin after ten",
            "doctor",
            "in her office",
            "Asthma",
            "5 kg",
        ] {
            assert!(!output.contains(never), "{never} in {output}");
        }
    }
}

#[tokio::test]
async fn a_graded_return_shows_its_weeks_and_no_more_than_was_ticked() {
    let app = TestApp::new().await;
    let priya = app.browser("priya").await;
    let case = maya(&app, &priya).await;
    let mut weeks = with(&ROWS);
    weeks.extend([
        ("starts_day", "23"),
        ("starts_month", "11"),
        ("starts_year", "2026"),
    ]);
    priya
        .fill(&format!("/cases/{case}/plan/return"), &weeks)
        .await
        .went_to(&format!("/cases/{case}/plan#return"));
    let document = prepare(&priya, case, &asking(&[("kind", "graded_return")])).await;
    let page = priya.get(&document).await.ok();
    let keys = ["My first day back", "The hours I plan to work"].map(|w| key_of(&page, w));
    release_these(&priya, &document, &keys, false).await;
    // Two weeks, Tuesday 10 to 2, then Tuesday and Thursday: 4 hours, and 8.
    for output in by_link(&app, &priya, &document).await {
        for words in [
            "Monday 23 November 2026",
            "1 Tuesday 10:00 to 14:00 4 hours",
            "2 Tue and Thu 10:00 to 14:00 8 hours",
        ] {
            assert!(output.contains(words), "{words} in {output}");
        }
        for never in [
            "Tea round",
            "5 kg",
            "Asthma",
            "late shift",
            "Friday, with Jo",
            "Full pay",
        ] {
            assert!(!output.contains(never), "{never} in {output}");
        }
    }
}

/// What is never in any document, whatever is ticked: notes, and how to reach anybody.
const NEVER: [&str; 4] = ["Her sister", "corridor smell", "07700", "gp@elm.example"];

/// What a note to the practice could say here: the label to tick, and the words that then stand in it.
const ALL: [(&str, &str); 10] = [
    ("My date of birth", "Friday 2 March 1984"),
    (
        "This is what I would like the practice to know",
        "This is what I would like the practice to know",
    ),
    (
        "Please write to me, not ring",
        "Please write to me, not ring",
    ),
    ("To be back by spring", "To be back by spring"),
    ("Sleep through the night", "Sleep through the night"),
    (
        "support to come back to work</label>",
        "I am getting support to come back to work",
    ),
    ("I can lift up to 5 kg", "I can lift up to 5 kg"),
    ("No late shift until week 4", "No late shift until week 4"),
    ("Pain after two lifts", "Two carers to a lift"),
    ("A chair with arms", "A chair with arms"),
];

/// Consent to share with the practice, and something hard at work.
async fn practice_may_know(priya: &Browser, case: CaseId) {
    agreed(priya, case).await;
    let here = format!("/cases/{case}/consent");
    let more = [
        ("checked_who", "yes"),
        ("safe_to_talk", "yes"),
        ("mode", "spoken"),
        ("share_gp", "yes"),
    ];
    priya
        .fill(&here, &more)
        .await
        .went_to(&format!("/cases/{case}"));
    table(
        priya,
        &format!("/cases/{case}/assessment/demands"),
        ["Hoists", "Pain after two lifts", "Two carers to a lift"],
        ["", "", ""],
    )
    .await;
}

/// Something is in it just where it was ticked.
fn holds_what_was_ticked(output: &str, ticked: &[bool], condition: bool) {
    for ((_, words), ticked) in ALL.iter().zip(ticked) {
        assert_eq!(output.contains(words), *ticked, "{words} in {output}");
    }
    assert_eq!(
        output.contains("Asthma, since the spring"),
        condition,
        "{output}"
    );
    for never in NEVER {
        assert!(!output.contains(never), "{never} in {output}");
    }
}

#[tokio::test]
async fn over_random_releases_a_note_to_the_practice_holds_what_was_ticked_in_every_form() {
    let server = MailServer::open().await;
    let sending = server.settings();
    let app = TestApp::configured(|config, _| config.sending = sending).await;
    let priya = app.browser("priya").await;
    let case = maya(&app, &priya).await;
    practice_may_know(&priya, case).await;
    // A seed that is kept, so that a failure can be seen again.
    let mut dice = StdRng::seed_from_u64(20_261_120);
    let mut mails = 0;
    for way in ["link", "email", "link", "email", "link", "email"] {
        let fields = asking(&[
            ("kind", "gp_note"),
            ("recipient_kind", "gp"),
            ("recipient_name", "Elm Street Surgery"),
            ("way", way),
            ("send_to", "gp@elm.example"),
            ("own_words", "Please write to me, not ring"),
        ]);
        let document = prepare(&priya, case, &fields).await;
        let page = priya.get(&document).await.ok();
        let mut ticked: Vec<bool> = ALL.iter().map(|_| dice.random()).collect();
        let condition = dice.random();
        // A document says something.
        ticked[6] |= !ticked.contains(&true);
        let keys: Vec<String> = ALL
            .iter()
            .zip(&ticked)
            .filter(|(_, ticked)| **ticked)
            .map(|((label, _), _)| key_of(&page, label))
            .collect();
        release_these(&priya, &document, &keys, condition).await;
        if way == "link" {
            for output in by_link(&app, &priya, &document).await {
                holds_what_was_ticked(&output, &ticked, condition);
            }
        }
        send(&app).await;
        // The link, without its code, or the file.
        let mail = server.taken().pop().unwrap();
        mails += 1;
        assert_eq!(server.taken().len(), mails);
        let said = mail.split("application/pdf").next().unwrap();
        let said = said.replace("=\r\n", "");
        for never in ALL
            .iter()
            .map(|(_, words)| *words)
            .chain(["Asthma", NEVER[0]])
        {
            assert!(!said.contains(never), "{never} in {said}");
        }
        assert_eq!(said.contains("/d/"), way == "link");
        if way == "email" {
            holds_what_was_ticked(&words_of_the_attachment(&mail), &ticked, condition);
        }
    }
}

#[tokio::test]
async fn a_report_is_not_released_once_its_author_is_not_registered_any_more() {
    let app = TestApp::new().await;
    let priya = app.browser("priya").await;
    let case = maya(&app, &priya).await;
    register(&app, "priya").await;
    table(
        &priya,
        &format!("/cases/{case}/assessment/demands"),
        ["Hoists", "Pain after two lifts", "Two carers to a lift"],
        ["", "", ""],
    )
    .await;
    let made = priya
        .fill(&format!("/cases/{case}/assessment/report"), REPORT)
        .await;
    assert_eq!(made.status, 303, "{}", made.body);
    let document = prepare(&priya, case, &asking(&[("kind", "work_report")])).await;
    let page = priya.get(&document).await.ok();
    let key = key_of(&page, "The advice, who gives it");
    let ticked = [("items", key.as_str())];
    let look = [&ticked[..], &FOR_WHAT, &[("act", "look")]].concat();
    priya.fill(&document, &look).await.went_to(&document);

    let mut tx = app.write("ines").await;
    identity::end_registration(&mut tx, app.id("priya"), "It has lapsed")
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let release = [&ticked[..], &FOR_WHAT, &HER_WORD, &[("act", "release")]].concat();
    let refused = priya.fill(&document, &release).await;
    assert_eq!(refused.status, 422, "{}", refused.body);
    assert!(refused.error("exactly").is_some());
    assert_eq!(app.count("documents WHERE released IS NOT NULL").await, 0);
}
