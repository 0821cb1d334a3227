//! Somebody refers themselves.

use axum::http::StatusCode;
use handrail::{
    platform::{db::sql, drafts, web::Actor},
    rules::organisation::{Parameters, Route},
};

use super::{newest, referral_text};
use crate::support::{Browser, TestApp, event_names};

const HOME: &str = "/self-referral/south-yorkshire";

/// Every page in order, answered.
const PAGES: [(&str, &[(&str, &str)]); 9] = [
    ("name", &[("name", "Maya Okonkwo")]),
    (
        "date-of-birth",
        &[
            ("birth_day", "2"),
            ("birth_month", "3"),
            ("birth_year", "1984"),
        ],
    ),
    (
        "contact",
        &[
            ("phone", "07700 900123"),
            ("safe_text", "no"),
            ("safe_voicemail", "yes"),
        ],
    ),
    (
        "work",
        &[("employment", "employed"), ("job", "Care home assistant")],
    ),
    (
        "time-off",
        &[
            ("off", "yes"),
            ("since_day", "16"),
            ("since_month", "10"),
            ("since_year", "2026"),
        ],
    ),
    ("fit-note", &[("fit_note", "no")]),
    (
        "help",
        &[("help", "The thought of the “corridor” <b>again</b>")],
    ),
    ("safety", &[("none", "yes")]),
    ("agree", &[("agreed", "yes")]),
];

async fn answer_all(browser: &Browser) {
    for (number, (step, fields)) in PAGES.iter().enumerate() {
        let next = PAGES.get(number + 1).map_or("check", |(next, _)| next);
        browser
            .fill(&format!("{HOME}/{step}"), fields)
            .await
            .went_to(&format!("{HOME}/{next}"));
    }
}

#[tokio::test]
async fn one_question_a_page_then_checked_and_sent() {
    let app = TestApp::new().await;
    let maya = app.stranger();
    let start = maya.get(HOME).await.ok();
    assert!(start.says("Nobody watches what is sent here for emergencies."));
    answer_all(&maya).await;
    let check = maya.get(&format!("{HOME}/check")).await.ok();
    for words in [
        "Maya Okonkwo",
        "2 Mar 1984",
        "Care home assistant",
        "Yes, since 16 Oct 2026",
        "The thought of the “corridor” <b>again</b>",
        "None of these",
    ] {
        assert!(check.says(words), "{words}");
    }
    assert_eq!(
        app.count("referrals").await,
        0,
        "nothing is sent until Send"
    );

    let draft = check.value("draft");
    let sent = maya
        .post(&format!("{HOME}/check"), &[("draft", &draft)])
        .await;
    let id = newest(&app).await;
    let sent = sent.went_to(&format!("/referral-sent/{id}"));
    assert_eq!(event_names(&app, 1).await, ["referral.sent"]);
    assert_eq!(
        referral_text(&app, id, "route").await.as_deref(),
        Some("self")
    );
    let rows = app
        .app
        .db
        .look(sql(
            "SELECT safe_text, safe_voicemail, safe_say_who FROM persons",
        ))
        .await
        .unwrap();
    for (column, answer) in [
        ("safe_text", "no"),
        ("safe_voicemail", "yes"),
        ("safe_say_who", "not_known"),
    ] {
        assert_eq!(rows[0].get::<String>(column).unwrap(), answer, "{column}");
    }
    let page = maya.get(&sent.location).await.ok();
    assert!(page.says(&referral_text(&app, id, "reference").await.unwrap()));
    assert!(page.says("Your request is sent") && !page.says("Maya"));

    // It is shown once: a second press, the same address and another browser lead away, and nothing is sent twice.
    maya.post(&format!("{HOME}/check"), &[("draft", &draft)])
        .await
        .went_to("/left");
    maya.get(&sent.location).await.went_to("/left");
    app.stranger().get(&sent.location).await.went_to("/left");
    let left = maya.get("/left").await.ok();
    assert!(left.says("You can close this page") && !left.says("support"));
    assert_eq!(app.count("referrals").await, 1);
}

#[tokio::test]
async fn another_browser_does_not_use_up_what_is_shown_once() {
    let app = TestApp::new().await;
    let maya = app.stranger();
    answer_all(&maya).await;
    let draft = maya.get(&format!("{HOME}/check")).await.ok().value("draft");
    let check = format!("{HOME}/check");
    let sent = maya.post(&check, &[("draft", &draft)]).await;
    // Pressed twice before anything was shown.
    maya.post(&check, &[("draft", &draft)])
        .await
        .went_to(&sent.location);
    let other = app.stranger();
    other
        .fill(&format!("{HOME}/name"), &[("name", "Zed")])
        .await;
    other.get(&sent.location).await.went_to("/left");
    assert!(
        maya.get(&sent.location)
            .await
            .ok()
            .says("Your request is sent")
    );
}

#[tokio::test]
async fn somebody_who_leaves_leaves_nothing_behind() {
    let app = TestApp::new().await;
    let maya = app.stranger();
    for step in ["", "/name"] {
        let page = maya.get(&format!("{HOME}{step}")).await.ok();
        assert!(page.says("Delete what I typed and leave"), "{step}");
    }
    answer_all(&maya).await;
    maya.fill(&format!("{HOME}/safety"), &[("red_flags", "unsafe")])
        .await;
    for step in ["contact", "safety", "urgent", "agree", "check"] {
        let page = maya.get(&format!("{HOME}/{step}")).await.ok();
        assert!(page.says("Delete what I typed and leave"), "{step}");
        assert!(page.body.contains("action=\"/left\""), "{step}");
    }
    let other = app.stranger();
    other
        .fill(&format!("{HOME}/name"), &[("name", "Zed")])
        .await;
    maya.post("/left", &[]).await.went_to("/left");
    assert!(!maya.get("/left").await.ok().says("work"));
    assert_eq!(app.count("drafts WHERE body LIKE '%Maya%'").await, 0);
    assert_eq!(app.count("drafts").await, 1, "the other person's stays");
    assert_eq!(app.count("referrals").await, 0);
    maya.get(&format!("{HOME}/check"))
        .await
        .went_to(&format!("{HOME}?lost=yes"));
    assert!(!maya.get(&format!("{HOME}/name")).await.ok().says("Maya"));
    // Nothing was typed: leaving is not refused.
    app.stranger().post("/left", &[]).await.went_to("/left");
}

#[tokio::test]
async fn each_page_says_its_question_once() {
    let app = TestApp::new().await;
    let maya = app.stranger();
    answer_all(&maya).await;
    for (step, question) in [
        ("name", "What is your name?"),
        ("date-of-birth", "What is your date of birth?"),
        ("contact", "How can we reach you?"),
        ("work", "Are you in work?"),
        ("time-off", "Are you off work because of your health?"),
        ("fit-note", "Do you have a fit note?"),
        ("help", "What would you like help with?"),
        ("safety", "Does any of this apply to you now?"),
        ("agree", "Do you agree?"),
    ] {
        let page = maya.get(&format!("{HOME}/{step}")).await.ok();
        let main = page.body.split("<main").nth(1).unwrap();
        assert_eq!(main.matches(question).count(), 1, "{step}: {main}");
        assert_eq!(main.matches("<h1").count(), 1, "{step}");
    }
}

#[tokio::test]
async fn a_page_that_needs_another_look_keeps_what_was_typed() {
    let app = TestApp::new().await;
    let maya = app.stranger();
    let page = maya
        .fill(&format!("{HOME}/name"), &[("name", "Maya")])
        .await
        .went_to(&format!("{HOME}/date-of-birth"));
    let page = maya
        .fill(
            &page.location,
            &[
                ("birth_day", "31"),
                ("birth_month", "2"),
                ("birth_year", "1984"),
            ],
        )
        .await
        .went_to(&format!("{HOME}/date-of-birth?wrong=yes"));
    // A page that is opened and not sent: going back to it never asks to send again.
    let page = maya.get(&page.location).await.ok();
    assert!(page.says("There is a problem"));
    assert_eq!(
        page.error("birth").as_deref(),
        Some("Date of birth: enter a real date, like 27 3 1985")
    );
    assert_eq!(page.value("birth_day"), "31");
    let again = maya.get(&format!("{HOME}/date-of-birth")).await.ok();
    assert_eq!(again.value("birth_day"), "31", "saved as typed");
    assert_eq!(again.error("birth"), None, "no complaint before it is sent");
    let check = maya.get(&format!("{HOME}/check")).await.ok();
    let draft = check.value("draft");
    let answer = maya
        .post(&format!("{HOME}/check"), &[("draft", &draft)])
        .await
        .went_to(&format!("{HOME}/check?wrong=yes"));
    let answer = maya.get(&answer.location).await.ok();
    assert!(answer.says("Date of birth: needs another look"));
    assert!(answer.says("Only the support service can see them."));
    assert_eq!(app.count("referrals").await, 0);
}

#[tokio::test]
async fn a_mistake_on_a_page_that_was_opened_to_change_it_still_leads_back() {
    let app = TestApp::new().await;
    let maya = app.stranger();
    answer_all(&maya).await;
    let until = [
        ("fit_note", "yes"),
        ("until_day", "15"),
        ("until_month", "10"),
        ("until_year", "2026"),
        ("back", "check"),
    ];
    let here = format!("{HOME}/fit-note");
    let page = maya
        .fill(&here, &until)
        .await
        .went_to(&format!("{here}?wrong=yes&back=check"));
    let page = maya.get(&page.location).await.ok();
    assert_eq!(
        page.error("until").as_deref(),
        Some("End of the fit note: enter a day that is not before your first day off work")
    );
    assert_eq!(page.value("back"), "check");
    maya.post(&here, &[("fit_note", "no"), ("back", "check")])
        .await
        .went_to(&format!("{HOME}/check"));
}

#[tokio::test]
async fn change_leads_back_to_the_answers() {
    let app = TestApp::new().await;
    let maya = app.stranger();
    answer_all(&maya).await;
    let page = maya.get(&format!("{HOME}/work?back=check")).await.ok();
    let draft = page.value("draft");
    maya.post(
        &format!("{HOME}/work"),
        &[
            ("draft", &draft),
            ("back", &page.value("back")),
            ("employment", "self_employed"),
        ],
    )
    .await
    .went_to(&format!("{HOME}/check"));
    assert!(
        maya.get(&format!("{HOME}/check"))
            .await
            .ok()
            .says("Yes, I work for myself")
    );
}

#[tokio::test]
async fn a_red_flag_interrupts_in_plain_words_and_one_can_go_on() {
    let app = TestApp::new().await;
    let maya = app.stranger();
    answer_all(&maya).await;
    maya.fill(
        &format!("{HOME}/safety"),
        &[("red_flags", "self_harm"), ("red_flags", "sudden_weakness")],
    )
    .await
    .went_to(&format!("{HOME}/urgent"));
    let urgent = maya.get(&format!("{HOME}/urgent")).await.ok();
    for words in [
        "I have thoughts of harming myself or ending my life",
        "call 999",
        "Call 111 and choose option 2",
        "Go to A&E now",
        "Nobody here watches for emergencies",
        "Go on asking for support",
    ] {
        assert!(urgent.says(words), "{words}");
    }
    // What was not ticked is not answered: each line is about something that this person said.
    for words in ["GP practice today", "Domestic Abuse"] {
        assert!(!urgent.says(words), "{words}");
    }
    let check = maya.get(&format!("{HOME}/check")).await.ok();
    maya.post(
        &format!("{HOME}/check"),
        &[("draft", &check.value("draft"))],
    )
    .await;
    let id = newest(&app).await;
    assert_eq!(
        referral_text(&app, id, "red_flags_confirmed_by").await,
        None
    );
    let waiting = app.browser("priya").await.get("/waiting").await.ok();
    assert!(waiting.says("Maya Okonkwo") && waiting.says("red flag"));
}

#[tokio::test]
async fn a_draft_is_seen_by_its_own_browser_alone_and_is_gone_after_a_day() {
    let app = TestApp::new().await;
    let maya = app.stranger();
    maya.fill(&format!("{HOME}/name"), &[("name", "Maya Okonkwo")])
        .await;
    let other = app.stranger();
    let page = other.get(&format!("{HOME}/name")).await.ok();
    assert!(!page.says("Maya"));
    other
        .get(&format!("{HOME}/check"))
        .await
        .went_to(&format!("{HOME}?lost=yes"));
    for who in ["priya", "leila", "ines", "ruth"] {
        let browser = app.browser(who).await;
        assert!(
            !browser.get(&format!("{HOME}/name")).await.says("Maya"),
            "{who}"
        );
    }
    // Another browser cannot send it, even knowing its draft.
    let draft = maya.get(&format!("{HOME}/check")).await.ok().value("draft");
    other
        .fill(&format!("{HOME}/name"), &[("name", "Zed")])
        .await;
    other
        .post(&format!("{HOME}/check"), &[("draft", &draft)])
        .await
        .went_to(&format!("{HOME}?lost=yes"));
    assert_eq!(app.count("referrals").await, 0);

    app.clock.advance(chrono::Duration::hours(25));
    let mut tx = app.app.housekeeping(&Actor::System("sweep")).await.unwrap();
    drafts::sweep(&mut tx).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(app.count("drafts").await, 0);
    maya.get(&format!("{HOME}/check"))
        .await
        .went_to(&format!("{HOME}?lost=yes"));
}

#[tokio::test]
async fn the_practice_does_not_see_that_somebody_referred_themselves() {
    let app = TestApp::new().await;
    let maya = app.stranger();
    answer_all(&maya).await;
    let check = maya.get(&format!("{HOME}/check")).await.ok();
    maya.post(
        &format!("{HOME}/check"),
        &[("draft", &check.value("draft"))],
    )
    .await;
    let id = newest(&app).await;
    for who in ["ruth", "amir"] {
        let browser = app.browser(who).await;
        assert!(!browser.get("/sent").await.ok().says("Maya"), "{who}");
        for path in [
            format!("/sent/{id}"),
            format!("/refer/sent/{id}"),
            format!("/referrals/{id}"),
            format!("/sent/{id}/amend"),
        ] {
            assert_eq!(
                browser.get(&path).await.status,
                StatusCode::NOT_FOUND,
                "{who} {path}"
            );
        }
    }
}

#[tokio::test]
async fn a_programme_that_takes_no_self_referrals_says_so() {
    let app = TestApp::with(|p: &mut Parameters| p.routes = vec![Route::Practice]).await;
    let stranger = app.stranger();
    assert!(
        stranger
            .get(HOME)
            .await
            .ok()
            .says("does not take requests here")
    );
    assert_eq!(
        stranger.get(&format!("{HOME}/name")).await.status,
        StatusCode::NOT_FOUND
    );
    assert_eq!(
        stranger
            .post(&format!("{HOME}/name"), &[("name", "x")])
            .await
            .status,
        StatusCode::NOT_FOUND
    );
    assert_eq!(
        stranger.get("/self-referral/nowhere").await.status,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn somebody_still_at_work_can_ask_too() {
    let app = TestApp::new().await;
    let maya = app.stranger();
    answer_all(&maya).await;
    maya.fill(
        &format!("{HOME}/time-off"),
        &[
            ("off", "no"),
            ("since_day", "16"),
            ("since_month", "10"),
            ("since_year", "2026"),
        ],
    )
    .await;
    let check = maya.get(&format!("{HOME}/check")).await.ok();
    assert!(
        !check.says("16 Oct 2026"),
        "a day beside “no” does not count"
    );
    maya.post(
        &format!("{HOME}/check"),
        &[("draft", &check.value("draft"))],
    )
    .await;
    assert_eq!(app.count("referrals WHERE absent_since IS NULL").await, 1);
}

#[tokio::test]
async fn a_self_referral_that_names_a_practice_is_still_the_persons_own() {
    let app = TestApp::new().await;
    let id = app.self_referral("Maya Okonkwo").await;
    let ruth = app.browser("ruth").await;
    assert!(!ruth.get("/sent").await.ok().says("Maya"));
    assert_eq!(
        ruth.get(&format!("/sent/{id}")).await.status,
        StatusCode::NOT_FOUND
    );
    let waiting = app.browser("priya").await.get("/waiting").await.ok();
    assert!(waiting.says("The person themselves") && !waiting.says("Elm Street"));
}

#[tokio::test]
async fn sending_too_often_from_one_address_asks_for_patience() {
    let app = TestApp::new().await;
    let maya = app.stranger();
    maya.fill(&format!("{HOME}/name"), &[("name", "Maya")])
        .await;
    let draft = maya.get(&format!("{HOME}/check")).await.ok().value("draft");
    let check = format!("{HOME}/check");
    for _ in 0..20 {
        let answer = maya.post(&check, &[("draft", &draft)]).await;
        answer.went_to(&format!("{check}?wrong=yes"));
    }
    let answer = maya.post(&check, &[("draft", &draft)]).await;
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
}
