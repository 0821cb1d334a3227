//! A machine's clock that is set back by an hour under a running service.

use chrono::Duration;
use handrail::platform::{audit, web::Actor};

use crate::support::TestApp;

#[tokio::test]
async fn a_clock_that_jumps_back_ends_no_session_and_loses_nothing() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let priya = app.browser("priya").await;
    let (page, here) = (
        format!("/cases/{case}"),
        format!("/cases/{case}/contacts/new"),
    );
    priya
        .fill(&here, &[("outcome", "done"), ("shared_note", "Before")])
        .await
        .went_to(&page);
    app.run_jobs().await;

    app.clock.advance(Duration::hours(-1));
    let form = priya.get(&here).await.ok();
    let draft = form.value("draft");
    priya
        .post(
            &here,
            &[
                ("draft", draft.as_str()),
                ("shared_note", "Kept over the jump"),
                ("save_draft", "yes"),
            ],
        )
        .await
        .went_to(&here);
    assert!(priya.get(&here).await.ok().says("Kept over the jump"));
    priya
        .fill(&here, &[("outcome", "done"), ("shared_note", "After")])
        .await
        .went_to(&page);
    let shown = priya.get(&page).await.ok();
    assert!(shown.says("Before") && shown.says("After"));
    assert_eq!(app.stored_case(case).await.contacts_done, 2);

    // The session counts from the clock as it is now: 29 idle minutes are not 30, and 31 are.
    app.clock.advance(Duration::minutes(29));
    assert_eq!(priya.get("/people").await.status, 200);
    app.clock.advance(Duration::minutes(31));
    assert_eq!(
        priya.get("/people").await.status,
        303,
        "the jump does not lengthen a session that nobody uses"
    );

    app.clock.advance(Duration::minutes(30));
    app.run_jobs().await;
    let mut tx = app.app.read(&Actor::System("verify")).await.unwrap();
    let found = audit::verify(&mut tx, &app.app.keys).await.unwrap();
    assert_eq!((found.broken, found.changed_details), (vec![], 0));
}
