//! Recording consent.

use axum::http::StatusCode;
use chrono::Duration;
use handrail::platform::db::sql;

use super::agree;
use crate::support::{TestApp, event_names};

#[tokio::test]
async fn each_decision_is_kept_with_its_wording_and_how_it_was_taken() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let priya = app.browser("priya").await;
    let here = format!("/cases/{case}/consent");
    let read_out = priya.get(&here).await.ok().value("read_out");
    assert!(!read_out.is_empty(), "the wordings stand on the page");
    priya
        .fill(
            &here,
            &[
                ("read_out", &read_out),
                ("checked_who", "yes"),
                ("safe_to_talk", "yes"),
                ("mode", "spoken"),
                ("privacy_notice", "yes"),
                ("limits", "yes"),
                ("take_part", "yes"),
                ("research", "no"),
            ],
        )
        .await
        .went_to(&format!("/cases/{case}"));
    assert_eq!(event_names(&app, 1).await, ["consent.recorded"]);
    assert_eq!(
        app.count("consents WHERE mode = 'spoken' AND wording_id IS NOT NULL")
            .await,
        4
    );
    assert_eq!(
        app.count("consents WHERE decision = 'given' AND kind IN ('privacy_notice', 'limits', 'take_part')")
            .await,
        3
    );
    assert_eq!(
        app.count("consents WHERE decision = 'refused' AND kind = 'research'")
            .await,
        1
    );
    let page = priya.get(&here).await.ok();
    assert!(page.says("Support may go on.") && page.says("wording version 1"));
    assert!(
        !priya
            .get(&format!("/cases/{case}"))
            .await
            .ok()
            .says("Consent is not recorded yet")
    );
}

#[tokio::test]
async fn nothing_is_ticked_beforehand() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let page = app
        .browser("priya")
        .await
        .get(&format!("/cases/{case}/consent"))
        .await
        .ok();
    let ticked: Vec<&str> = page
        .body
        .split('<')
        .filter(|tag| tag.starts_with("input") && tag.contains(" checked"))
        .collect();
    assert!(ticked.is_empty(), "{ticked:#?}");
}

#[tokio::test]
async fn nobody_agrees_to_take_part_before_they_are_told_the_limits() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let page = app
        .browser("priya")
        .await
        .fill(
            &format!("/cases/{case}/consent"),
            &[
                ("checked_who", "yes"),
                ("safe_to_talk", "yes"),
                ("mode", "spoken"),
                ("privacy_notice", "yes"),
                ("take_part", "yes"),
                ("note", "<script>alert(1)</script> 😀"),
            ],
        )
        .await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(
        page.error("limits").as_deref(),
        Some("Tell them this first, then ask if they want to take part")
    );
    assert!(page.says("<script>alert(1)</script> 😀") && !page.body.contains("<script>alert"));
    assert_eq!(app.count("consents").await, 0);
}

#[tokio::test]
async fn nothing_is_recorded_where_it_is_not_safe_to_talk() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let page = app
        .browser("priya")
        .await
        .fill(
            &format!("/cases/{case}/consent"),
            &[
                ("checked_who", "yes"),
                ("safe_to_talk", "no"),
                ("mode", "spoken"),
                ("privacy_notice", "yes"),
            ],
        )
        .await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.error("safe_to_talk").is_some());
    assert_eq!(app.count("consents").await, 0);
}

#[tokio::test]
async fn a_no_leads_back_to_what_comes_next() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let priya = app.browser("priya").await;
    let here = format!("/cases/{case}/consent");
    priya
        .fill(
            &here,
            &[
                ("checked_who", "yes"),
                ("safe_to_talk", "yes"),
                ("mode", "spoken"),
                ("take_part", "no"),
            ],
        )
        .await
        .went_to(&here);
    assert!(
        priya
            .get(&here)
            .await
            .ok()
            .says("They do not want to take part")
    );
}

#[tokio::test]
async fn consent_is_for_the_team_alone() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    for who in ["ruth", "amir", "marta", "ines", "nobody"] {
        let shown = app
            .browser(who)
            .await
            .get(&format!("/cases/{case}/consent"))
            .await;
        assert_eq!(shown.status, StatusCode::NOT_FOUND, "{who}");
        assert!(!shown.says("Maya"), "{who}");
    }
}

/// Answered on a day of November 2026 at 10:00, and written down later.
fn answered<'a>(day: &'a str, answers: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let told = [
        ("checked_who", "yes"),
        ("mode", "written"),
        ("answered_day", day),
        ("answered_month", "11"),
        ("answered_year", "2026"),
        ("answered_time", "10:00"),
    ];
    told.iter().chain(answers).copied().collect()
}

#[tokio::test]
async fn a_no_that_is_written_down_late_leaves_nothing_in_force_that_stood_on_it() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    agree(&app.browser("priya").await, case, &[]).await;
    app.clock.advance(Duration::days(2));
    agree(&app.browser("priya").await, case, &["share_gp"]).await;
    app.clock.advance(Duration::days(2));
    let priya = app.browser("priya").await;
    let here = format!("/cases/{case}/consent");
    // On Saturday 21 they had not agreed yet that their GP is told: that came on Sunday 22.
    let early = priya
        .fill(&here, &answered("21", &[("take_part", "no")]))
        .await;
    assert_eq!(
        early.error("answered").as_deref(),
        Some("They decided about this after that time. Check the day and the time")
    );
    priya
        .fill(&here, &answered("23", &[("take_part", "no")]))
        .await
        .went_to(&here);
    assert_eq!(
        app.count("consents WHERE kind = 'share_gp' AND decision = 'withdrawn'")
            .await,
        1
    );
}

#[tokio::test]
async fn an_answer_that_is_written_down_late_is_kept_with_the_wording_of_its_day() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let wordings = format!(
        "/organisation/programmes/{}/wordings/research",
        app.programme
    );
    app.clock.advance(Duration::days(3));
    let words = [("words", "May researchers write to you?")];
    let newer = app.browser("ines").await.fill(&wordings, &words).await;
    assert_eq!(newer.status, StatusCode::SEE_OTHER, "{}", newer.body);
    let priya = app.browser("priya").await;
    let here = format!("/cases/{case}/consent");
    let version = async |n: i64| {
        let of = sql(
            "SELECT COUNT(*) AS n FROM consents c JOIN wordings w ON w.id = c.wording_id WHERE c.kind = 'research' AND w.version = ?",
        );
        let rows = app.app.db.look(of.bind(n)).await.unwrap();
        rows[0].get::<i64>("n").unwrap()
    };
    // The wording changed on Monday 23.
    let saved = priya
        .fill(&here, &answered("21", &[("research", "yes")]))
        .await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.body);
    assert_eq!((version(1).await, version(2).await), (1, 0));
    app.clock.advance(Duration::hours(4));
    let priya = app.browser("priya").await;
    let saved = priya
        .fill(&here, &answered("23", &[("research", "no")]))
        .await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.body);
    assert_eq!((version(1).await, version(2).await), (1, 1));
}
