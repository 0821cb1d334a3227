//! What people type: any writing is kept as it stands, what cannot be shown goes, and what is too long is refused and never cut.

use axum::http::StatusCode;
use handrail::rules::id::CaseId;

use crate::support::{Browser, Shown, TestApp};

/// A name from right to left, an emoji, marks as a word processor sets them, a tag, and words of SQL, with a NUL in the middle.
const TYPED: &str =
    "סמי said “it’s fine…” – 😀 <script>alert('x')</script>\u{0}; DROP TABLE cases; --";
const KEPT: &str = "סמי said “it’s fine…” – 😀 <script>alert('x')</script>; DROP TABLE cases; --";

/// A form, the field that takes words, and the others that it needs.
type Form = (
    &'static str,
    &'static str,
    &'static [(&'static str, &'static str)],
);

/// In this order: a plan is moved and cancelled after it was made.
const FORMS: &[Form] = &[
    (
        "consent",
        "note",
        &[
            ("checked_who", "yes"),
            ("safe_to_talk", "yes"),
            ("mode", "spoken"),
            ("contact", "yes"),
            ("research", "yes"),
        ],
    ),
    (
        "consent/withdraw?kind=research",
        "note",
        &[("kind", "research")],
    ),
    ("contacts/new", "shared_note", &[("outcome", "done")]),
    ("contacts/new", "next_step", &[("outcome", "done")]),
    ("contacts/new", "working_note", &[("outcome", "no_answer")]),
    (
        "contacts/new",
        "confidence_reason",
        &[("outcome", "done"), ("confidence", "6")],
    ),
    ("notes/new", "shared_note", &[]),
    (
        "contacts/plan",
        "purpose",
        &[
            ("at_day", "25"),
            ("at_month", "11"),
            ("at_year", "2026"),
            ("at_time", "10:30"),
        ],
    ),
    (
        "contacts/plan",
        "reason",
        &[
            ("at_day", "27"),
            ("at_month", "11"),
            ("at_year", "2026"),
            ("at_time", "10:30"),
            ("moved_by", "person"),
        ],
    ),
    ("contacts/plan/cancel", "reason", &[]),
];

fn fields<'a>(form: &Form, words: &'a str) -> Vec<(&'a str, &'a str)> {
    form.2.iter().copied().chain([(form.1, words)]).collect()
}

/// Opens the page of a form and sends it to its address, which is without the query.
async fn send(browser: &Browser, case: CaseId, form: &Form, words: &str) -> Shown {
    let page = browser.get(&format!("/cases/{case}/{}", form.0)).await.ok();
    let draft = page.value("draft");
    let version = if page.body.contains("name=\"version\"") {
        page.value("version")
    } else {
        String::new()
    };
    let mut all = fields(form, words);
    all.push(("draft", &draft));
    if !version.is_empty() {
        all.push(("version", &version));
    }
    let address = form.0.split('?').next().unwrap();
    browser
        .post(&format!("/cases/{case}/{address}"), &all)
        .await
}

#[tokio::test]
async fn any_writing_is_kept_and_shown_as_it_was_typed() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let priya = app.browser("priya").await;
    for form in FORMS {
        app.clock.advance(chrono::Duration::minutes(1));
        let sent = send(&priya, case, form, TYPED).await;
        assert_eq!(
            sent.status,
            StatusCode::SEE_OTHER,
            "{} {}: {}",
            form.0,
            form.1,
            sent.body
        );
        // A purpose and a consent's note stand on their own pages, the rest in the story.
        let page = match form.1 {
            "note" => format!("/cases/{case}/consent"),
            "purpose" => format!("/cases/{case}/contacts/new"),
            _ => format!("/cases/{case}"),
        };
        let shown = priya.get(&page).await.ok();
        assert!(shown.says(KEPT), "{} {}", form.0, form.1);
        assert!(!shown.body.contains("<script>alert"), "{}", form.0);
    }
}

#[tokio::test]
async fn a_hundred_thousand_characters_are_refused_with_their_field_and_given_back() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let priya = app.browser("priya").await;
    let long = "ש".repeat(100_000);
    for form in FORMS {
        app.clock.advance(chrono::Duration::minutes(1));
        let page = send(&priya, case, form, &long).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", form.0);
        let field = form.1.trim_end_matches("_reason");
        let sentence = page.error(field).unwrap_or_default();
        assert!(
            sentence.ends_with("You have used 100000."),
            "{} {}: {sentence}",
            form.0,
            form.1
        );
        assert!(page.body.contains(&long), "{}", form.0);
        // What follows needs what this form would have made.
        let short = send(&priya, case, form, "Short words").await;
        assert_eq!(short.status, StatusCode::SEE_OTHER, "{}", short.body);
    }
    assert_eq!(
        app.count("shared_notes WHERE length(words) > 20000").await
            + app.count("consents WHERE length(note) > 20000").await,
        0
    );
}
