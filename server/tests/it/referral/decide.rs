//! The team reads what waits, answers what is asked, and decides.

use axum::http::StatusCode;
use handrail::{
    platform::db::sql,
    rules::{
        Choice,
        referral::{Criterion, Met},
    },
};

use super::{MAYA, case_of, newest, referral_text};
use crate::support::{TestApp, event_names};

#[tokio::test]
async fn what_waits_longest_is_first_and_is_held_against_the_target() {
    let app = TestApp::new().await;
    // Friday 20 November: two working days are Tuesday 24.
    app.referral("Maya Okonkwo").await;
    app.clock.advance(chrono::Duration::days(3));
    app.referral("Dan Price").await;
    app.clock.advance(chrono::Duration::days(2));
    // Wednesday 25: Maya is one working day over, Dan's second working day is today.
    let page = app.browser("priya").await.get("/waiting").await.ok();
    assert_eq!(event_names(&app, 1).await, ["referral.listed"]);
    let (maya, dan) = (
        page.body.find("Maya").unwrap(),
        page.body.find("Dan").unwrap(),
    );
    assert!(maya < dan);
    assert!(page.says("1 working day over"));
    assert!(page.says("first contact due today"));
    assert!(page.says("5 days, since Friday 20 November"));
    assert!(page.says("Elm Street Surgery"));
    for who in ["ruth", "marta", "ines"] {
        let shown = app.browser(who).await.get("/waiting").await;
        assert_eq!(shown.status, StatusCode::FORBIDDEN, "{who}");
    }
    let elsewhere = app.browser("nobody").await.get("/waiting").await.ok();
    assert!(elsewhere.says("Nobody is waiting.") && !elsewhere.says("Maya"));
}

#[tokio::test]
async fn a_long_list_has_a_next_page() {
    let app = TestApp::new().await;
    for n in 0..26 {
        app.referral(&format!("Person {n:02}")).await;
        app.clock.advance(chrono::Duration::seconds(1));
    }
    let priya = app.browser("priya").await;
    let page = priya.get("/waiting").await.ok();
    assert!(page.says("Person 24") && !page.says("Person 25"));
    let next = page
        .body
        .split("href=\"")
        .find(|h| h.starts_with("/waiting?"))
        .unwrap();
    let next = next
        .split('"')
        .next()
        .unwrap()
        .replace("&amp;", "&")
        .replace("&#38;", "&");
    let page = priya.get(&next).await.ok();
    assert!(page.says("Person 25") && !page.says("Person 24"));
    assert_eq!(
        priya.get("/waiting?after=soon&after_id=x").await.status,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn a_support_worker_accepts_and_it_is_theirs() {
    let app = TestApp::new().await;
    let id = app.referral("Maya Okonkwo").await;
    let priya = app.browser("priya").await;
    let here = format!("/referrals/{id}");
    let page = priya.get(&here).await.ok();
    assert_eq!(event_names(&app, 1).await, ["referral.viewed"]);
    assert!(page.says("You become the support worker."));
    let fields = [
        ("draft", page.value("draft")),
        ("version", page.value("version")),
    ];
    let fields: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (*n, v.as_str())).collect();
    let accepted = priya.post(&format!("{here}/accept"), &fields).await;
    let case = case_of(&app, id).await;
    accepted.went_to(&format!("/cases/{case}"));
    assert_eq!(app.stored_case(case).await.worker_id, Some(app.id("priya")));
    assert!(
        event_names(&app, 3)
            .await
            .contains(&"referral.accepted".to_owned())
    );
    // Pressed again, it leads to the same case.
    priya
        .post(&format!("{here}/accept"), &fields)
        .await
        .went_to(&format!("/cases/{case}"));
    assert_eq!(app.count("cases").await, 1);
}

#[tokio::test]
async fn a_mentor_picks_a_worker_or_nobody_yet() {
    let app = TestApp::new().await;
    let leila = app.browser("leila").await;
    let accept = async |worker: String| {
        let id = app.referral("Maya Okonkwo").await;
        let page = leila.get(&format!("/referrals/{id}")).await.ok();
        let version = page.value("version");
        let answer = leila
            .post(
                &format!("/referrals/{id}/accept"),
                &[("version", &version), ("worker", &worker)],
            )
            .await;
        (id, answer)
    };
    let (id, _) = accept(app.id("tom").to_string()).await;
    let case = case_of(&app, id).await;
    assert_eq!(app.stored_case(case).await.worker_id, Some(app.id("tom")));
    let (id, _) = accept("nobody".to_owned()).await;
    let case = case_of(&app, id).await;
    assert_eq!(app.stored_case(case).await.worker_id, None);
    for wrong in [String::new(), app.id("nobody").to_string()] {
        let (_, answer) = accept(wrong).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(
            answer.error("worker").as_deref(),
            Some("Choose a worker, or nobody yet")
        );
    }
}

#[tokio::test]
async fn a_red_flag_holds_acceptance_until_a_clinician_is_named() {
    let app = TestApp::new().await;
    let ruth = app.browser("ruth").await;
    ruth.fill(
        "/refer",
        &[
            &MAYA[..],
            &[("red_flags", "self_harm"), ("decision", "not_dealt_with")],
        ]
        .concat(),
    )
    .await;
    let id = newest(&app).await;
    let priya = app.browser("priya").await;
    let here = format!("/referrals/{id}");
    let page = priya.get(&here).await.ok();
    assert!(page.says("Red flag, not dealt with yet") && page.says("call 111 and choose option 2"));
    let answer = priya
        .post(
            &format!("{here}/accept"),
            &[("version", &page.value("version"))],
        )
        .await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    assert!(answer.says("A clinician must confirm that it is dealt with"));
    assert_eq!(app.count("cases").await, 0);

    let flags = format!("{here}/red-flags");
    let version = page.value("version");
    let nameless = priya.post(&flags, &[("version", &version)]).await;
    assert_eq!(nameless.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(nameless.error("confirmed_by").is_some());
    priya
        .post(
            &flags,
            &[("version", &version), ("confirmed_by", "Dr Ruth Adeyemi")],
        )
        .await
        .went_to(&here);
    assert_eq!(event_names(&app, 1).await, ["referral.red_flag_confirmed"]);
    let page = priya.get(&here).await.ok();
    let version = page.value("version");
    let accepted = priya
        .post(&format!("{here}/accept"), &[("version", &version)])
        .await;
    assert!(accepted.location.starts_with("/cases/"));
}

#[tokio::test]
async fn declining_keeps_its_reason_in_the_team() {
    let app = TestApp::new().await;
    let id = app.referral("Maya Okonkwo").await;
    let priya = app.browser("priya").await;
    let here = format!("/referrals/{id}/decline");
    let page = priya
        .fill(&here, &[("note", "Said “not now” <script>")])
        .await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(page.error("reason").as_deref(), Some("Choose a reason"));
    assert!(page.says("Said “not now” <script>") && !page.body.contains("now” <script>"));
    priya
        .fill(
            &here,
            &[("reason", "changed_mind"), ("note", "Said “not now”")],
        )
        .await
        .went_to("/waiting");
    assert_eq!(event_names(&app, 1).await, ["referral.declined"]);
    assert_eq!(
        referral_text(&app, id, "status").await.as_deref(),
        Some("declined")
    );
    let page = priya.get(&format!("/referrals/{id}")).await.ok();
    assert!(page.says("The person would rather not") && page.says("Said “not now”"));

    let ruth = app.browser("ruth").await;
    for path in [
        "/sent".to_owned(),
        format!("/sent/{id}"),
        format!("/refer/sent/{id}"),
    ] {
        let page = ruth.get(&path).await.ok();
        for words in ["would rather not", "changed_mind", "not now", "Priya"] {
            assert!(!page.says(words), "{path} {words}");
        }
    }
    assert!(ruth.get("/sent").await.ok().says("Not taken forward"));
}

#[tokio::test]
async fn two_who_decide_at_once_are_told() {
    let app = TestApp::new().await;
    let id = app.referral("Maya Okonkwo").await;
    let (priya, tom) = (app.browser("priya").await, app.browser("tom").await);
    let version = priya
        .get(&format!("/referrals/{id}"))
        .await
        .ok()
        .value("version");
    tom.fill(
        &format!("/referrals/{id}/decline"),
        &[("reason", "duplicate")],
    )
    .await
    .went_to("/waiting");
    let answer = priya
        .post(&format!("/referrals/{id}/accept"), &[("version", &version)])
        .await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    assert_eq!(app.count("cases").await, 0);
}

#[tokio::test]
async fn two_who_answer_at_once_see_both_answers_and_what_was_typed_stays() {
    let app = TestApp::with(|p| p.eligibility.needs_fit_note = true).await;
    let id = app.referral("Maya Okonkwo").await;
    let (priya, tom) = (app.browser("priya").await, app.browser("tom").await);
    let there = format!("/referrals/{id}");
    let here = format!("{there}/eligibility");
    let shown = priya.get(&there).await.ok().value("version");
    let late = [("version", shown.as_str()), ("fit_note", "not_known")];
    tom.post(&here, &[("version", &shown), ("fit_note", "no")])
        .await
        .went_to(&there);
    let page = priya.post(&here, &late).await;
    assert_eq!(page.status, StatusCode::CONFLICT);
    assert!(page.says("Tom Whitaker changed this referral while you had it open"));
    assert_eq!(
        page.both(Criterion::FitNote.label()),
        Some((Met::NotKnown.label().to_owned(), Met::No.label().to_owned()))
    );
    assert!(page.body.contains("value=\"not_known\" checked"));
    priya
        .post(&here, &[("version", &page.value("version")), late[1]])
        .await
        .went_to(&there);
    assert_eq!(
        event_names(&app, 1).await,
        ["referral.eligibility_answered"]
    );
}

#[tokio::test]
async fn eligibility_is_answered_by_name() {
    let app = TestApp::with(|p| p.eligibility.needs_fit_note = true).await;
    let id = app.referral("Maya Okonkwo").await;
    let priya = app.browser("priya").await;
    let here = format!("/referrals/{id}");
    let page = priya.get(&here).await.ok();
    for words in [
        "In paid work, or self-employed",
        "Has a fit note",
        "from the referral",
    ] {
        assert!(page.says(words), "{words}");
    }
    let version = page.value("version");
    priya
        .post(
            &format!("{here}/eligibility"),
            &[("version", &version), ("fit_note", "no"), ("age", "yes")],
        )
        .await
        .went_to(&here);
    assert_eq!(
        event_names(&app, 1).await,
        ["referral.eligibility_answered"]
    );
    assert!(priya.get(&here).await.ok().says("Priya Nair, today, 09:00"));
    let bad = priya
        .post(
            &format!("{here}/eligibility"),
            &[("version", "2"), ("age", "old")],
        )
        .await;
    assert_eq!(bad.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn somebody_of_the_same_name_and_telephone_is_found_without_a_birth_date() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    crate::message::change(&app, case, |person| person.born_on = None).await;
    let id = app.referral("Maya Okonkwo").await;
    let page = app.browser("priya").await;
    let page = page.get(&format!("/referrals/{id}")).await.ok();
    assert!(page.says("The name and telephone number are the same"));
}

#[tokio::test]
async fn a_likely_duplicate_is_shown_with_why_and_linked_but_not_merged() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let id = app.referral("Okonkwo, Maya").await;
    let priya = app.browser("priya").await;
    let here = format!("/referrals/{id}");
    let page = priya.get(&here).await.ok();
    assert!(page.says("The name and date of birth are the same"));
    assert!(page.body.contains(&format!("/cases/{case}")));
    let other = page.value("other");
    priya
        .post(
            &format!("{here}/same"),
            &[("other", &other), ("same", "yes")],
        )
        .await
        .went_to(&here);
    assert_eq!(event_names(&app, 1).await, ["person.changed"]);
    let page = priya.get(&here).await.ok();
    assert!(page.says("Priya Nair said that they are the same person"));
    assert_eq!(app.count("person_links").await, 1);
    let rows = app
        .app
        .db
        .look(sql("SELECT COUNT(DISTINCT person_id) AS n FROM referrals"))
        .await
        .unwrap();
    assert_eq!(rows[0].get::<i64>("n").unwrap(), 2, "nothing was moved");
    // Somebody who is no likely duplicate, or another team's, is not there to be linked.
    let nobody = app.browser("nobody").await;
    for (browser, other) in [(&priya, uuid::Uuid::nil().to_string()), (&nobody, other)] {
        let answer = browser
            .post(
                &format!("{here}/same"),
                &[("other", &other), ("same", "yes")],
            )
            .await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND);
    }
    let ruth = app.browser("ruth").await;
    let page = ruth.get(&format!("/sent/{id}")).await.ok();
    assert!(!page.says("May be known") && !page.says("are the same"));
}

#[tokio::test]
async fn who_may_not_decide_is_refused() {
    let app = TestApp::new().await;
    let id = app.referral("Maya Okonkwo").await;
    for (who, status) in [
        ("ruth", StatusCode::NOT_FOUND),
        ("amir", StatusCode::NOT_FOUND),
        ("nobody", StatusCode::NOT_FOUND),
        ("marta", StatusCode::NOT_FOUND),
        ("ines", StatusCode::NOT_FOUND),
    ] {
        let browser = app.browser(who).await;
        for path in [
            format!("/referrals/{id}"),
            format!("/referrals/{id}/decline"),
        ] {
            let shown = browser.get(&path).await;
            assert_eq!(shown.status, status, "{who} {path}");
            assert!(!shown.says("Maya"), "{who} {path}");
        }
        for act in ["accept", "decline", "eligibility", "red-flags", "read"] {
            let answer = browser
                .post(
                    &format!("/referrals/{id}/{act}"),
                    &[("version", "1"), ("reason", "duplicate")],
                )
                .await;
            assert_eq!(answer.status, status, "{who} {act}");
        }
    }
    assert_eq!(
        referral_text(&app, id, "status").await.as_deref(),
        Some("sent")
    );
}
