//! The page of one case: what it says beside the story.

use chrono::Duration;

use crate::{consent::agree, support::TestApp};

#[tokio::test]
async fn support_that_lasts_longer_than_the_programme_plans_for_is_said_and_nothing_closes() {
    let app = TestApp::with(|parameters| parameters.maximum_weeks = 12).await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let here = format!("/cases/{case}");
    let said = "More than 12 weeks since this case was accepted.";
    // Accepted on Friday 20 November 2026; 12 weeks later it is Friday 12 February 2027.
    app.clock.advance(Duration::days(12 * 7));
    assert!(!app.browser("priya").await.get(&here).await.ok().says(said));
    app.clock.advance(Duration::days(1));
    let priya = app.browser("priya").await;
    assert!(priya.get(&here).await.ok().says(said));
    let why = [("reason", "goals_met"), ("work_status", "full")];
    priya
        .fill(&format!("{here}/close"), &why)
        .await
        .went_to(&here);
    assert!(!priya.get(&here).await.ok().says(said), "it is closed");
}

#[tokio::test]
async fn a_contact_says_how_it_was_planned_how_often_it_was_tried_and_folds_what_is_for_few() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let priya = app.browser("priya").await;
    agree(&priya, case, &[]).await;
    let here = format!("/cases/{case}");
    let record = format!("{here}/contacts/new");
    // Planned for 10:30; tried at 10:40, and again at 11:00.
    let plan = [
        ("at_day", "20"),
        ("at_month", "11"),
        ("at_year", "2026"),
        ("at_time", "10:30"),
    ];
    priya
        .fill(&format!("{here}/contacts/plan"), &plan)
        .await
        .went_to(&here);
    app.clock.advance(Duration::minutes(100));
    let priya = app.browser("priya").await;
    let no_answer = [("outcome", "no_answer")];
    priya.fill(&record, &no_answer).await.went_to(&here);
    app.clock.advance(Duration::minutes(20));
    priya.fill(&record, &no_answer).await.went_to(&here);
    let page = priya.get(&here).await.ok();
    assert!(page.says("planned for today, 10:30"), "{}", page.body);
    assert!(page.says("No answer, try 2"));

    let done = [
        ("outcome", "done"),
        ("minutes", "20"),
        ("admin_minutes", "7"),
        ("working_note", "She may be pushed"),
    ];
    app.clock.advance(Duration::minutes(5));
    priya.fill(&record, &done).await.went_to(&here);
    let page = priya.get(&here).await.ok();
    let folded = page
        .body
        .split("<details")
        .find(|part| part.contains("She may be pushed"))
        .unwrap();
    assert!(!folded.starts_with(" open"), "a working note is folded");
    assert!(folded.contains("Priya Nair and the mentor; Maya may ask to see it"));
    let correct = page.body.split("/correct\"").next().unwrap();
    let root = correct.rsplit('/').next().unwrap();
    let fields = priya
        .get(&format!("{here}/contacts/{root}/correct"))
        .await
        .ok();
    assert_eq!(fields.value("admin_minutes"), "7");
}
