//! Correcting a note, and saying that it does not count.

use axum::http::StatusCode;

use super::record::{PLAIN, with};
use crate::support::{Browser, TestApp, event_names};

/// A recorded note's address.
pub async fn recorded(
    browser: &Browser,
    case: impl std::fmt::Display,
    fields: &[(&str, &str)],
) -> String {
    let notes = format!("/cases/{case}/fit-notes");
    let before = links(&browser.get(&notes).await.ok().body, &notes);
    let answer = browser.fill(&format!("{notes}/new"), fields).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    let after = links(&browser.get(&notes).await.ok().body, &notes);
    after
        .into_iter()
        .find(|link| !before.contains(link))
        .expect("a new note")
}

fn links(body: &str, notes: &str) -> Vec<String> {
    body.split(&format!("href=\"{notes}/"))
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .filter(|id| id.len() == 36)
        .map(|id| format!("{notes}/{id}"))
        .collect()
}

fn on(text: &str) -> chrono::NaiveDate {
    text.parse().unwrap()
}

#[tokio::test]
async fn a_correction_stands_beside_what_was_recorded_before() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let priya = app.browser("priya").await;
    let note = recorded(&priya, case, PLAIN).await;
    let correct = format!("{note}/correct");
    let page = priya.fill(&correct, &with(&[("until_day", "15")])).await;
    assert_eq!(
        page.error("reason").as_deref(),
        Some("Write why you correct it, in a few words")
    );
    let mut fields = with(&[("until_day", "15")]);
    fields.push(("reason", "Misread the last day"));
    priya.fill(&correct, &fields).await.went_to(&note);
    assert_eq!(
        app.stored_case(case).await.note_until_on,
        Some(on("2026-11-15"))
    );
    let page = priya.get(&note).await.ok();
    for words in [
        "Why: Misread the last day",
        "15 Nov 2026",
        "29 Nov 2026",
        "As it was first recorded",
    ] {
        assert!(page.says(words), "{words}");
    }
    assert!(
        event_names(&app, 4)
            .await
            .contains(&"fit_note.corrected".to_owned())
    );
    assert_eq!(app.count("fit_notes").await, 2);
    // The same again changes nothing.
    priya.fill(&correct, &fields).await.went_to(&note);
    assert_eq!(app.count("fit_notes").await, 2);
}

#[tokio::test]
async fn two_people_who_correct_one_note_do_not_overwrite_each_other() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let (priya, tom) = (app.browser("priya").await, app.browser("tom").await);
    let note = recorded(&priya, case, PLAIN).await;
    let correct = format!("{note}/correct");
    let shown = priya.get(&correct).await.ok();
    let mut toms = with(&[("until_day", "22")]);
    toms.push(("reason", "Tom read it again"));
    tom.fill(&correct, &toms).await.went_to(&note);
    let (draft, version) = (shown.value("draft"), shown.value("version"));
    let mut fields = vec![("draft", draft.as_str()), ("version", version.as_str())];
    fields.extend(with(&[("until_day", "15")]));
    fields.push(("reason", "Priya too"));
    let clash = priya.post(&correct, &fields).await;
    assert_eq!(clash.status, StatusCode::CONFLICT);
    for again in [clash, priya.get(&correct).await.ok()] {
        assert!(again.says("Tom Whitaker changed this note while you had it open"));
        assert_eq!(
            again.both("To"),
            Some((
                "Sunday 15 November 2026".to_owned(),
                "Sunday 22 November 2026".to_owned()
            ))
        );
        assert!(again.says("Priya too"));
    }
    assert_eq!(
        app.stored_case(case).await.note_until_on,
        Some(on("2026-11-22"))
    );
}

#[tokio::test]
async fn a_note_recorded_in_error_stops_counting_and_can_be_taken_back() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let priya = app.browser("priya").await;
    let note = recorded(&priya, case, PLAIN).await;
    let mark = format!("{note}/mark");
    let page = priya.fill(&mark, &[("standing", "wrong")]).await;
    assert_eq!(
        page.error("reason").as_deref(),
        Some("Write why, in a few words")
    );
    priya
        .fill(
            &mark,
            &[("standing", "wrong"), ("reason", "It was her sister’s")],
        )
        .await
        .went_to(&format!("/cases/{case}/fit-notes"));
    assert_eq!(
        app.stored_case(case).await.note_until_on,
        Some(on("2026-12-04")),
        "what the referral said"
    );
    let list = priya.get(&format!("/cases/{case}/fit-notes")).await.ok();
    assert!(list.says("Recorded and not counted") && list.says("Recorded in error"));
    assert!(
        event_names(&app, 4)
            .await
            .contains(&"fit_note.marked".to_owned())
    );
    priya
        .fill(
            &mark,
            &[("standing", "stands"), ("reason", "It was hers after all")],
        )
        .await;
    assert_eq!(
        app.stored_case(case).await.note_until_on,
        Some(on("2026-11-29"))
    );
    assert_eq!(app.count("fit_notes").await, 3, "every step is kept");
}

#[tokio::test]
async fn the_calendar_is_told_what_a_note_says_and_takes_it_back_with_the_note() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let priya = app.browser("priya").await;
    let told = async || {
        app.count("absence_facts WHERE source = 'fit_note' AND taken_back_at IS NULL")
            .await
    };
    let note = recorded(&priya, case, PLAIN).await;
    assert_eq!(told().await, 1);
    let mut shorter = with(&[("until_day", "15")]);
    shorter.push(("reason", "Misread"));
    priya.fill(&format!("{note}/correct"), &shorter).await;
    assert_eq!(told().await, 1, "the first is taken back");
    assert_eq!(
        app.count(
            "absence_facts WHERE source = 'fit_note' AND CAST(said AS TEXT) LIKE '%2026-11-15%'"
        )
        .await,
        1
    );
    priya
        .fill(
            &format!("{note}/mark"),
            &[("standing", "wrong"), ("reason", "Not hers")],
        )
        .await;
    assert_eq!(told().await, 0);
}

#[tokio::test]
async fn a_duplicate_names_the_note_that_it_is_the_same_as() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let priya = app.browser("priya").await;
    let first = recorded(&priya, case, PLAIN).await;
    let mut again = PLAIN.to_vec();
    again.extend([("told", "like_another"), ("as_on_paper", "yes")]);
    let second = recorded(&priya, case, &again).await;
    let list = priya.get(&format!("/cases/{case}/fit-notes")).await.ok();
    assert!(list.says("Two notes here look like the same note."));
    let mark = format!("{second}/mark");
    let page = priya
        .fill(&mark, &[("standing", "duplicate"), ("reason", "Twice")])
        .await;
    assert_eq!(
        page.error("same_as").as_deref(),
        Some("Choose the note that it is the same as")
    );
    let (_, id) = first.rsplit_once('/').unwrap();
    let (_, own) = second.rsplit_once('/').unwrap();
    let itself = [
        ("standing", "duplicate"),
        ("reason", "Twice"),
        ("same_as", own),
    ];
    assert_eq!(
        priya.fill(&mark, &itself).await.status,
        StatusCode::CONFLICT,
        "a note is no duplicate of itself"
    );
    priya
        .fill(
            &mark,
            &[
                ("standing", "duplicate"),
                ("reason", "Twice"),
                ("same_as", id),
            ],
        )
        .await
        .went_to(&format!("/cases/{case}/fit-notes"));
    let list = priya.get(&format!("/cases/{case}/fit-notes")).await.ok();
    assert!(!list.says("Two notes here look like the same note."));
    let page = priya.get(&second).await.ok();
    assert!(page.says("This note does not count: the same note as another one."));
    assert!(page.body.contains(&first));
    // The one that it is the same as cannot be marked too: then neither would count.
    let wrong = [("standing", "wrong"), ("reason", "Not hers")];
    let page = priya.fill(&format!("{first}/mark"), &wrong).await;
    assert_eq!(page.status, StatusCode::CONFLICT);
    assert!(page.says("Another note is marked as the same as this one."));
    priya
        .fill(&mark, &[("standing", "stands"), ("reason", "Two papers")])
        .await;
    priya
        .fill(&format!("{first}/mark"), &wrong)
        .await
        .went_to(&format!("/cases/{case}/fit-notes"));
}

#[tokio::test]
async fn a_note_of_another_case_or_of_no_case_is_not_there() {
    let app = TestApp::new().await;
    let (maya, dan) = (
        app.case("Maya Okonkwo", "priya").await,
        app.case("Dan Price", "priya").await,
    );
    let priya = app.browser("priya").await;
    let note = recorded(&priya, maya, PLAIN).await;
    let (_, id) = note.rsplit_once('/').unwrap();
    for path in ["", "/correct", "/mark", "/fhir", "/photos/new"] {
        let elsewhere = format!("/cases/{dan}/fit-notes/{id}{path}");
        assert_eq!(
            priya.get(&elsewhere).await.status,
            StatusCode::NOT_FOUND,
            "{elsewhere}"
        );
    }
    for who in ["ruth", "marta", "ines", "nobody"] {
        for path in ["", "/correct", "/mark", "/fhir"] {
            let shown = app.browser(who).await.get(&format!("{note}{path}")).await;
            assert_eq!(shown.status, StatusCode::NOT_FOUND, "{who} {path}");
            assert!(!shown.says("Anxiety"));
        }
    }
}
