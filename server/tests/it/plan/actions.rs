//! What is tried, what happened with it, and the chain from an obstacle to what became of it.

use axum::http::StatusCode;
use handrail::{
    features::{assessment, caseload::store as cases, plan},
    rules::{
        Choice,
        assessment::{CanChange, InTheWay, ObstacleKind, ObstacleState},
        id::{CaseId, ObstacleId},
        permission::Action,
    },
};

use super::{goal, linked};
use crate::support::{TestApp, event_names};

/// An obstacle, recorded by Priya.
async fn obstacle(app: &TestApp, case: CaseId, words: &str) -> ObstacleId {
    let mut tx = app.write("priya").await;
    let found = cases::find_for(&mut tx, Action::SeeCase, case, None)
        .await
        .unwrap();
    let new = assessment::NewObstacle {
        said: assessment::Said {
            kind: ObstacleKind::Feelings,
            words: words.to_owned(),
            can_change: CanChange::ALL[0],
            since: None,
        },
        in_the_way: InTheWay::Lot,
        flag: None,
    };
    let id = assessment::record_obstacle(&mut tx, &found, new)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    id
}

#[tokio::test]
async fn something_to_try_has_a_goal_an_obstacle_somebody_who_does_it_and_a_day() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let priya = app.browser("priya").await;
    let goal = goal(&priya, case, "Be back on the east wing").await;
    let obstacle = obstacle(&app, case, "The corridor smell").await.to_string();
    let new = format!("/cases/{case}/plan/actions/new");
    let form = priya
        .get(&format!("{new}?goal={goal}&obstacle={obstacle}"))
        .await
        .ok();
    assert!(
        form.says(&format!("value=\"{goal}\" selected"))
            && form.says(&format!("value=\"{obstacle}\" selected"))
    );
    priya
        .fill(
            &new,
            &[
                ("goal", &goal),
                ("obstacle", &obstacle),
                ("what", "Go to the Tuesday class"),
                ("who", "service"),
                ("service", "exercise_class"),
                ("who_name", "Green Lane gym"),
                ("by_day", "13"),
                ("by_month", "11"),
                ("by_year", "2026"),
                ("when_words", "Tuesday at 6"),
                ("where_words", "The gym by the bus stop"),
                ("how_words", "With my sister"),
                ("if_words", "it rains"),
                ("then_words", "take the bus"),
            ],
        )
        .await
        .went_to(&format!("/cases/{case}/plan"));
    assert_eq!(event_names(&app, 1).await, ["plan.action_agreed"]);
    let page = priya.get(&format!("/cases/{case}/plan")).await.ok();
    for words in [
        "Go to the Tuesday class",
        "Exercise class, Green Lane gym, by Friday 13 November",
        "The corridor smell",
        "Tuesday at 6. The gym by the bus stop. With my sister",
        "If it rains, then I will take the bus.",
        "The day has passed: ask how it went. It is fine if it waits.",
    ] {
        assert!(page.says(words), "{words}");
    }
    // It is on the case and on Today, kindly.
    let on_case = priya.get(&format!("/cases/{case}")).await.ok();
    assert!(
        on_case.says("You could ask how it went:") && on_case.says("meant for Friday 13 November")
    );
    let today = priya.get("/today").await.ok();
    assert!(today.says("You could ask how it went") && today.says("Go to the Tuesday class"));
    assert!(
        !app.browser("tom")
            .await
            .get("/today")
            .await
            .ok()
            .says("Tuesday class"),
        "it is Priya's to ask"
    );
}

#[tokio::test]
async fn a_class_is_sent_taken_up_and_told_about_in_a_contact_and_the_chain_shows_it() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let priya = app.browser("priya").await;
    let against = obstacle(&app, case, "I am too stiff in the morning").await;
    priya
        .fill(
            &format!("/cases/{case}/plan/actions/new"),
            &[
                ("obstacle", &against.to_string()),
                ("what", "Morning class"),
                ("who", "service"),
                ("service", "exercise_class"),
                ("by_day", "13"),
                ("by_month", "11"),
                ("by_year", "2026"),
            ],
        )
        .await;
    priya
        .fill(
            &format!("/cases/{case}/contacts/new"),
            &[("outcome", "done"), ("minutes", "20")],
        )
        .await
        .went_to(&format!("/cases/{case}"));
    let id = linked(&priya, case, "actions/").await;
    let here = format!("/cases/{case}/plan/actions/{id}/step");
    priya
        .fill(
            &here,
            &[
                ("state", "sent"),
                ("day_day", "9"),
                ("day_month", "11"),
                ("day_year", "2026"),
            ],
        )
        .await
        .went_to(&format!("/cases/{case}/plan"));
    assert_eq!(event_names(&app, 1).await, ["plan.action_step_recorded"]);
    let form = priya.get(&here).await.ok();
    let contact = form
        .body
        .split("id=\"contact\"")
        .nth(1)
        .unwrap()
        .split("<option value=\"")
        .nth(2)
        .unwrap()
        .split('"')
        .next()
        .unwrap()
        .to_owned();
    priya
        .fill(
            &here,
            &[
                ("state", "taken_up"),
                ("went", "helped_a_little"),
                ("words", "My back likes it"),
                ("contact", &contact),
            ],
        )
        .await
        .went_to(&format!("/cases/{case}/plan"));
    assert_eq!(
        app.count("plan_action_steps WHERE contact_id IS NOT NULL")
            .await,
        1
    );

    app.clock.advance(chrono::Duration::minutes(1));
    let mut tx = app.write("priya").await;
    let found = cases::find_for(&mut tx, Action::SeeCase, case, None)
        .await
        .unwrap();
    let at = tx.now();
    let review = assessment::NewReview {
        obstacle: against,
        state: ObstacleState::Easing,
        in_the_way: InTheWay::Little,
        words: None,
    };
    assessment::review_obstacles(&mut tx, &found, None, at, &[review])
        .await
        .unwrap();
    tx.commit().await.unwrap();

    let page = priya.get(&format!("/cases/{case}/plan/chain")).await.ok();
    for words in [
        "I am too stiff in the morning",
        "Morning class",
        "Taken up. It helped a little",
        "Easing, Friday 20 November",
        "today, 09:00",
    ] {
        assert!(page.says(words), "{words}");
    }
    let mut tx = app.app.read(&app.actor("leila").await).await.unwrap();
    let chains = plan::chains(&mut tx, case).await.unwrap();
    assert_eq!(chains.len(), 1);
    assert_eq!((chains[0].actions.len(), chains[0].contacts.len()), (1, 1));
    assert_eq!(chains[0].obstacle.state, ObstacleState::Easing);
    // The story tells it too.
    assert!(
        priya
            .get(&format!("/cases/{case}"))
            .await
            .ok()
            .says("Taken up: Morning class")
    );
}

#[tokio::test]
async fn what_was_tried_or_set_aside_is_not_asked_about_again() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let priya = app.browser("priya").await;
    priya
        .fill(
            &format!("/cases/{case}/plan/actions/new"),
            &[
                ("what", "Ring Jo"),
                ("who", "person"),
                ("by_day", "12"),
                ("by_month", "11"),
                ("by_year", "2026"),
            ],
        )
        .await;
    let id = linked(&priya, case, "actions/").await;
    let here = format!("/cases/{case}/plan/actions/{id}/step");
    let page = priya.fill(&here, &[("state", "taken_up")]).await;
    assert_eq!(
        page.status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "only a service is taken up"
    );
    let page = priya
        .fill(
            &here,
            &[
                ("state", "tried"),
                ("day_day", "21"),
                ("day_month", "11"),
                ("day_year", "2026"),
                ("words", "kept <b>"),
            ],
        )
        .await;
    assert_eq!(
        page.error("day").as_deref(),
        Some("The day cannot be in the future")
    );
    assert!(page.says("kept <b>"));
    priya
        .fill(
            &here,
            &[
                ("state", "tried"),
                ("went", "harder"),
                ("words", "Too soon, I was shaking"),
            ],
        )
        .await
        .went_to(&format!("/cases/{case}/plan"));
    for path in ["/today".to_owned(), format!("/cases/{case}")] {
        assert!(
            !priya.get(&path).await.ok().says("ask how it went"),
            "{path}"
        );
    }
    let page = priya.get(&format!("/cases/{case}/plan")).await.ok();
    assert!(page.says("It made things harder") && page.says("Too soon, I was shaking"));
    // Changing what it is does not change where it is.
    priya
        .fill(
            &format!("/cases/{case}/plan/actions/{id}"),
            &[("what", "Write to Jo"), ("who", "person")],
        )
        .await;
    assert_eq!(
        app.count(
            "plan_actions WHERE superseded_by IS NULL AND state = 'tried' AND what = 'Write to Jo'"
        )
        .await,
        1
    );
    assert_eq!(event_names(&app, 1).await, ["plan.action_changed"]);
}

#[tokio::test]
async fn half_an_if_then_and_a_strangers_goal_are_refused() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let other = app.case("Dan Price", "priya").await;
    let priya = app.browser("priya").await;
    let dans = goal(&priya, other, "Dan's own").await;
    let new = format!("/cases/{case}/plan/actions/new");
    let page = priya
        .fill(
            &new,
            &[
                ("what", "Walk"),
                ("who", "person"),
                ("if_words", "it rains"),
                ("goal", &dans),
            ],
        )
        .await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(
        page.error("then_words").as_deref(),
        Some("Write both halves, or leave both blank")
    );
    assert!(!page.says("Dan's own"));
    let page = priya
        .fill(
            &new,
            &[
                ("goal", "not-an-id"),
                ("by_day", "31"),
                ("by_month", "2"),
                ("by_year", "2027"),
            ],
        )
        .await;
    assert_eq!(page.error("what").as_deref(), Some("Write what to try"));
    assert_eq!(page.error("who").as_deref(), Some("Choose who does it"));
    assert!(page.error("by").is_some());
    assert_eq!(app.count("plan_actions").await, 0);
}
