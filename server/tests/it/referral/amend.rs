//! A practice changes a referral while it waits.

use axum::http::StatusCode;
use handrail::platform::db::sql;

use super::referral_text;
use crate::support::{TestApp, event_names};

/// The referral of the story as its practice would type it again.
const AS_SENT: [(&str, &str); 8] = [
    ("name", "Maya Okonkwo"),
    ("born_on", "2 3 1984"),
    ("phone", "07700 900123"),
    ("employment", "employed"),
    ("job", "Care home assistant"),
    ("absent_since", "16 10 2026"),
    ("fit_note", "yes"),
    ("reason", "Struggling with the thought of going back"),
];

#[tokio::test]
async fn a_change_stands_in_the_log_and_is_read_by_the_team() {
    let app = TestApp::new().await;
    let id = app.referral("Maya Okonkwo").await;
    let ruth = app.browser("ruth").await;
    let here = format!("/sent/{id}/amend");
    let page = ruth.get(&here).await.ok();
    assert_eq!(page.value("born_on"), "2 3 1984");
    assert_eq!(page.value("fit_note_until_on"), "4 12 2026");
    let fields: Vec<(&str, &str)> = AS_SENT
        .iter()
        .map(|(n, v)| (*n, if *n == "phone" { "07700 900456" } else { *v }))
        .chain([("fit_note_until_on", "11 12 2026")])
        .collect();
    ruth.fill(&here, &fields)
        .await
        .went_to(&format!("/sent/{id}"));
    assert_eq!(event_names(&app, 1).await, ["referral.amended"]);
    assert_eq!(
        app.count("referral_amendments").await,
        2,
        "two fields changed"
    );
    let page = ruth.get(&format!("/sent/{id}")).await.ok();
    for words in [
        "07700 900123",
        "07700 900456",
        "11 Dec 2026",
        "Dr Ruth Adeyemi",
    ] {
        assert!(page.says(words), "{words}");
    }

    let priya = app.browser("priya").await;
    let page = priya.get(&format!("/referrals/{id}")).await.ok();
    assert!(page.says("not read yet") && page.says("07700 900456"));
    let version = page.value("version");
    priya
        .post(&format!("/referrals/{id}/read"), &[("version", &version)])
        .await
        .went_to(&format!("/referrals/{id}"));
    assert_eq!(event_names(&app, 1).await, ["referral.amendment_read"]);
    assert!(
        !priya
            .get(&format!("/referrals/{id}"))
            .await
            .ok()
            .says("not read yet")
    );
    assert_eq!(
        app.count("referral_amendments WHERE read_at IS NULL").await,
        0
    );
}

#[tokio::test]
async fn a_change_stands_in_the_story_of_the_case() {
    let app = TestApp::new().await;
    let id = app.referral("Maya Okonkwo").await;
    let ruth = app.browser("ruth").await;
    let fields = [&AS_SENT[..7], &[("reason", "Back pain too")]].concat();
    ruth.fill(&format!("/sent/{id}/amend"), &fields).await;
    let priya = app.browser("priya").await;
    let version = priya
        .get(&format!("/referrals/{id}"))
        .await
        .ok()
        .value("version");
    let case = priya
        .post(&format!("/referrals/{id}/accept"), &[("version", &version)])
        .await
        .location;
    let page = priya.get(&case).await.ok();
    assert!(page.says("Referral changed by the sender") && page.says("Back pain too"));
    assert!(page.says("not read yet"));
    let told = async |who| {
        let today = app.browser(who).await.get("/today").await.ok();
        today.says("The referrer changed: Fit note until; Why now.")
    };
    assert!(told("priya").await, "it is Priya's case now");
    assert!(!told("tom").await && !told("leila").await);
}

#[tokio::test]
async fn a_red_flag_that_is_added_interrupts_and_opens_again() {
    let app = TestApp::new().await;
    let id = app.referral("Maya Okonkwo").await;
    let ruth = app.browser("ruth").await;
    let here = format!("/sent/{id}/amend");
    let flagged = [&AS_SENT[..], &[("red_flags", "self_harm")]].concat();
    let page = ruth.fill(&here, &flagged).await;
    assert!(page.says("Before this change is saved"));
    assert_eq!(app.count("referral_amendments").await, 0);
    let draft = page.value("draft");
    let fields = [
        &flagged[..],
        &[
            ("draft", &*draft),
            ("version", "1"),
            ("decision", "not_dealt_with"),
        ],
    ]
    .concat();
    ruth.post(&here, &fields)
        .await
        .went_to(&format!("/sent/{id}"));
    let waiting = app.browser("priya").await.get("/waiting").await.ok();
    assert!(waiting.says("red flag"));

    // Taking the tick away does not deal with it. It may go once a clinician has said so.
    let without = ruth.fill(&here, &AS_SENT).await;
    assert_eq!(
        without.error("red_flags").as_deref(),
        Some(
            "Red flags: tick “Thoughts of self-harm or suicide” again. A clinician says when a red flag is dealt with"
        )
    );
    ruth.fill(
        &format!("/refer/sent/{id}"),
        &[("confirmed_by", "Dr Ruth Adeyemi")],
    )
    .await;
    let again = ruth.fill(&here, &AS_SENT).await;
    again.went_to(&format!("/sent/{id}"));
}

#[tokio::test]
async fn nothing_typed_is_lost_and_nothing_changed_writes_nothing() {
    let app = TestApp::new().await;
    let id = app.referral("Maya Okonkwo").await;
    let ruth = app.browser("ruth").await;
    let here = format!("/sent/{id}/amend");
    let page = ruth
        .fill(&here, &[("name", "Maya"), ("born_on", "soon")])
        .await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(page.value("born_on"), "soon");
    let same = [&AS_SENT[..], &[("fit_note_until_on", "4/12/2026")]].concat();
    ruth.fill(&here, &same)
        .await
        .went_to(&format!("/sent/{id}"));
    assert_eq!(app.count("referral_amendments").await, 0);
    assert_eq!(event_names(&app, 1).await, ["referral.viewed"]);
}

#[tokio::test]
async fn what_is_not_safe_is_amended_too_and_what_the_person_said_otherwise_stands() {
    let app = TestApp::new().await;
    let id = app.referral("Maya Okonkwo").await;
    let mut tx = app.write("priya").await;
    tx.change(sql("UPDATE persons SET safe_voicemail = 'yes'"))
        .await
        .unwrap();
    let entry = handrail::platform::audit::Entry::of(handrail::rules::event::Event::PersonChanged);
    tx.record(entry).await.unwrap();
    tx.commit().await.unwrap();
    let safe = async || {
        let rows = app
            .app
            .db
            .look(sql(
                "SELECT safe_text, safe_voicemail, safe_say_who, who_else FROM persons",
            ))
            .await
            .unwrap();
        let word = |column| rows[0].get::<String>(column).unwrap();
        let else_: Option<String> = rows[0].optional("who_else").unwrap();
        (
            [
                word("safe_text"),
                word("safe_voicemail"),
                word("safe_say_who"),
            ]
            .join(" "),
            else_,
        )
    };
    let ruth = app.browser("ruth").await;
    let here = format!("/sent/{id}/amend");
    let until = ("fit_note_until_on", "4 12 2026");
    let fields = [
        &AS_SENT[..],
        &[
            until,
            ("avoid", "text"),
            ("avoid", "say_who"),
            ("who_else", "Her husband reads her texts"),
        ],
    ]
    .concat();
    ruth.fill(&here, &fields)
        .await
        .went_to(&format!("/sent/{id}"));
    assert_eq!(event_names(&app, 1).await, ["referral.amended"]);
    let husband = Some("Her husband reads her texts".to_owned());
    assert_eq!(safe().await, ("no yes no".to_owned(), husband.clone()));
    let page = ruth.get(&format!("/sent/{id}")).await.ok();
    assert!(page.says("Texting; Saying who is calling"));
    let page = ruth.get(&here).await.ok();
    assert!(page.body.contains("value=\"text\" checked"));
    // Taken away again: nobody says that it is safe, so it is asked.
    let fields = [
        &AS_SENT[..],
        &[
            until,
            ("avoid", "say_who"),
            ("who_else", "Her husband reads her texts"),
        ],
    ]
    .concat();
    ruth.fill(&here, &fields).await;
    assert_eq!(safe().await, ("not_known yes no".to_owned(), husband));
}

#[tokio::test]
async fn two_who_change_it_at_once_and_one_that_no_longer_waits_are_told() {
    let app = TestApp::new().await;
    let id = app.referral("Maya Okonkwo").await;
    let ruth = app.browser("ruth").await;
    let here = format!("/sent/{id}/amend");
    let stale = [&AS_SENT[..], &[("version", "0")]].concat();
    let clash = ruth.post(&here, &stale).await;
    assert_eq!(clash.status, StatusCode::CONFLICT);
    assert!(clash.says("changed this while you had it open"));
    let priya = app.browser("priya").await;
    priya
        .fill(
            &format!("/referrals/{id}/decline"),
            &[("reason", "duplicate")],
        )
        .await;
    let late = [&AS_SENT[..], &[("version", "2")]].concat();
    let answer = ruth.post(&here, &late).await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    assert!(answer.says("This referral is no longer waiting"));
    assert_eq!(ruth.get(&here).await.status, StatusCode::CONFLICT);
    assert_eq!(
        referral_text(&app, id, "status").await.as_deref(),
        Some("declined")
    );
    assert_eq!(app.count("referral_amendments").await, 0);
}

#[tokio::test]
async fn two_of_a_practice_see_what_the_other_wrote_and_saving_again_works() {
    let app = TestApp::new().await;
    let id = app.referral("Maya Okonkwo").await;
    let (ruth, there) = (app.browser("ruth").await, format!("/sent/{id}"));
    let here = format!("{there}/amend");
    let open = ruth.get(&here).await.ok();
    let with = |phone, until, version| -> Vec<(&str, &str)> {
        AS_SENT
            .iter()
            .map(|(n, v)| (*n, if *n == "phone" { phone } else { *v }))
            .chain([("fit_note_until_on", until), ("version", version)])
            .collect()
    };
    let version = open.value("version");
    ruth.post(&here, &with("07700 900456", "4 12 2026", &version))
        .await
        .went_to(&there);
    // The same page, still open in another window.
    let clash = ruth
        .post(&here, &with("07700 900789", "4/12/2026", &version))
        .await;
    assert_eq!(clash.status, StatusCode::CONFLICT);
    assert!(clash.says("Referral amended by you, today, 09:00."));
    assert_eq!(
        clash.both("Telephone"),
        Some(("07700 900789".to_owned(), "07700 900456".to_owned()))
    );
    assert_eq!(clash.both("Fit note until"), None, "one day in two shapes");
    assert_eq!(clash.both("Date of birth"), None);
    assert_eq!(clash.value("phone"), "07700 900789");
    assert_eq!(app.count("referral_amendments").await, 1);
    let newest = clash.value("version");
    ruth.post(&here, &with("07700 900789", "4/12/2026", &newest))
        .await
        .went_to(&there);
    assert_eq!(
        app.count("audit_events WHERE name = 'referral.amended'")
            .await,
        2
    );

    // Declining it meanwhile is looked at again, too.
    let priya = app.browser("priya").await;
    let decline = format!("/referrals/{id}/decline");
    let late = [
        ("version", newest.as_str()),
        ("reason", "duplicate"),
        ("note", "Seen in October"),
    ];
    let clash = priya.post(&decline, &late).await;
    assert_eq!(clash.status, StatusCode::CONFLICT);
    assert!(clash.says("Referral amended by Dr Ruth Adeyemi, today, 09:00."));
    assert!(clash.says("Seen in October</textarea>"));
    assert!(clash.body.contains("value=\"duplicate\" checked"));
    let version = clash.value("version");
    let again = [("version", version.as_str()), late[1], late[2]];
    priya.post(&decline, &again).await.went_to("/waiting");
    assert_eq!(event_names(&app, 1).await, ["referral.declined"]);
}
