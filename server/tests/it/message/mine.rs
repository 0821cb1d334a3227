//! What a person chooses about their messages on their own pages, and that it counts at once.

use chrono::{TimeZone, Utc};
use handrail::{
    features::message::{self, How},
    rules::message::Channel,
};

use super::{reachable, send, stands, text};
use crate::{
    portal::own_pages,
    support::{TestApp, event_names, event_names_of_one_moment},
};

const HERE: &str = "/me/messages";

/// The page as it stands where nobody has chosen anything.
const AS_IT_IS: [(&str, &str); 5] = [
    ("says", "neutral"),
    ("safe_email", "not_known"),
    ("text_days", "not_sundays"),
    ("text_from", "9"),
    ("text_until", "19"),
];

#[tokio::test]
async fn a_person_chooses_when_messages_come_and_what_they_say() {
    let app = TestApp::new().await;
    let case = reachable(&app, "Maya Okonkwo").await;
    let phone = own_pages(&app, case).await;

    let same = phone.fill(HERE, &AS_IT_IS).await;
    same.went_to("/me");
    assert_eq!(app.count("message_choices").await, 0, "nothing was changed");

    let evenings = [
        ("says", "service"),
        ("safe_email", "yes"),
        ("text_days", "weekdays"),
        ("text_from", "18"),
        ("text_until", "20"),
    ];
    phone.fill(HERE, &evenings).await.went_to("/me");
    assert_eq!(
        event_names_of_one_moment(&app, 2).await,
        ["message.choices_made", "portal.asked"]
    );
    assert_eq!(
        app.count("message_choices WHERE says = 'service' AND safe_email = 'yes' AND days = 'weekdays' AND from_hour = 18 AND until_hour = 20 AND chosen_by IS NULL")
            .await,
        1
    );
    // Friday 20 November 2026 at noon, and in the evening.
    app.clock
        .set(Utc.with_ymd_and_hms(2026, 11, 20, 12, 0, 0).unwrap());
    let waits = text(&app, case, "1").await;
    send(&app).await;
    assert_eq!(stands(&app, waits).await, "waiting quiet_hours");
    app.clock
        .set(Utc.with_ymd_and_hms(2026, 11, 20, 18, 0, 0).unwrap());
    send(&app).await;
    assert_eq!(stands(&app, waits).await, "held nothing_is_sent");
}

#[tokio::test]
async fn a_person_stops_a_way_and_begins_it_again() {
    let app = TestApp::new().await;
    let case = reachable(&app, "Maya Okonkwo").await;
    let phone = own_pages(&app, case).await;
    let waits = text(&app, case, "1").await;

    let none = [&AS_IT_IS[..], &[("no_text", "yes"), ("no_letter", "yes")]].concat();
    phone.fill(HERE, &none).await.went_to("/me");
    send(&app).await;
    assert_eq!(stands(&app, waits).await, "failed stopped");
    assert_eq!(
        app.count(
            "opt_outs WHERE until_at IS NULL AND how = 'person' AND channel IN ('text', 'letter')"
        )
        .await,
        2
    );

    // Her worker sees how it came, and that she changed how messages come.
    let priya = app.browser("priya").await;
    assert!(
        priya
            .get("/today")
            .await
            .ok()
            .says("Changed how messages come")
    );
    let page = priya.get(&format!("/cases/{case}/messages")).await.ok();
    assert!(page.says("on their own pages"), "{}", page.body);

    // The page stands as she left it, and unticking begins again what she wants.
    let page = phone.get(HERE).await.ok();
    assert_eq!(
        page.body
            .matches("name=\"no_text\" value=\"yes\" checked")
            .count(),
        1
    );
    assert_eq!(
        page.body
            .matches("name=\"no_email\" value=\"yes\" checked")
            .count(),
        0
    );
    let letters = [&AS_IT_IS[..], &[("no_letter", "yes")]].concat();
    phone.fill(HERE, &letters).await.went_to("/me");
    assert!(
        event_names(&app, 2)
            .await
            .contains(&"message.started".to_owned())
    );
    let goes = text(&app, case, "2").await;
    send(&app).await;
    assert_eq!(stands(&app, goes).await, "held nothing_is_sent");
    assert_eq!(app.count("opt_outs WHERE until_at IS NULL").await, 1);
}

#[tokio::test]
async fn a_stop_that_comes_while_the_page_is_open_stays() {
    let app = TestApp::new().await;
    let case = reachable(&app, "Maya Okonkwo").await;
    let phone = own_pages(&app, case).await;
    let open = phone.get(HERE).await.ok();

    let person = app.stored_case(case).await.person_id;
    let mut tx = app.write("priya").await;
    message::stop_messages(&mut tx, person, Channel::Text, How::Text)
        .await
        .unwrap();
    tx.commit().await.unwrap();

    let (draft, version) = (open.value("draft"), open.value("version"));
    let typed = [
        &[("draft", draft.as_str()), ("version", version.as_str())],
        &AS_IT_IS[1..],
        &[("says", "question")],
    ]
    .concat();
    let clash = phone.post(HERE, &typed).await;
    assert_eq!(clash.status, 409, "{}", clash.body);
    assert!(clash.says("Somebody changed this while you had it open"));
    assert!(clash.body.contains("value=\"question\" checked"));
    assert_eq!(app.count("opt_outs WHERE until_at IS NULL").await, 1);
    assert_eq!(app.count("message_choices").await, 0);
    // The page now shows the stop, so a second press as it stands keeps it.
    assert!(
        clash
            .body
            .contains("name=\"no_text\" value=\"yes\" checked")
    );
    assert!(clash.says("You asked us to stop"));
    let (draft, version) = (clash.value("draft"), clash.value("version"));
    let again = [
        &[("draft", draft.as_str()), ("version", version.as_str())],
        &AS_IT_IS[1..],
        &[("says", "question"), ("no_text", "yes")],
    ]
    .concat();
    phone.post(HERE, &again).await.went_to("/me");
    assert_eq!(app.count("opt_outs WHERE until_at IS NULL").await, 1);
    assert_eq!(
        app.count("message_choices WHERE says = 'question'").await,
        1
    );
}

#[tokio::test]
async fn hours_that_make_no_sense_are_said_beside_the_field_and_change_nothing() {
    let app = TestApp::new().await;
    let case = reachable(&app, "Maya Okonkwo").await;
    let phone = own_pages(&app, case).await;
    let wrong = [
        ("says", "everything"),
        ("text_from", "20"),
        ("text_until", "9"),
        ("no_text", "yes"),
    ];
    let page = phone.fill(HERE, &wrong).await;
    assert_eq!(page.status, 422);
    assert!(page.error("says").is_some());
    assert_eq!(
        page.error("text_until").as_deref(),
        Some("Choose an hour after the first one")
    );
    assert!(page.body.contains("name=\"no_text\" value=\"yes\" checked"));
    let night = phone.fill(HERE, &[("text_from", "3")]).await;
    assert_eq!(
        night.error("text_from").as_deref(),
        Some("Choose an hour from 7:00 to 22:00")
    );
    assert_eq!(
        app.count("message_choices").await + app.count("opt_outs").await,
        0
    );
}
