//! What stands in the way, how it goes, and the staff's view of it.

use axum::http::StatusCode;
use chrono::Duration;

use crate::support::{Browser, TestApp, event_names};

/// Records an obstacle and says its id.
async fn named(
    app: &TestApp,
    browser: &Browser,
    case: impl std::fmt::Display,
    words: &str,
) -> String {
    let home = format!("/cases/{case}/assessment");
    browser
        .fill(
            &format!("{home}/obstacles/new"),
            &[
                ("words", words),
                ("kind", "workplace"),
                ("in_the_way", "3"),
                ("can_change", "partly"),
                ("since", "since the new rota in March"),
                ("flag", "blue"),
            ],
        )
        .await
        .went_to(&home);
    let rows = app
        .app
        .db
        .look(
            handrail::platform::db::sql("SELECT root_id FROM obstacles WHERE words = ?")
                .bind(words),
        )
        .await
        .unwrap();
    let id: uuid::Uuid = rows[0].get("root_id").unwrap();
    id.to_string()
}

#[tokio::test]
async fn an_obstacle_is_recorded_in_the_persons_words_and_its_course_is_seen() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let priya = app.browser("priya").await;
    let id = named(
        &app,
        &priya,
        case,
        "I can’t face the “corridor” <i>smell</i>",
    )
    .await;
    let names = event_names(&app, 3).await;
    assert!(
        names.contains(&"assessment.obstacle_recorded".to_owned()),
        "{names:?}"
    );
    let here = format!("/cases/{case}/assessment/obstacles/{id}");

    app.clock.advance(Duration::days(7));
    let priya = app.browser("priya").await;
    priya
        .fill(
            &format!("{here}/review"),
            &[
                ("state", "easing"),
                ("in_the_way", "1"),
                ("words", "They moved me to the east wing"),
            ],
        )
        .await
        .went_to(&here);
    let names = event_names(&app, 3).await;
    assert!(
        names.contains(&"assessment.obstacle_reviewed".to_owned()),
        "{names:?}"
    );

    let page = priya.get(&here).await.ok();
    assert!(page.says("I can’t face the “corridor” <i>smell</i>"));
    assert!(!page.body.contains("<i>smell</i>"));
    // 20 November and a week later.
    assert!(page.says("2 points, from 3 of 3 on 20 Nov 2026 to 1 of 3 on 27 Nov 2026."));
    assert!(page.body.contains("role=\"img\"") && page.body.contains("<table"));
    assert!(page.says("They moved me to the east wing"));
    let story = priya.get(&format!("/cases/{case}")).await.ok();
    assert!(story.says("Named as in the way") && story.says("easing, 1 of 3 (was 3)"));
    assert!(
        story.says("easing, 1 of 3"),
        "it stands beside the story too"
    );
}

#[tokio::test]
async fn what_has_gone_is_not_in_the_way() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let priya = app.browser("priya").await;
    let id = named(&app, &priya, case, "The stairs").await;
    app.clock.advance(Duration::minutes(1));
    let here = format!("/cases/{case}/assessment/obstacles/{id}/review");
    let page = priya
        .fill(&here, &[("state", "gone"), ("in_the_way", "2")])
        .await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.error("in_the_way").is_some());
    priya.fill(&here, &[("state", "gone")]).await;
    let page = priya.get(&format!("/cases/{case}/assessment")).await.ok();
    assert!(page.says("Nothing stands in the way now") && page.says("No longer in the way: 1"));
}

#[tokio::test]
async fn obstacles_are_reviewed_while_a_contact_is_recorded() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let priya = app.browser("priya").await;
    let stairs = named(&app, &priya, case, "The stairs").await;
    named(&app, &priya, case, "My manager").await;
    app.clock.advance(Duration::days(3));
    let priya = app.browser("priya").await;
    let here = format!("/cases/{case}/contacts/new");
    assert!(priya.get(&here).await.ok().says("The stairs"));
    // A level alone does not say how it is.
    let level = format!("{stairs} 1");
    let page = priya
        .fill(&here, &[("outcome", "done"), ("obstacle_levels", &level)])
        .await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.error("obstacles").is_some());
    assert!(
        page.body.contains(&format!("value=\"{level}\" selected")),
        "kept as chosen"
    );
    assert_eq!(app.count("contacts").await, 0);

    let state = format!("{stairs} easing");
    priya
        .fill(
            &here,
            &[
                ("outcome", "done"),
                ("obstacle_states", &state),
                ("obstacle_states", ""),
                ("obstacle_levels", &level),
                ("obstacle_levels", ""),
            ],
        )
        .await
        .went_to(&format!("/cases/{case}"));
    assert_eq!(
        app.count("obstacle_reviews WHERE contact_id IS NOT NULL AND state = 'easing' AND in_the_way = '1'")
            .await,
        1
    );
    assert_eq!(
        app.count("obstacle_reviews").await,
        3,
        "the other was not talked about"
    );
    let names = event_names(&app, 4).await;
    assert!(
        names.contains(&"assessment.obstacle_reviewed".to_owned()),
        "{names:?}"
    );
}

#[tokio::test]
async fn a_contact_that_began_before_the_obstacle_was_written_down_still_says_how_it_is_now() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let priya = app.browser("priya").await;
    let id = named(&app, &priya, case, "The stairs").await;
    app.clock.advance(Duration::minutes(5));
    let state = format!("{id} easing");
    // It is 09:05; the contact began at 08:30, and the obstacle was written down at 09:00.
    priya
        .fill(
            &format!("/cases/{case}/contacts/new"),
            &[
                ("outcome", "done"),
                ("started_time", "08:30"),
                ("obstacle_states", &state),
            ],
        )
        .await
        .went_to(&format!("/cases/{case}"));
    let page = priya
        .get(&format!("/cases/{case}/assessment/obstacles/{id}"))
        .await
        .ok();
    assert!(page.says(">Easing</span>"));
}

#[tokio::test]
async fn an_obstacle_of_somebody_else_cannot_be_reviewed_from_a_contact() {
    let app = TestApp::new().await;
    let (case, other) = (
        app.case("Maya Okonkwo", "priya").await,
        app.case("Dan Price", "priya").await,
    );
    let priya = app.browser("priya").await;
    let id = named(&app, &priya, other, "The stairs").await;
    let state = format!("{id} gone");
    let page = priya
        .fill(
            &format!("/cases/{case}/contacts/new"),
            &[("outcome", "done"), ("obstacle_states", &state)],
        )
        .await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(app.count("obstacle_reviews").await, 1);
    for what in ["", "/review", "/change"] {
        let path = format!("/cases/{case}/assessment/obstacles/{id}{what}");
        assert_eq!(
            priya.get(&path).await.status,
            StatusCode::NOT_FOUND,
            "{path}"
        );
    }
}

#[tokio::test]
async fn red_and_orange_lead_to_safety_and_record_nothing() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let priya = app.browser("priya").await;
    let here = format!("/cases/{case}/assessment/obstacles/new");
    for flag in ["red", "orange"] {
        let page = priya
            .fill(
                &here,
                &[
                    ("words", "I don’t see the point of any of it"),
                    ("kind", "feelings"),
                    ("in_the_way", "3"),
                    ("flag", flag),
                ],
            )
            .await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(page.error("flag").is_some());
        assert!(
            page.body
                .contains(&format!("value=\"/cases/{case}/safety/new\""))
        );
        assert!(
            page.says("I don’t see the point of any of it"),
            "nothing typed is lost"
        );
    }
    assert_eq!(app.count("obstacles").await, 0);
    assert_eq!(app.count("obstacle_flags").await, 0);
    // The button keeps what was typed and leads there.
    let draft = priya.get(&here).await.ok().value("draft");
    let safety = format!("/cases/{case}/safety/new");
    priya
        .post(
            &here,
            &[
                ("draft", &draft),
                ("words", "I don’t see the point"),
                ("save_draft", &safety),
            ],
        )
        .await
        .went_to(&safety);
    assert!(priya.get(&here).await.ok().says("I don’t see the point"));
}

#[tokio::test]
async fn a_change_keeps_what_it_said_before_and_two_people_do_not_overwrite_each_other() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let (priya, tom) = (app.browser("priya").await, app.browser("tom").await);
    let id = named(&app, &priya, case, "My manger").await;
    let here = format!("/cases/{case}/assessment/obstacles/{id}");
    let change = format!("{here}/change");
    let shown = priya.get(&change).await.ok();
    tom.fill(
        &change,
        &[
            ("words", "My manager"),
            ("kind", "workplace"),
            ("flag", "blue"),
            ("reason", "A slip of the pen"),
        ],
    )
    .await
    .went_to(&here);
    let names = event_names(&app, 3).await;
    assert!(
        names.contains(&"assessment.obstacle_changed".to_owned()),
        "{names:?}"
    );
    let page = priya.get(&here).await.ok();
    for words in ["My manager", "My manger", "A slip of the pen"] {
        assert!(page.says(words), "{words}");
    }
    let (draft, version) = (shown.value("draft"), shown.value("version"));
    let answer = priya
        .post(
            &change,
            &[
                ("draft", &draft),
                ("version", &version),
                ("words", "Mine"),
                ("kind", "health"),
                ("reason", "x"),
            ],
        )
        .await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    for page in [answer, priya.get(&change).await.ok()] {
        assert!(page.says("while you had it open"));
        assert_eq!(
            page.both("In their words"),
            Some(("Mine".to_owned(), "My manager".to_owned()))
        );
    }
}

#[tokio::test]
async fn what_was_recorded_by_mistake_stays_with_why_and_counts_no_more() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let priya = app.browser("priya").await;
    let home = format!("/cases/{case}/assessment");
    let id = named(&app, &priya, case, "The stairs").await;
    let here = format!("{home}/take-back/obstacle/{id}");
    assert_eq!(
        priya.fill(&here, &[("reason", " ")]).await.status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    priya
        .fill(&here, &[("reason", "It was about somebody else")])
        .await
        .went_to(&home);
    let names = event_names(&app, 3).await;
    assert!(
        names.contains(&"assessment.taken_back".to_owned()),
        "{names:?}"
    );
    assert!(!priya.get(&home).await.ok().says("The stairs"));
    let story = priya.get(&format!("/cases/{case}")).await.ok();
    assert!(story.says("taken back") && story.says("It was about somebody else"));
    assert_eq!(
        priya.get(&here).await.status,
        StatusCode::NOT_FOUND,
        "once only"
    );
    assert_eq!(app.count("obstacles").await, 1, "nothing is deleted");
}

#[tokio::test]
async fn a_review_taken_back_leaves_the_one_before_and_the_first_cannot_be() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let priya = app.browser("priya").await;
    let id = named(&app, &priya, case, "The stairs").await;
    let here = format!("/cases/{case}/assessment/obstacles/{id}");
    app.clock.advance(Duration::minutes(1));
    priya
        .fill(&format!("{here}/review"), &[("state", "gone")])
        .await
        .went_to(&here);
    let reviews: Vec<uuid::Uuid> = app
        .app
        .db
        .look(handrail::platform::db::sql(
            "SELECT id FROM obstacle_reviews ORDER BY written_at, id",
        ))
        .await
        .unwrap()
        .iter()
        .map(|row| row.get("id").unwrap())
        .collect();
    let take_back = |n: usize| format!("/cases/{case}/assessment/take-back/review/{}", reviews[n]);
    assert_eq!(priya.get(&take_back(0)).await.status, StatusCode::NOT_FOUND);
    priya
        .fill(&take_back(1), &[("reason", "Pressed the wrong one")])
        .await
        .went_to(&here);
    let page = priya.get(&here).await.ok();
    assert!(page.says("3 of 3: completely in the way"));
}

#[tokio::test]
async fn suggestions_stand_beside_an_obstacle_with_their_source_and_are_given_to_nobody() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let priya = app.browser("priya").await;
    let id = named(&app, &priya, case, "The stairs").await;
    let page = priya
        .get(&format!("/cases/{case}/assessment/obstacles/{id}"))
        .await
        .ok();
    assert!(page.says("The work is physically too much") && page.says("WAVE logic model"));
    assert!(
        page.says("not reviewed yet by"),
        "an unreviewed idea says so"
    );
    let print = priya
        .get(&format!("/cases/{case}/assessment/print"))
        .await
        .ok();
    assert!(!print.says("The work is physically too much"));
    let all = priya.get("/catalogue").await.ok();
    assert!(all.says("Employment and rights") && all.says("Getting to work"));
}
