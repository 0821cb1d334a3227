//! What a plan is for, and goals.

use axum::http::StatusCode;

use super::goal;
use crate::support::{TestApp, event_names};

#[tokio::test]
async fn a_plan_begins_with_one_sentence_and_is_one_of_the_programmes_kinds() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let priya = app.browser("priya").await;
    let here = format!("/cases/{case}/plan");
    assert!(
        priya
            .get(&here)
            .await
            .ok()
            .says("Nothing is written down yet")
    );
    let about = format!("{here}/about");
    let form = priya.get(&about).await.ok();
    assert!(form.says("Stay in work") && form.says("Return to work"));
    assert!(!form.says("Seek work"), "this programme has no such plan");
    let page = priya.fill(&about, &[("kind", "seek")]).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(
        page.error("kind").as_deref(),
        Some("Kind: choose one of the answers shown")
    );
    priya
        .fill(
            &about,
            &[
                ("kind", "return"),
                ("wants", "To be back on the east wing by spring"),
            ],
        )
        .await
        .went_to(&here);
    assert_eq!(event_names(&app, 1).await, ["plan.written"]);
    let page = priya.get(&here).await.ok();
    assert!(page.says("To be back on the east wing by spring") && page.says("Return to work."));
    // Sent again as it is, nothing is written.
    priya
        .fill(
            &about,
            &[
                ("kind", "return"),
                ("wants", "To be back on the east wing by spring"),
            ],
        )
        .await
        .went_to(&here);
    assert_eq!(app.count("plans").await, 1);
    priya
        .fill(&about, &[("kind", "stay"), ("wants", "")])
        .await
        .went_to(&here);
    assert_eq!(app.count("plans WHERE superseded_by IS NULL").await, 1);
    assert_eq!(app.count("plans").await, 2, "what was written before stays");
}

#[tokio::test]
async fn seek_work_is_there_where_the_programme_has_it() {
    use handrail::rules::organisation::PlanType;
    let app = TestApp::with(|p| p.plan_types.push(PlanType::SeekWork)).await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let priya = app.browser("priya").await;
    priya
        .fill(&format!("/cases/{case}/plan/about"), &[("kind", "seek")])
        .await
        .went_to(&format!("/cases/{case}/plan"));
}

#[tokio::test]
async fn a_goal_is_kept_in_the_persons_words_and_every_change_of_it() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let priya = app.browser("priya").await;
    let words = "“Smell the corridor” & stay 😀 <script>alert(1)</script>";
    let id = goal(&priya, case, words).await;
    assert_eq!(event_names(&app, 2).await[0], "plan.viewed");
    assert_eq!(app.count("audit_events WHERE name = 'plan.goal_written' AND case_id IS NOT NULL AND person_id IS NOT NULL").await, 1);
    let page = priya.get(&format!("/cases/{case}/plan")).await.ok();
    assert!(page.says(words) && !page.body.contains("<script>alert"));

    let change = format!("/cases/{case}/plan/goals/{id}");
    priya
        .fill(
            &change,
            &[
                ("words", "Walk the corridor"),
                ("state", "set_aside"),
                ("reason", "Other things first"),
            ],
        )
        .await
        .went_to(&format!("/cases/{case}/plan"));
    assert_eq!(event_names(&app, 1).await, ["plan.goal_changed"]);
    assert_eq!(
        app.count("plan_goals WHERE superseded_reason = 'Other things first'")
            .await,
        1
    );
    let page = priya.get(&format!("/cases/{case}/plan")).await.ok();
    assert!(page.says("Walk the corridor") && page.says("Set aside for now"));
}

#[tokio::test]
async fn two_people_who_change_one_goal_do_not_overwrite_each_other_and_lose_nothing_typed() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let (priya, leila) = (app.browser("priya").await, app.browser("leila").await);
    let id = goal(&priya, case, "Sleep through").await;
    let here = format!("/cases/{case}/plan/goals/{id}");
    let opened = leila.get(&here).await.ok();
    priya.fill(&here, &[("words", "Sleep six hours")]).await;
    let late = [
        ("draft", opened.value("draft")),
        ("version", opened.value("version")),
        ("words", "Sleep at all, says Leila".to_owned()),
    ];
    let late: Vec<(&str, &str)> = late.iter().map(|(n, v)| (*n, v.as_str())).collect();
    let both = Some((
        "Sleep at all, says Leila".to_owned(),
        "Sleep six hours".to_owned(),
    ));
    let answer = leila.post(&here, &late).await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    assert!(
        answer.says("Priya Nair changed this while you had it open"),
        "{}",
        answer.body
    );
    assert!(answer.says("Goal changed by Priya Nair, today, 09:00."));
    assert_eq!(answer.both("The goal"), both);
    // Opened again it says the same, and still does where it then needs another look.
    let again = leila.get(&here).await.ok();
    assert_eq!(again.both("The goal"), both);
    assert_eq!(again.value("version"), "2-1");
    let wrong = leila
        .post(
            &here,
            &[("draft", late[0].1), ("version", "2-1"), ("words", "")],
        )
        .await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(
        wrong.both("The goal"),
        Some(("nothing".to_owned(), "Sleep six hours".to_owned()))
    );
    assert!(
        priya
            .get(&format!("/cases/{case}/plan"))
            .await
            .ok()
            .says("Sleep six hours")
    );
    leila
        .post(
            &here,
            &[late[0], ("version", &wrong.value("version")), late[2]],
        )
        .await
        .went_to(&format!("/cases/{case}/plan"));
    assert_eq!(event_names(&app, 1).await, ["plan.goal_changed"]);
}

#[tokio::test]
async fn pressing_twice_writes_one_goal() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let priya = app.browser("priya").await;
    let here = format!("/cases/{case}/plan/goals/new");
    let draft = priya.get(&here).await.ok().value("draft");
    for _ in 0..2 {
        priya
            .post(&here, &[("draft", &draft), ("words", "Once")])
            .await
            .went_to(&format!("/cases/{case}/plan"));
    }
    assert_eq!(app.count("plan_goals").await, 1);
}

#[tokio::test]
async fn a_plan_of_somebody_elses_team_or_a_closed_case_is_not_written() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let priya = app.browser("priya").await;
    let id = goal(&priya, case, "Private to Maya").await;
    for who in ["nobody", "ruth", "amir", "marta", "ines"] {
        let browser = app.browser(who).await;
        for path in [
            "",
            "/goals/new",
            "/print",
            "/conversation",
            "/chain",
            "/changes",
            "/return",
        ] {
            let shown = browser.get(&format!("/cases/{case}/plan{path}")).await;
            assert!(
                matches!(shown.status, StatusCode::NOT_FOUND | StatusCode::FORBIDDEN),
                "{who} {path}"
            );
            assert!(
                !shown.says("Private to Maya") && !shown.says("Okonkwo"),
                "{who} {path}"
            );
        }
    }
    // A goal of one case is not a goal of another.
    let other = app.case("Dan Price", "priya").await;
    assert_eq!(
        priya
            .get(&format!("/cases/{other}/plan/goals/{id}"))
            .await
            .status,
        StatusCode::NOT_FOUND
    );
    priya
        .fill(
            &format!("/cases/{case}/close"),
            &[
                ("reason", "goals_met"),
                ("work_status", "full"),
                ("note", ""),
            ],
        )
        .await;
    assert_eq!(app.count("cases WHERE status = 'closed'").await, 1);
    assert_eq!(
        priya
            .get(&format!("/cases/{case}/plan/goals/new"))
            .await
            .status,
        StatusCode::CONFLICT
    );
    assert!(
        priya
            .get(&format!("/cases/{case}/plan"))
            .await
            .ok()
            .says("Private to Maya")
    );
}
