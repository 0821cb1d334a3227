//! Recording a fit note.

use axum::http::StatusCode;

use crate::support::{TestApp, event_names};

/// An ordinary note: Monday 2 to Sunday 29 November 2026. It is Friday 20 November.
pub const PLAIN: &[(&str, &str)] = &[
    ("fitness", "not_fit"),
    ("assessed_day", "2"),
    ("assessed_month", "11"),
    ("assessed_year", "2026"),
    ("condition", "Anxiety and depression"),
    ("from_day", "2"),
    ("from_month", "11"),
    ("from_year", "2026"),
    ("until_day", "29"),
    ("until_month", "11"),
    ("until_year", "2026"),
    ("length_unit", "weeks"),
    ("profession", "doctor"),
    ("source", "shown"),
    ("seen", "recorder"),
];

/// The plain note with some answers changed.
pub fn with<'a>(changes: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    PLAIN
        .iter()
        .copied()
        .filter(|(name, _)| !changes.iter().any(|(n, _)| n == name))
        .chain(changes.iter().copied())
        .collect()
}

fn on(text: &str) -> chrono::NaiveDate {
    text.parse().unwrap()
}

#[tokio::test]
async fn a_worker_records_a_note_and_the_case_counts_down_to_its_end() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let priya = app.browser("priya").await;
    let notes = format!("/cases/{case}/fit-notes");
    priya
        .fill(&format!("{notes}/new"), PLAIN)
        .await
        .went_to(&notes);
    assert!(
        event_names(&app, 3)
            .await
            .contains(&"fit_note.recorded".to_owned())
    );
    assert_eq!(
        app.stored_case(case).await.note_until_on,
        Some(on("2026-11-29")),
        "in place of what the referral said"
    );
    let page = priya.get(&notes).await.ok();
    for words in [
        "9 days left",
        "The current note ends on Sunday 29 November.",
        "Monday 2 November to Sunday 29 November",
        "Anxiety and depression",
        "Priya Nair",
        // The referral says off since 16 October: 36 days by 20 November, 7 of them self-certified, and 23 October to 1 November without a note.
        "Since 16 Oct 2026: 36 days off sick so far.",
        "The first 7 days need no note: Friday 16 October to Thursday 22 October (7 days).",
        "No note is recorded for Friday 23 October to Sunday 1 November (10 days), after those first days.",
    ] {
        assert!(page.says(words), "{words}: {}", page.body);
    }
    let case_page = priya.get(&format!("/cases/{case}")).await.ok();
    for words in ["9 days left", "Not fit for work", "See 1 fit note"] {
        assert!(case_page.says(words), "{words}");
    }
}

#[tokio::test]
async fn today_tells_of_a_note_that_ends_within_a_week() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let priya = app.browser("priya").await;
    assert!(!priya.get("/today").await.ok().says("The fit note ends"));
    priya
        .fill(
            &format!("/cases/{case}/fit-notes/new"),
            &with(&[("until_day", "24")]),
        )
        .await;
    let today = priya.get("/today").await.ok();
    assert!(today.says("The fit note ends on Tuesday 24 November."));
}

#[tokio::test]
async fn what_is_unusual_is_asked_about_once_and_recorded_as_it_is_on_the_paper() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let priya = app.browser("priya").await;
    let here = format!("/cases/{case}/fit-notes/new");
    // From a week before the assessment, and issued the day before it.
    let odd = with(&[
        ("from_day", "26"),
        ("from_month", "10"),
        ("issued_day", "1"),
        ("issued_month", "11"),
        ("issued_year", "2026"),
    ]);
    let asked = priya.fill(&here, &odd).await;
    assert_eq!(asked.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(asked.says("The note was issued before the day of its assessment."));
    assert!(asked.says("The note covers days before its assessment."));
    assert_eq!(
        asked.error("as_on_paper").as_deref(),
        Some("Check what is unusual about the note")
    );
    assert_eq!(app.count("fit_notes").await, 0);
    let mut confirmed = odd.clone();
    confirmed.extend([
        ("told", "issued_before_assessed"),
        ("told", "backdated"),
        ("as_on_paper", "yes"),
    ]);
    // Told of one of them only: asked again.
    let mut half = odd.clone();
    half.extend([("told", "backdated"), ("as_on_paper", "yes")]);
    assert_eq!(
        priya.fill(&here, &half).await.status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    priya
        .fill(&here, &confirmed)
        .await
        .went_to(&format!("/cases/{case}/fit-notes"));
    assert_eq!(
        app.count(
            "fit_notes WHERE from_on = '2026-10-26' AND CAST(warnings AS TEXT) LIKE '%backdated%'"
        )
        .await,
        1
    );
}

#[tokio::test]
async fn a_hint_is_never_asked_about() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let priya = app.browser("priya").await;
    // "For 2 weeks": under 15 days without two dates.
    let short = with(&[
        ("from_day", ""),
        ("from_month", ""),
        ("from_year", ""),
        ("until_day", ""),
        ("until_month", ""),
        ("until_year", ""),
        ("length", "2"),
    ]);
    priya
        .fill(&format!("/cases/{case}/fit-notes/new"), &short)
        .await
        .went_to(&format!("/cases/{case}/fit-notes"));
    // 2 weeks from the assessment on 2 November end on the 15th.
    assert_eq!(
        app.stored_case(case).await.note_until_on,
        Some(on("2026-11-15"))
    );
}

#[tokio::test]
async fn nothing_typed_is_lost_when_a_field_needs_another_look() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let priya = app.browser("priya").await;
    let page = priya
        .fill(
            &format!("/cases/{case}/fit-notes/new"),
            &[
                ("assessed_day", "31"),
                ("assessed_month", "2"),
                ("assessed_year", "2026"),
                ("condition", "<script>alert('x')</script> “stress”"),
                ("length", "many"),
                ("length_unit", "weeks"),
                ("seen", "colleague"),
                ("condition_code", "12345"),
            ],
        )
        .await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    for (field, sentence) in [
        ("fitness", "Choose what the note says"),
        (
            "assessed",
            "Date of the assessment: enter a real date, like 27 3 1985",
        ),
        ("length", "Length: enter a whole number from 1 to 999"),
        ("source", "Choose how you know what the note says"),
        ("seen_by", "Enter the name of the colleague who saw it"),
        (
            "condition_code",
            "Check the code, or leave it blank: the words on the note are enough",
        ),
    ] {
        assert_eq!(page.error(field).as_deref(), Some(sentence), "{field}");
    }
    assert!(page.says("<script>alert('x')</script> “stress”"));
    assert!(!page.body.contains("<script>alert"));
    assert_eq!(app.count("fit_notes").await, 0);
}

#[tokio::test]
async fn a_note_needs_an_end_or_to_say_that_it_has_none() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let priya = app.browser("priya").await;
    let here = format!("/cases/{case}/fit-notes/new");
    let no_until = [("until_day", ""), ("until_month", ""), ("until_year", "")];
    let page = priya.fill(&here, &with(&no_until)).await;
    assert_eq!(
        page.error("until").as_deref(),
        Some("Enter the last day or a length, or say that the note has no end")
    );
    let page = priya.fill(&here, &with(&[("no_end", "yes")])).await;
    assert_eq!(
        page.error("no_end").as_deref(),
        Some("Enter a last day or a length, or say that the note has no end: not both")
    );
    let mut open = with(&no_until);
    // No end is longer than 3 months, and the person is off for 5 weeks.
    open.extend([
        ("no_end", "yes"),
        ("told", "too_long"),
        ("as_on_paper", "yes"),
    ]);
    priya
        .fill(&here, &open)
        .await
        .went_to(&format!("/cases/{case}/fit-notes"));
    assert_eq!(app.stored_case(case).await.note_until_on, None);
    assert!(
        priya
            .get(&format!("/cases/{case}/fit-notes"))
            .await
            .ok()
            .says("Covered since Monday 2 November, with no end on the note.")
    );
}

#[tokio::test]
async fn pressing_twice_records_once_and_a_second_note_like_it_is_asked_about() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let priya = app.browser("priya").await;
    let here = format!("/cases/{case}/fit-notes/new");
    let shown = priya.get(&here).await.ok();
    let (draft, version) = (shown.value("draft"), shown.value("version"));
    let mut fields = vec![("draft", draft.as_str()), ("version", version.as_str())];
    fields.extend(PLAIN);
    for _ in 0..2 {
        priya
            .post(&here, &fields)
            .await
            .went_to(&format!("/cases/{case}/fit-notes"));
    }
    assert_eq!(app.count("fit_notes").await, 1);
    let again = priya.fill(&here, PLAIN).await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(again.says("A note for the same days is recorded already."));
}

#[tokio::test]
async fn a_form_shown_before_somebody_elses_note_is_told_of_that_note_and_is_kept() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let (priya, tom) = (app.browser("priya").await, app.browser("tom").await);
    let here = format!("/cases/{case}/fit-notes/new");
    let shown = priya.get(&here).await.ok();
    tom.fill(&here, PLAIN).await;
    let (draft, version) = (shown.value("draft"), shown.value("version"));
    let mut fields = vec![("draft", draft.as_str()), ("version", version.as_str())];
    fields.extend(with(&[("condition", "My words")]));
    let answer = priya.post(&here, &fields).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        answer.says("A note for the same days is recorded already.") && answer.says("My words")
    );
    assert!(priya.get(&here).await.ok().says("My words"));
    assert_eq!(app.count("fit_notes").await, 1);
}

#[tokio::test]
async fn nobody_outside_the_team_learns_of_a_note() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let notes = format!("/cases/{case}/fit-notes");
    app.browser("priya")
        .await
        .fill(&format!("{notes}/new"), PLAIN)
        .await;
    for who in ["ruth", "marta", "ines", "nobody"] {
        let browser = app.browser(who).await;
        for path in [
            notes.clone(),
            format!("{notes}/new"),
            format!("{notes}/import"),
        ] {
            let shown = browser.get(&path).await;
            assert_eq!(shown.status, StatusCode::NOT_FOUND, "{who} {path}");
            assert!(
                !shown.says("Maya") && !shown.says("Anxiety"),
                "{who} {path}"
            );
        }
        let answer = browser.post(&format!("{notes}/new"), PLAIN).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{who}");
    }
    // The GP's own pages about the referral do not tell either.
    let sent = app.browser("ruth").await.get("/sent").await.ok();
    assert!(!sent.says("Anxiety") && !sent.says("29 Nov"));
    assert_eq!(app.count("fit_notes").await, 1);
}

#[tokio::test]
async fn a_closed_case_takes_no_more_notes() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let priya = app.browser("priya").await;
    priya
        .fill(
            &format!("/cases/{case}/close"),
            &[("reason", "goals_met"), ("work_status", "full")],
        )
        .await;
    let shown = priya.get(&format!("/cases/{case}/fit-notes/new")).await;
    assert_eq!(shown.status, StatusCode::CONFLICT);
    let answer = priya
        .post(&format!("/cases/{case}/fit-notes/new"), PLAIN)
        .await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    assert_eq!(app.count("fit_notes").await, 0);
}
