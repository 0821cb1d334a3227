//! Today, for a worker and for a mentor. It is Friday 20 November 2026, 09:00.

use axum::http::StatusCode;
use chrono::Duration;
use handrail::{
    features::caseload::statements_of_today,
    platform::db::{Db, sql},
};

use crate::support::{TestApp, event_names};

/// Priya speaks with somebody now and plans the next contact for today at this time.
async fn spoken(
    app: &TestApp,
    name: &str,
    time: &str,
    next_step: &str,
) -> handrail::rules::id::CaseId {
    let case = app.case(name, "priya").await;
    app.browser("priya")
        .await
        .fill(
            &format!("/cases/{case}/contacts/new"),
            &[
                ("outcome", "done"),
                ("next_step", next_step),
                ("next_day", "20"),
                ("next_month", "11"),
                ("next_year", "2026"),
                ("next_time", time),
            ],
        )
        .await
        .went_to(&format!("/cases/{case}"));
    case
}

#[tokio::test]
async fn a_worker_reads_who_when_and_why_in_sentences() {
    let app = TestApp::new().await;
    spoken(
        &app,
        "Maya Okonkwo",
        "10:30",
        "Ask for the east wing on Tuesdays",
    )
    .await;
    spoken(
        &app,
        "Aisha Rahman",
        "15:00",
        "Practise asking for a quieter desk.",
    )
    .await;
    app.case("Daniel Reid", "priya").await;
    app.case("Tom's Person", "tom").await;
    let page = app.browser("priya").await.get("/today").await.ok();
    for words in [
        "<h1 class=\"nhsuk-heading-l\">Friday 20 November</h1>",
        // Two calls and one who waits.
        "Three things for you today. Your next call is at 10:30.",
        "Last time: Ask for the east wing on Tuesdays.",
        "Last time: Practise asking for a quieter desk.",
        "Daniel Reid",
        "Referred by Elm Street Surgery. Off 5 weeks.",
        // 2 working days from Friday.
        "Due by Tuesday 24 November.",
        "Plan first call",
    ] {
        assert!(page.says(words), "{words}\n{}", page.body);
    }
    assert!(
        !page.says("Tom's Person"),
        "another worker's people are theirs"
    );
    assert!(page.body.find("Maya Okonkwo").unwrap() < page.body.find("Aisha Rahman").unwrap());
    let filled = page
        .body
        .matches("<a class=\"nhsuk-button nhsuk-button--small\"")
        .count();
    assert_eq!(filled, 1, "only the next act is filled");
    assert_eq!(event_names(&app, 1).await, ["case.listed"]);
}

#[tokio::test]
async fn an_earlier_call_that_is_not_recorded_comes_first() {
    let app = TestApp::new().await;
    spoken(&app, "Maya Okonkwo", "10:30", "Ring her").await;
    app.clock.advance(Duration::days(3));
    let page = app.browser("priya").await.get("/today").await.ok();
    assert!(page.says("Monday 23 November"));
    assert!(
        page.says("One thing for you today. One earlier call is not recorded yet."),
        "{}",
        page.body
    );
    assert!(page.says("Planned for Friday 20 November, 10:30."));
}

#[tokio::test]
async fn a_first_contact_that_is_late_says_by_how_much() {
    let app = TestApp::new().await;
    app.case("Joanne Firth", "priya").await;
    // Referred Friday 20; due Tuesday 24; Wednesday 25 is 1 working day over.
    app.clock.advance(Duration::days(5));
    let page = app.browser("priya").await.get("/today").await.ok();
    assert!(
        page.says("Target is 2 working days: <strong class=\"hr-over\">1 day over</strong>."),
        "{}",
        page.body
    );
}

#[tokio::test]
async fn notes_about_to_end_come_by_date() {
    let app = TestApp::new().await;
    // The story's fit notes end on Friday 4 December.
    app.case("Peter Lowe", "priya").await;
    assert!(
        !app.browser("priya")
            .await
            .get("/today")
            .await
            .ok()
            .says("Notes about to end")
    );
    app.clock.advance(Duration::days(11));
    let page = app.browser("priya").await.get("/today").await.ok();
    assert!(
        page.says("Notes about to end")
            && page.says("in 3 days")
            && page.says("The fit note ends on Friday 4 December."),
        "{}",
        page.body
    );
    app.clock.advance(Duration::days(5));
    assert!(
        app.browser("priya")
            .await
            .get("/today")
            .await
            .ok()
            .says("2 days ago")
    );
}

#[tokio::test]
async fn a_safety_concern_comes_before_everything() {
    let app = TestApp::new().await;
    let case = app.case("Gareth Pugh", "priya").await;
    let mut tx = app.write("priya").await;
    let id = tx.new_uuid();
    let (now, _) = (tx.now(), tx.today());
    tx.change(sql("UPDATE cases SET open_concerns = 1 WHERE id = ?").bind(case))
        .await
        .unwrap();
    // The whole record of a concern, so that this holds however concerns are read.
    tx.change(
        sql("INSERT INTO concerns (id, case_id, programme_id, team_id, kind, what, state, raised_by, raised_at, with_since, with_account, version) \
             VALUES (?, ?, ?, ?, 'self_harm', 'Words', 'raised', ?, ?, ?, ?, 1)")
            .bind(id)
            .bind(case)
            .bind(app.programme)
            .bind(app.team)
            .bind(app.id("priya"))
            .bind(now)
            .bind(now)
            .bind(app.id("priya")),
    )
    .await
    .unwrap();
    tx.record(
        handrail::platform::audit::Entry::of(handrail::rules::event::Event::ConcernRaised)
            .case(case),
    )
    .await
    .unwrap();
    tx.commit().await.unwrap();
    for who in ["priya", "leila"] {
        let page = app.browser(who).await.get("/today").await.ok();
        assert!(
            page.says("Needs you now") && page.says("Gareth Pugh"),
            "{who}"
        );
    }
    assert!(
        !app.browser("nobody")
            .await
            .get("/today")
            .await
            .ok()
            .says("Gareth")
    );
}

#[tokio::test]
async fn a_mentor_sees_what_waits_too_long_and_who_has_room() {
    let app = TestApp::new().await;
    app.referral("Waiting Referral").await;
    app.case("Slow Start", "tom").await;
    app.clock.advance(Duration::days(5));
    app.referral("Fresh Referral").await;
    let page = app.browser("leila").await.get("/today").await.ok();
    assert!(page.says("Referrals that wait too long") && page.says("Waiting Referral"));
    assert!(!page.says("Fresh Referral"), "it is within its target");
    assert!(
        page.says("Waiting too long for a first contact")
            && page.says("Slow Start")
            && page.says("Worker: Tom Whitaker. Target is 2 working days: <strong class=\"hr-over\">1 day over</strong>.")
    );
    assert!(page.says("Who has room") && page.says("Priya Nair"));
}

#[tokio::test]
async fn a_case_goes_quiet_after_the_programmes_days() {
    let app = TestApp::new().await;
    let case = app.case("Lena Novak", "priya").await;
    app.browser("priya")
        .await
        .fill(
            &format!("/cases/{case}/contacts/new"),
            &[("outcome", "done")],
        )
        .await;
    // 21 days may pass in silence; on the 22nd it is shown.
    app.clock.advance(Duration::days(21));
    assert!(
        !app.browser("leila")
            .await
            .get("/today")
            .await
            .ok()
            .says("Lena Novak")
    );
    app.clock.advance(Duration::days(1));
    for (who, words) in [
        (
            "leila",
            "Last contact Friday 20 November. Nothing is planned. Worker: Priya Nair.",
        ),
        ("priya", "Nothing is planned with them"),
    ] {
        let page = app.browser(who).await.get("/today").await.ok();
        assert!(
            page.says("Lena Novak") && page.says(words),
            "{who} {}",
            page.body
        );
    }
}

#[tokio::test]
async fn today_is_for_the_service_team() {
    let app = TestApp::new().await;
    for who in ["ruth", "marta", "ines"] {
        assert_eq!(
            app.browser(who).await.get("/today").await.status,
            StatusCode::FORBIDDEN,
            "{who}"
        );
    }
    assert_eq!(
        app.stranger().get("/today").await.status,
        StatusCode::SEE_OTHER
    );
}

/// Sets what a person said about being rung.
async fn asked_about_calls(app: &TestApp, case: handrail::rules::id::CaseId) {
    let mut tx = app.write("priya").await;
    tx.change(
        sql("UPDATE persons SET preferred_time = 'After 1 pm', safe_say_who = 'no', safe_voicemail = 'no', who_else = 'Her husband' \
             WHERE id = (SELECT person_id FROM cases WHERE id = ?)")
            .bind(case),
    )
    .await
    .unwrap();
    tx.record(
        handrail::platform::audit::Entry::of(handrail::rules::event::Event::PersonChanged)
            .case(case),
    )
    .await
    .unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn the_number_stands_where_the_call_is_with_what_to_know_beside_it() {
    let app = TestApp::new().await;
    let case = spoken(&app, "Maya Okonkwo", "10:30", "Ring her").await;
    spoken(&app, "Aisha Rahman", "15:00", "Ring her too").await;
    asked_about_calls(&app, case).await;
    let priya = app.browser("priya").await;
    let today = priya.get("/today").await.ok();
    let form = priya.get(&format!("/cases/{case}/contacts/new")).await.ok();
    let page = priya.get(&format!("/cases/{case}")).await.ok();
    for (shown, name) in [(&today, "today"), (&form, "form"), (&page, "case")] {
        assert!(
            shown.body.contains("href=\"tel:07700900123\""),
            "{name}: {}",
            shown.body
        );
        for words in [
            "07700 900123",
            "Who else is there: Her husband",
            "Do not say who is calling",
            "Do not leave a voicemail",
            "Best time: After 1 pm",
        ] {
            assert!(shown.says(words), "{name}: {words}");
        }
    }
    assert!(
        today.says("10:30 is not a time they prefer"),
        "{}",
        today.body
    );
    assert!(
        !today.says("15:00 is not a time they prefer"),
        "Aisha has said nothing about hours"
    );
}

#[tokio::test]
async fn nobody_is_left_without_a_next_contact_in_silence() {
    let app = TestApp::new().await;
    let case = spoken(&app, "Maya Okonkwo", "10:30", "Ring her").await;
    let priya = app.browser("priya").await;
    assert!(
        !priya
            .get("/today")
            .await
            .ok()
            .says("Nothing is planned with them")
    );
    let sent = priya
        .fill(
            &format!("/cases/{case}/contacts/new"),
            &[("outcome", "no_answer")],
        )
        .await;
    assert_eq!(sent.location, format!("/cases/{case}"));
    let page = priya.get(&sent.location).await.ok();
    assert!(
        page.says("Contact recorded. Nothing is planned next: you can plan it below."),
        "{}",
        page.body
    );
    assert!(page.says("Plan the next contact"));
    let today = priya.get("/today").await.ok();
    for words in [
        "Nothing is planned with them",
        "Last contact Friday 20 November. No answer since. Nothing is planned.",
    ] {
        assert!(today.says(words), "{words} {}", today.body);
    }
    assert!(
        !app.browser("tom")
            .await
            .get("/today")
            .await
            .ok()
            .says("Maya")
    );
    // With a day for it, nothing is left open and nothing is said.
    let sent = priya
        .fill(
            &format!("/cases/{case}/contacts/new"),
            &[
                ("outcome", "no_answer"),
                ("next_day", "27"),
                ("next_month", "11"),
                ("next_year", "2026"),
                ("next_time", "10:30"),
            ],
        )
        .await;
    let page = priya.get(&sent.location).await.ok();
    assert!(page.says("Contact recorded") && !page.says("Nothing is planned next"));
    assert!(
        !priya
            .get("/today")
            .await
            .ok()
            .says("Nothing is planned with them")
    );
}

#[tokio::test]
async fn a_contact_that_was_begun_is_given_back_to_its_writer_alone() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let priya = app.browser("priya").await;
    let here = format!("/cases/{case}/contacts/new");
    assert!(!priya.get("/today").await.ok().says("You began"));
    let draft = priya.get(&here).await.ok().value("draft");
    priya
        .post(
            &format!("/drafts/{draft}"),
            &[("draft_path", here.as_str()), ("shared_note", "She said")],
        )
        .await;
    let today = priya.get("/today").await.ok();
    for words in [
        "You began, and did not save",
        "today, 09:00",
        "You began to record a contact. What you typed is kept.",
        "Go on",
    ] {
        assert!(today.says(words), "{words} {}", today.body);
    }
    for who in ["tom", "leila", "nobody"] {
        let page = app.browser(who).await.get("/today").await.ok();
        assert!(!page.says("You began"), "{who}");
    }
    priya.fill(&here, &[("outcome", "done")]).await;
    assert!(
        !priya.get("/today").await.ok().says("You began"),
        "it is saved"
    );
}

#[tokio::test]
async fn a_mentor_is_told_of_each_complaint_until_it_is_answered() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let priya_id = app.id("priya").to_string();
    app.browser("tom")
        .await
        .fill(
            &format!("/cases/{case}/complaints/new"),
            &[
                ("kind", "pushed"),
                ("words", "She wanted me back by Monday"),
                ("about_worker", &priya_id),
            ],
        )
        .await;
    let leila = app.browser("leila").await;
    let today = leila.get("/today").await.ok();
    for words in [
        "People told us",
        "Maya Okonkwo",
        "Felt pushed to go back before they were ready. About Priya Nair. Nobody has answered yet.",
        "Read and answer",
    ] {
        assert!(today.says(words), "{words} {}", today.body);
    }
    assert!(
        event_names(&app, 2)
            .await
            .contains(&"complaint.listed".to_owned())
    );
    assert!(today.body.contains("<a href=\"/complaints\""), "in the bar");
    for who in ["priya", "tom", "nobody"] {
        let page = app.browser(who).await.get("/today").await.ok();
        assert!(
            !page.says("People told us") && !page.says("Felt pushed"),
            "{who}"
        );
        assert!(!page.body.contains("<a href=\"/complaints\""), "{who}");
    }
    // Nobody read it by the next working day: that is said.
    let is_late = |page: &str| {
        let line = page.split("<li").find(|line| line.contains("Felt pushed"));
        line.unwrap().contains("hr-over")
    };
    assert!(!is_late(&today.body));
    app.clock.advance(Duration::days(4));
    let leila = app.browser("leila").await;
    assert!(is_late(&leila.get("/today").await.ok().body));
    let start = today.body.split("href=\"/complaints/").nth(1).unwrap();
    let complaint = format!("/complaints/{}", start.split('"').next().unwrap());
    leila
        .fill(&complaint, &[("answer", "We slowed down")])
        .await
        .went_to(&complaint);
    assert!(!leila.get("/today").await.ok().says("People told us"));
}

#[tokio::test]
async fn no_section_of_today_scans_a_growing_table() {
    let app = TestApp::new().await;
    let mut tx = app.app.read(&app.actor("priya").await).await.unwrap();
    let (today, now) = (tx.today(), tx.now());
    let statements = statements_of_today(app.team, app.id("priya"), today, now);
    for (name, statement) in statements {
        let plan = Db::plan(&mut tx, statement).await.unwrap();
        assert!(
            plan.contains("USING") || plan.contains("Index"),
            "{name}: {plan}"
        );
        for line in plan.lines() {
            let line = line.trim();
            assert!(
                !line.starts_with("SCAN ") && !line.contains("Seq Scan"),
                "{name}: {plan}"
            );
        }
    }
}
