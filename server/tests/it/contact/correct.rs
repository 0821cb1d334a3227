//! Correcting a contact.

use axum::http::StatusCode;
use chrono::{TimeZone, Utc};
use handrail::{
    platform::{audit::Entry, db::sql},
    rules::{caseload::Status, event::Event, id::CaseId},
};

use crate::support::{Browser, Shown, TestApp, event_names};

/// Records a contact, and says where it is corrected.
pub async fn recorded(browser: &Browser, case: CaseId, fields: &[(&str, &str)]) -> String {
    browser
        .fill(&format!("/cases/{case}/contacts/new"), fields)
        .await
        .went_to(&format!("/cases/{case}"));
    correct_link(&browser.get(&format!("/cases/{case}")).await.ok())
}

fn correct_link(page: &Shown) -> String {
    page.body
        .split("href=\"")
        .filter_map(|rest| rest.split('"').next())
        .find(|link| link.contains("/contacts/") && link.ends_with("/correct"))
        .unwrap()
        .to_owned()
}

#[tokio::test]
async fn a_correction_takes_the_place_of_what_stood_and_keeps_it() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let priya = app.browser("priya").await;
    let here = recorded(
        &priya,
        case,
        &[
            ("outcome", "done"),
            ("minutes", "22"),
            ("shared_note", "Talked about the first week"),
            ("working_note", "Quiet words"),
            ("confidence", "6"),
        ],
    )
    .await;
    let shown = priya.get(&here).await.ok();
    assert!(shown.says("Talked about the first week") && shown.says("Quiet words"));
    assert_eq!(shown.value("minutes"), "22");
    priya
        .fill(
            &here,
            &[
                ("outcome", "done"),
                ("minutes", "35"),
                ("shared_note", "Talked about the second week"),
                ("working_note", "Quiet words"),
                ("reason", "Mixed up two weeks"),
            ],
        )
        .await
        .went_to(&format!("/cases/{case}"));
    let names = event_names(&app, 2).await;
    for name in ["contact.corrected", "note.corrected"] {
        assert!(names.contains(&name.to_owned()), "{names:?}");
    }
    assert_eq!(app.count("contacts").await, 2);
    assert_eq!(app.count("contacts WHERE superseded_by IS NULL").await, 1);
    assert_eq!(app.count("shared_notes").await, 2);
    assert_eq!(
        app.count("working_notes").await,
        1,
        "words that are the same are not corrected"
    );

    let story = priya.get(&format!("/cases/{case}")).await.ok();
    assert!(story.says("35 minutes") && story.says("Talked about the second week"));
    assert!(!story.says("22 minutes") && !story.says("the first week"));
    let history = here.replace("/correct", "/history");
    assert!(story.body.contains(&history), "the story leads there");
    let tom = app.browser("tom").await;
    let page = tom.get(&history).await.ok();
    for words in [
        "As it is now",
        "As it was first written",
        "35",
        "22",
        "6 of 10",
        "Mixed up two weeks",
        "Priya Nair",
    ] {
        assert!(page.says(words), "{words}");
    }
    assert_eq!(event_names(&app, 1).await, ["case.viewed"]);
}

#[tokio::test]
async fn counters_follow_a_corrected_outcome() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let priya = app.browser("priya").await;
    let here = recorded(&priya, case, &[("outcome", "no_answer")]).await;
    let now = app.now();
    assert_eq!(app.stored_case(case).await.tries_since, 1);

    app.clock.advance(chrono::Duration::minutes(5));
    let to = |outcome| [("outcome", outcome), ("reason", "They did answer")];
    priya
        .fill(&here, &to("done"))
        .await
        .went_to(&format!("/cases/{case}"));
    let stored = app.stored_case(case).await;
    assert_eq!((stored.contacts_done, stored.tries_since), (1, 0));
    assert_eq!(stored.status, Status::InSupport);
    assert_eq!(
        (stored.first_contact_at, stored.last_contact_at),
        (Some(now), Some(now)),
        "when it took place did not change"
    );
    assert!(priya.get("/people").await.ok().says("In support (1)"));

    priya
        .fill(&here, &to("did_not_attend"))
        .await
        .went_to(&format!("/cases/{case}"));
    let stored = app.stored_case(case).await;
    assert_eq!((stored.contacts_done, stored.tries_since), (0, 1));
    assert_eq!(
        (stored.status, stored.first_contact_at),
        (Status::Waiting, None),
        "there was no first contact after all"
    );
}

#[tokio::test]
async fn days_brought_in_from_an_earlier_system_outlast_what_is_written_down_later() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let (first, last) = (
        Utc.with_ymd_and_hms(2026, 10, 20, 11, 0, 0).unwrap(),
        Utc.with_ymd_and_hms(2026, 11, 3, 12, 0, 0).unwrap(),
    );
    let mut tx = app.write("priya").await;
    tx.change(
        sql("UPDATE cases SET status = 'in_support', first_contact_at = ?, last_contact_at = ? WHERE id = ?")
            .bind(first)
            .bind(last)
            .bind(case),
    )
    .await
    .unwrap();
    tx.record(Entry::of(Event::CaseImported).case(case))
        .await
        .unwrap();
    tx.commit().await.unwrap();

    let priya = app.browser("priya").await;
    let earlier_today = |outcome| [("outcome", outcome), ("started_time", "08:30")];
    let here = recorded(&priya, case, &earlier_today("no_answer")).await;
    let days = async || {
        let stored = app.stored_case(case).await;
        (stored.first_contact_at, stored.last_contact_at)
    };
    assert_eq!(days().await, (Some(first), Some(last)));

    let to = |outcome| {
        [
            ("outcome", outcome),
            ("started_day", "20"),
            ("started_month", "11"),
            ("started_year", "2026"),
            ("started_time", "08:30"),
            ("reason", "Looked again"),
        ]
    };
    priya
        .fill(&here, &to("done"))
        .await
        .went_to(&format!("/cases/{case}"));
    let at = Utc.with_ymd_and_hms(2026, 11, 20, 8, 30, 0).unwrap();
    assert_eq!(days().await, (Some(first), Some(at)));
    priya
        .fill(&here, &to("did_not_attend"))
        .await
        .went_to(&format!("/cases/{case}"));
    let stored = app.stored_case(case).await;
    assert_eq!(
        (stored.status, stored.first_contact_at, stored.contacts_done),
        (Status::InSupport, Some(first), 0),
        "support had begun before"
    );
}

#[tokio::test]
async fn a_correction_says_why_and_takes_no_note_away() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let priya = app.browser("priya").await;
    let fields = [("outcome", "done"), ("shared_note", "Talked")];
    let here = recorded(&priya, case, &fields).await;
    let page = priya
        .fill(
            &here,
            &[
                ("outcome", "done"),
                ("minutes", "9999"),
                ("next_step", "<script>alert(1)</script> 😀"),
            ],
        )
        .await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(
        page.error("reason").as_deref(),
        Some("Write why you correct it, in a few words")
    );
    assert_eq!(
        page.error("minutes").as_deref(),
        Some("Minutes: enter a whole number from 0 to 600")
    );
    assert!(page.error("shared_note").is_some());
    assert!(page.says("<script>alert(1)</script> 😀") && !page.body.contains("<script>alert"));
    assert_eq!(app.count("contacts").await, 1);

    // The same again is no correction.
    priya
        .fill(
            &here,
            &[
                ("outcome", "done"),
                ("shared_note", "Talked"),
                ("reason", "Nothing"),
            ],
        )
        .await
        .went_to(&format!("/cases/{case}"));
    assert_eq!(app.count("contacts").await, 1);
}

#[tokio::test]
async fn two_people_who_correct_at_once_do_not_write_over_each_other() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let (priya, tom) = (app.browser("priya").await, app.browser("tom").await);
    let here = recorded(&priya, case, &[("outcome", "done"), ("minutes", "20")]).await;
    let open = priya.get(&here).await.ok();
    tom.fill(
        &here,
        &[
            ("outcome", "done"),
            ("minutes", "25"),
            ("reason", "Five more"),
        ],
    )
    .await
    .went_to(&format!("/cases/{case}"));
    let (draft, version) = (open.value("draft"), open.value("version"));
    let answer = priya
        .post(
            &here,
            &[
                ("draft", &draft),
                ("version", &version),
                ("outcome", "done"),
                ("minutes", "30"),
                ("next_step", "Ring on <b>Monday</b>"),
                ("reason", "Ten more"),
            ],
        )
        .await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    assert_eq!(app.count("contacts").await, 2, "nothing is written over");
    // Once more later: the page is as it was left.
    for shown in [answer, priya.get(&here).await.ok()] {
        assert!(shown.says("Tom Whitaker changed this while you had it open"));
        assert_eq!(
            shown.both("Minutes"),
            Some(("30".to_owned(), "25".to_owned()))
        );
        assert_eq!(
            shown.both("Next step"),
            Some(("Ring on <b>Monday</b>".to_owned(), "nothing".to_owned()))
        );
        assert_eq!(shown.both("How it went"), None, "it does not differ");
        assert_eq!(shown.value("minutes"), "30", "what was typed is given back");
        assert_eq!(shown.value("reason"), "Ten more");
        assert_eq!(shown.value("version"), "2-1", "it goes on from the newest");
    }
    let again = [
        ("draft", draft.as_str()),
        ("version", "2"),
        ("outcome", "done"),
        ("minutes", "30"),
        ("next_step", "Ring on <b>Monday</b>"),
        ("reason", "Ten more"),
    ];
    priya
        .post(&here, &again)
        .await
        .went_to(&format!("/cases/{case}"));
    let history = priya.get(&here.replace("/correct", "/history")).await.ok();
    assert!(history.says("25") && history.says("30") && history.says("Five more"));
    assert_eq!(
        app.count("audit_events WHERE name = 'contact.corrected'")
            .await,
        2,
        "the other's change and this one"
    );
    assert!(!priya.get(&here).await.ok().says("while you had it open"));
}

#[tokio::test]
async fn a_colleague_who_corrects_neither_sees_nor_changes_the_working_note() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let (priya, tom) = (app.browser("priya").await, app.browser("tom").await);
    let here = recorded(
        &priya,
        case,
        &[("outcome", "done"), ("working_note", "Quiet words")],
    )
    .await;
    assert!(!tom.get(&here).await.ok().says("Quiet words"));
    tom.fill(
        &here,
        &[
            ("outcome", "done"),
            ("minutes", "25"),
            ("reason", "Timed it"),
        ],
    )
    .await
    .went_to(&format!("/cases/{case}"));
    assert_eq!(app.count("working_notes").await, 1);
    assert!(
        priya
            .get(&format!("/cases/{case}"))
            .await
            .ok()
            .says("Quiet words")
    );
    let history = tom.get(&here.replace("/correct", "/history")).await.ok();
    assert!(!history.says("working note") && !history.says("Quiet words"));
}

#[tokio::test]
async fn a_closed_case_and_somebody_elses_contact_are_not_corrected() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let other = app.case("Dan Price", "priya").await;
    let priya = app.browser("priya").await;
    let here = recorded(&priya, case, &[("outcome", "done")]).await;
    let fields = [("outcome", "no_answer"), ("reason", "x"), ("version", "1")];
    for who in ["ruth", "marta", "ines", "nobody"] {
        let browser = app.browser(who).await;
        for shown in [
            browser.get(&here).await,
            browser.get(&here.replace("/correct", "/history")).await,
            browser.post(&here, &fields).await,
        ] {
            assert_eq!(shown.status, StatusCode::NOT_FOUND, "{who}");
            assert!(!shown.says("Maya"), "{who}");
        }
    }
    let elsewhere = here.replace(&case.to_string(), &other.to_string());
    assert_eq!(priya.get(&elsewhere).await.status, StatusCode::NOT_FOUND);
    assert_eq!(
        priya.post(&elsewhere, &fields).await.status,
        StatusCode::NOT_FOUND
    );

    priya
        .fill(
            &format!("/cases/{case}/close"),
            &[("reason", "goals_met"), ("work_status", "full")],
        )
        .await;
    assert_eq!(app.stored_case(case).await.status, Status::Closed);
    assert_eq!(priya.get(&here).await.status, StatusCode::CONFLICT);
    assert_eq!(
        priya.post(&here, &fields).await.status,
        StatusCode::CONFLICT
    );
    assert_eq!(app.count("contacts").await, 1);
}
