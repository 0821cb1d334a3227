//! Versions: each agreed one stays whole, with who agreed and when, and two can be compared.

use axum::http::StatusCode;

use super::goal;
use crate::support::{TestApp, event_names};

#[tokio::test]
async fn an_agreed_version_stays_whole_and_what_changed_since_reads_as_sentences() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let priya = app.browser("priya").await;
    let home = format!("/cases/{case}/plan");
    assert_eq!(
        priya.get(&format!("{home}/agree")).await.status,
        StatusCode::CONFLICT,
        "nothing is there to agree to"
    );
    let id = goal(&priya, case, "Sleep through").await;
    let page = priya.fill(&format!("{home}/agree"), &[]).await;
    assert_eq!(page.error("how").as_deref(), Some("Choose how they agreed"));
    priya
        .fill(
            &format!("{home}/agree"),
            &[("how", "spoken"), ("why", "A first plan")],
        )
        .await
        .went_to(&format!("{home}/versions/1"));
    assert_eq!(event_names(&app, 1).await, ["plan.agreed"]);
    let page = priya.get(&format!("{home}/versions/1")).await.ok();
    assert!(
        page.says("Sleep through")
            && page.says("The person: Friday 20 November 2026. They said so.")
            && page.says("A first plan.")
    );
    assert!(priya.get(&home).await.ok().says("nothing has changed"));
    assert_eq!(
        priya.get(&format!("{home}/agree")).await.status,
        StatusCode::CONFLICT,
        "the same is not agreed twice"
    );

    priya
        .fill(
            &format!("{home}/goals/{id}"),
            &[("words", "Sleep six hours"), ("state", "open")],
        )
        .await;
    goal(&priya, case, "Ride the bus").await;
    assert!(priya.get(&home).await.ok().says("2 changes"));
    assert!(
        priya
            .get(&format!("{home}/versions/1"))
            .await
            .ok()
            .says("Sleep through"),
        "what was agreed stays"
    );
    let page = priya.get(&format!("{home}/changes")).await.ok();
    assert!(
        page.says("<del>Sleep through</del>")
            && page.says("<ins>Sleep six hours</ins>")
            && page.says("<ins>Ride the bus</ins>")
    );
    priya
        .fill(&format!("{home}/agree"), &[("how", "signed")])
        .await
        .went_to(&format!("{home}/versions/2"));
    let page = priya.get(&format!("{home}/versions/2")).await.ok();
    assert!(
        page.says("What is different from version 1") && page.says("<ins>Sleep six hours</ins>")
    );
    let page = priya.get(&format!("{home}/changes?from=2&to=1")).await.ok();
    assert!(page.says("<ins>Sleep through</ins>") && page.says("<del>Ride the bus</del>"));
    assert_eq!(app.count("plan_versions").await, 2);
    assert!(
        priya
            .get(&format!("/cases/{case}"))
            .await
            .ok()
            .says("Plan agreed, version 2")
    );
}

#[tokio::test]
async fn nobody_agrees_to_what_they_were_not_shown() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let (priya, leila) = (app.browser("priya").await, app.browser("leila").await);
    let home = format!("/cases/{case}/plan");
    goal(&priya, case, "Sleep through").await;
    let shown = priya.get(&format!("{home}/agree")).await.ok();
    leila
        .fill(&format!("{home}/goals/new"), &[("words", "Something else")])
        .await;
    let (draft, version) = (shown.value("draft"), shown.value("version"));
    let sent = priya
        .post(
            &format!("{home}/agree"),
            &[("draft", &draft), ("version", &version), ("how", "spoken")],
        )
        .await;
    assert_eq!(sent.status, StatusCode::CONFLICT);
    assert_eq!(app.count("plan_versions").await, 0);
}

#[tokio::test]
async fn others_agree_later_with_their_name_and_day() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let priya = app.browser("priya").await;
    let home = format!("/cases/{case}/plan");
    goal(&priya, case, "Sleep through").await;
    priya
        .fill(&format!("{home}/agree"), &[("how", "spoken")])
        .await;
    app.clock.advance(chrono::Duration::minutes(1));
    let here = format!("{home}/versions/1");
    let page = priya
        .fill(
            &here,
            &[
                ("party", "employer"),
                ("how", "written"),
                ("name", "Jo Marsh <b>"),
                ("day_day", "25"),
                ("day_month", "12"),
                ("day_year", "2026"),
            ],
        )
        .await;
    assert_eq!(
        page.error("day").as_deref(),
        Some("The day cannot be in the future")
    );
    assert!(page.says("Jo Marsh <b>"));
    priya
        .fill(
            &here,
            &[
                ("party", "employer"),
                ("how", "written"),
                ("name", "Jo Marsh"),
            ],
        )
        .await
        .went_to(&here);
    assert_eq!(event_names(&app, 1).await, ["plan.agreement_added"]);
    assert!(
        priya
            .get(&here)
            .await
            .ok()
            .says("Employer, Jo Marsh: Friday 20 November 2026. They wrote that they do.")
    );
    assert!(
        priya
            .get(&home)
            .await
            .ok()
            .says("the person, employer (Jo Marsh)")
    );
    for number in ["0", "2", "-1", "999999999999"] {
        assert_eq!(
            priya.get(&format!("{home}/versions/{number}")).await.status,
            StatusCode::NOT_FOUND,
            "{number}"
        );
    }
}
