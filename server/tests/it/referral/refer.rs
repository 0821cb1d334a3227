//! Practice staff refer a patient.

use axum::http::StatusCode;
use handrail::{
    platform::db::sql,
    rules::organisation::{Parameters, Route},
};

use super::{MAYA, newest, referral_text};
use crate::support::{TestApp, event_names};

#[tokio::test]
async fn what_must_be_typed_is_typed_in_under_30_seconds() {
    let app = TestApp::new().await;
    let ruth = app.browser("ruth").await;
    let least = [
        ("name", "Maya Okonkwo"),
        ("born_on", "2/3/84"),
        ("phone", "07700 900123"),
        ("agreed", "yes"),
    ];
    let sent = ruth.fill("/refer", &least).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.body);
    // At 200 characters a minute, 40 words of five, 30 seconds are 100 characters.
    let typed: usize = least[..3].iter().map(|(_, words)| words.len()).sum();
    assert!(typed < 100, "{typed}");
}

#[tokio::test]
async fn a_gp_refers_and_the_reference_can_be_read_out() {
    let app = TestApp::new().await;
    let ruth = app.browser("ruth").await;
    let answer = ruth
        .fill(
            "/refer",
            &[&MAYA[..], &[("employer", "Rosebank Care")]].concat(),
        )
        .await;
    let id = newest(&app).await;
    let answer = answer.went_to(&format!("/refer/sent/{id}"));
    let names = event_names(&app, 1).await;
    assert_eq!(names, ["referral.sent"]);

    let page = ruth.get(&answer.location).await.ok();
    let reference = referral_text(&app, id, "reference").await.unwrap();
    assert!(page.says(&reference) && page.says("Maya Okonkwo"));
    assert!(page.says("What happens next"));
    assert!(!page.says("red flag"));

    let rows = app
        .app
        .db
        .look(sql("SELECT p.*, e.name AS employer FROM persons p JOIN employers e ON e.id = p.employer_id"))
        .await
        .unwrap();
    assert_eq!(
        rows[0]
            .get::<chrono::NaiveDate>("born_on")
            .unwrap()
            .to_string(),
        "1984-03-02"
    );
    assert_eq!(rows[0].get::<String>("employer").unwrap(), "Rosebank Care");
    assert_eq!(
        rows[0].get::<String>("safe_text").unwrap(),
        "not_known",
        "what was not asked is not safe"
    );
}

#[tokio::test]
async fn everything_typed_stays_when_something_needs_another_look() {
    let app = TestApp::new().await;
    let ruth = app.browser("ruth").await;
    let page = ruth
        .fill(
            "/refer",
            &[
                ("name", "سارة <script>alert(1)</script> O’Neill 🙂"),
                ("born_on", "31/2/1984"),
                ("phone", "none'; DROP TABLE persons"),
                ("nhs_number", "999 000 0019"),
                ("absent_since", "1/1/2027"),
                ("fit_note", "perhaps"),
                ("reason", &"é".repeat(20_001)),
            ],
        )
        .await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    for (field, sentence) in [
        ("born_on", "Enter a real date of birth, like 27 3 1985"),
        ("phone", "Enter a telephone number, like 07700 900 982"),
        (
            "nhs_number",
            "This NHS number is not valid. Check the digits, or leave it blank.",
        ),
        (
            "absent_since",
            "The first day off must be today or in the past",
        ),
        ("fit_note", "Fit note: choose one of the answers shown"),
        (
            "reason",
            "Why now: use 20000 characters or fewer. You have used 20001.",
        ),
        (
            "agreed",
            "Ask the person first, and tick this when they have agreed",
        ),
    ] {
        assert_eq!(page.error(field).as_deref(), Some(sentence), "{field}");
    }
    assert!(page.says("سارة <script>alert(1)</script> O’Neill 🙂"));
    assert!(!page.body.contains("<script>alert"));
    assert!(page.says("none'; DROP TABLE persons"));
    assert_eq!(app.count("referrals").await, 0);
    assert!(
        ruth.get("/refer")
            .await
            .ok()
            .says("none'; DROP TABLE persons"),
        "kept for the next time too"
    );
}

#[tokio::test]
async fn a_note_cannot_end_before_the_time_off_begins() {
    let app = TestApp::new().await;
    let ruth = app.browser("ruth").await;
    let fields = [
        &MAYA[..],
        &[("fit_note", "yes"), ("fit_note_until_on", "15 10 2026")],
    ]
    .concat();
    let page = ruth.fill("/refer", &fields).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(
        page.error("fit_note_until_on").as_deref(),
        Some("Fit note until: enter a day that is not before the first day off work")
    );
    // A note of the first day alone is a note.
    let fields = [
        &MAYA[..],
        &[("fit_note", "yes"), ("fit_note_until_on", "16 10 2026")],
    ]
    .concat();
    let sent = ruth.fill("/refer", &fields).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn what_is_unsafe_is_asked_in_the_open_and_kept_with_the_person() {
    let app = TestApp::new().await;
    let ruth = app.browser("ruth").await;
    let page = ruth.get("/refer").await.ok();
    let fold = page.body.find("<details").unwrap();
    let asked = page.body.find("name=\"avoid\"").unwrap();
    assert!(asked < fold, "it is not hidden");
    assert!(
        page.body.find("name=\"agreed\"").unwrap() < asked,
        "what is needed comes first"
    );
    let fields = [
        &MAYA[..],
        &[
            ("avoid", "text"),
            ("avoid", "letter"),
            ("who_else", "Her mother"),
        ],
    ]
    .concat();
    ruth.fill("/refer", &fields).await;
    assert_eq!(event_names(&app, 1).await, ["referral.sent"]);
    assert_eq!(
        app.count("persons WHERE safe_text = 'no' AND safe_letter = 'no' AND safe_voicemail = 'not_known' AND who_else = 'Her mother'")
            .await,
        1
    );
}

#[tokio::test]
async fn pressing_twice_sends_once() {
    let app = TestApp::new().await;
    let ruth = app.browser("ruth").await;
    let draft = ruth.get("/refer").await.ok().value("draft");
    let fields = [&MAYA[..], &[("draft", draft.as_str())]].concat();
    let first = ruth.post("/refer", &fields).await;
    let second = ruth.post("/refer", &fields).await;
    assert_eq!(first.location, second.location);
    assert_eq!(app.count("referrals").await, 1);
}

#[tokio::test]
async fn a_red_flag_interrupts_and_nothing_typed_is_lost() {
    let app = TestApp::new().await;
    let ruth = app.browser("ruth").await;
    let flagged = [
        &MAYA[..],
        &[
            ("red_flags", "self_harm"),
            ("reason", "Low since <June> & tired"),
        ],
    ]
    .concat();
    let page = ruth.fill("/refer", &flagged).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.says("Before this referral is sent"));
    assert!(page.says("call 111 and choose option 2"));
    assert_eq!(
        page.value("confirmed_by"),
        "",
        "nobody's confirmation is filled in for them"
    );
    assert!(page.says("stay with the person or on the line"));
    assert!(page.says("Low since <June> & tired"), "carried along");
    assert_eq!(app.count("referrals").await, 0, "nothing is sent yet");

    // "Back" shows the form as it was typed.
    let draft = page.value("draft");
    let with = |decision, by| {
        [
            &flagged[..],
            &[
                ("draft", &*draft),
                ("decision", decision),
                ("confirmed_by", by),
            ],
        ]
        .concat()
        .iter()
        .map(|(n, v)| ((*n).to_owned(), (*v).to_owned()))
        .collect::<Vec<_>>()
    };
    let post = async |fields: Vec<(String, String)>| {
        let fields: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (&**n, &**v)).collect();
        ruth.post("/refer", &fields).await
    };
    assert!(post(with("back", "")).await.says("Why now?"));
    let nameless = post(with("dealt_with", " ")).await;
    assert_eq!(
        nameless.error("confirmed_by").as_deref(),
        Some("Enter the name of the clinician who says that it is dealt with")
    );
    post(with("dealt_with", "Dr Ruth Adeyemi")).await;
    let id = newest(&app).await;
    assert_eq!(
        referral_text(&app, id, "red_flags_confirmed_by")
            .await
            .as_deref(),
        Some("Dr Ruth Adeyemi")
    );
}

#[tokio::test]
async fn a_red_flag_sent_open_is_confirmed_later_by_name() {
    let app = TestApp::new().await;
    let ruth = app.browser("ruth").await;
    let sent = ruth
        .fill(
            "/refer",
            &[
                &MAYA[..],
                &[("red_flags", "chest_pain"), ("decision", "not_dealt_with")],
            ]
            .concat(),
        )
        .await;
    let id = newest(&app).await;
    assert!(sent.location.ends_with(&id.to_string()));
    assert_eq!(
        app.count("concerns WHERE referral_id IS NOT NULL AND state = 'raised'")
            .await,
        1,
        "somebody on duty has it"
    );
    let page = ruth.get(&sent.location).await.ok();
    assert!(page.says("A red flag is not dealt with yet"));
    ruth.fill(&sent.location, &[("confirmed_by", "Dr Ruth Adeyemi")])
        .await
        .went_to(&sent.location);
    assert_eq!(event_names(&app, 1).await, ["referral.red_flag_confirmed"]);
    let page = ruth.get(&sent.location).await.ok();
    assert!(page.says("Dr Ruth Adeyemi said that the red flag is dealt with."));
}

#[tokio::test]
async fn a_route_that_no_programme_offers_is_said_plainly() {
    let app = TestApp::with(|p: &mut Parameters| p.routes = vec![Route::SelfReferral]).await;
    let ruth = app.browser("ruth").await;
    let page = ruth.get("/refer").await.ok();
    assert!(page.says("No programme takes referrals this way just now."));
    let answer = ruth.post("/refer", &MAYA).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(app.count("referrals").await, 0);
}

#[tokio::test]
async fn only_practice_staff_refer_here() {
    let app = TestApp::new().await;
    for who in ["priya", "leila", "marta", "ines"] {
        let browser = app.browser(who).await;
        assert_eq!(
            browser.get("/refer").await.status,
            StatusCode::FORBIDDEN,
            "{who}"
        );
        assert_eq!(
            browser.post("/refer", &MAYA).await.status,
            StatusCode::FORBIDDEN,
            "{who}"
        );
    }
    assert_eq!(
        app.stranger().get("/refer").await.status,
        StatusCode::SEE_OTHER
    );
    assert_eq!(app.count("referrals").await, 0);
}
