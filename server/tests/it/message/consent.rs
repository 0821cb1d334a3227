//! How much a text may say, asked with consent.

use crate::support::{TestApp, event_names};

#[tokio::test]
async fn how_messages_may_come_is_asked_with_consent_and_nothing_is_chosen_beforehand() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let priya = app.browser("priya").await;
    let here = format!("/cases/{case}/consent");
    let usual = [
        ("checked_who", "yes"),
        ("safe_to_talk", "yes"),
        ("mode", "spoken"),
        ("contact", "yes"),
    ];
    priya
        .fill(&here, &usual)
        .await
        .went_to(&format!("/cases/{case}"));
    assert_eq!(app.count("message_choices").await, 0, "nothing was asked");

    let wrong = [
        &usual[..],
        &[
            ("says", "everything"),
            ("text_from", "20"),
            ("text_until", "9"),
        ],
    ]
    .concat();
    let page = priya.fill(&here, &wrong).await;
    assert_eq!(page.status, 422);
    assert!(page.error("says").is_some());
    assert_eq!(
        page.error("text_until").as_deref(),
        Some("Choose an hour after the first one")
    );

    let chosen = [
        &usual[..],
        &[
            ("says", "question"),
            ("safe_email", "no"),
            ("text_days", "weekdays"),
            ("text_from", "10"),
            ("text_until", "18"),
        ],
    ]
    .concat();
    priya
        .fill(&here, &chosen)
        .await
        .went_to(&format!("/cases/{case}"));
    let mut events = event_names(&app, 2).await;
    events.sort();
    assert_eq!(events, ["consent.recorded", "message.choices_made"]);
    assert_eq!(
        app.count("message_choices WHERE says = 'question' AND safe_email = 'no' AND days = 'weekdays' AND from_hour = 10 AND until_hour = 18 AND chosen_by IS NOT NULL")
            .await,
        1
    );
    let page = priya.get(&format!("/cases/{case}/messages")).await.ok();
    assert!(page.says("The question itself") && page.says("Monday to Friday, 10:00 to 18:00"));
    // Only what is answered changes; the choice before stays on record.
    let less = [&usual[..], &[("says", "neutral")]].concat();
    priya
        .fill(&here, &less)
        .await
        .went_to(&format!("/cases/{case}"));
    assert_eq!(app.count("message_choices").await, 2);
    assert_eq!(
        app.count("message_choices WHERE says = 'neutral' AND days = 'weekdays'")
            .await,
        1
    );
}
