//! The person's spoken word: what is released is what was shown and read back, and nothing else.

use axum::http::StatusCode;

use super::{ASKS, FOR_RUTH, HER_WORD, asks, key_of, link, maya, prepare, release};
use crate::portal::set_word;
use crate::support::{TestApp, event_names};

#[tokio::test]
async fn what_was_shown_and_read_back_is_released_with_how_and_when() {
    let app = TestApp::new().await;
    let priya = app.browser("priya").await;
    let case = maya(&app, &priya).await;
    let document = prepare(&priya, case, &FOR_RUTH).await;
    let keys = asks(&priya, &document).await;
    let ticks = [
        ("items", keys[0].as_str()),
        ("items", keys[2].as_str()),
        ("items", "opening"),
        ("worded", "opening"),
        ("wording", "I want to come back, slowly."),
        ("purpose", "To plan my first weeks"),
        ("days", "14"),
    ];
    let look: Vec<_> = ticks.iter().copied().chain([("act", "look")]).collect();
    priya.fill(&document, &look).await.went_to(&document);
    assert_eq!(event_names(&app, 1).await, ["document.chosen"]);
    let page = priya.get(&document).await.ok();
    let exactly = page.body.split("id=\"exactly\"").nth(1).unwrap();
    assert!(
        exactly.contains("No late shift until week 4")
            && exactly.contains("I want to come back, slowly.")
    );
    assert!(
        !exactly.contains("East wing"),
        "what is not ticked is not shown"
    );

    let word = [
        ("spoken_how", "telephone"),
        ("spoken_time", "08:45"),
        ("read_back", "yes"),
        ("act", "release"),
    ];
    let say: Vec<_> = ticks.iter().copied().chain(word).collect();
    priya.fill(&document, &say).await.went_to(&document);
    let names = event_names(&app, 2).await;
    assert_eq!(names, ["document.released", "document.offered"]);
    let page = priya.get(&document).await.ok();
    for words in [
        "Released",
        // 14 days after Friday 20 November 2026.
        "Friday 4 December 2026",
        "I want to come back, slowly.",
        "on the telephone, Friday 20 November 2026, 08:45",
        "It was read back to them. Written down by Priya Nair",
    ] {
        assert!(page.says(words), "{words}");
    }
    assert!(!page.says("East wing"));
    assert_eq!(
        app.count("documents WHERE state = 'released' AND spoken_how = 'telephone' AND recorded_by IS NOT NULL")
            .await,
        1
    );
    let story = priya.get(&format!("/cases/{case}")).await.ok();
    assert!(story.says("Released: Return-to-work plan for Ruth Dawes"));
}

#[tokio::test]
async fn nothing_is_released_that_was_changed_after_it_was_shown() {
    let app = TestApp::new().await;
    let priya = app.browser("priya").await;
    let case = maya(&app, &priya).await;
    let document = prepare(&priya, case, &FOR_RUTH).await;
    let keys = asks(&priya, &document).await;
    let fields: Vec<(&str, &str)> = [
        ("items", keys[1].as_str()),
        ("purpose", "Plan"),
        ("days", "30"),
    ]
    .into_iter()
    .chain(HER_WORD)
    .chain([("act", "release")])
    .collect();
    let page = priya.fill(&document, &fields).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(
        page.error("exactly").as_deref(),
        Some("Something was changed after it was shown. Look at it again before it is released.")
    );
    let exactly = page.body.split("id=\"exactly\"").nth(1).unwrap();
    assert!(exactly.contains(ASKS[1]), "it is shown now");
    assert_eq!(app.count("documents WHERE state = 'released'").await, 0);
    // Asked again after it was shown, it goes.
    let again: Vec<(&str, &str)> = [
        ("draft", page.value("draft")),
        ("version", page.value("version")),
    ]
    .iter()
    .map(|(n, v)| (*n, v.clone().leak() as &str))
    .chain(fields.iter().copied())
    .collect();
    priya.post(&document, &again).await.went_to(&document);
    assert_eq!(app.count("documents WHERE state = 'released'").await, 1);
}

#[tokio::test]
async fn a_release_needs_something_ticked_a_purpose_a_period_and_her_word_read_back() {
    let app = TestApp::new().await;
    let priya = app.browser("priya").await;
    let case = maya(&app, &priya).await;
    let document = prepare(&priya, case, &FOR_RUTH).await;
    priya
        .fill(&document, &[("act", "look")])
        .await
        .went_to(&document);
    let page = priya.fill(&document, &[("act", "release")]).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    for (field, sentence) in [
        ("spoken_how", "Choose how they said so"),
        (
            "read_back",
            "Read it out to them first, and tick this when they said yes",
        ),
        ("items-0", "Nothing is ticked. Tick what may be seen first."),
    ] {
        assert_eq!(page.error(field).as_deref(), Some(sentence), "{field}");
    }
    let page = priya
        .fill(
            &document,
            &[
                ("act", "release"),
                ("spoken_how", "telephone"),
                ("read_back", "yes"),
                ("spoken_time", "23:00"),
            ],
        )
        .await;
    assert_eq!(
        page.error("spoken").as_deref(),
        Some("They cannot have said so in the future")
    );
    assert_eq!(app.count("documents WHERE state = 'draft'").await, 1);
}

#[tokio::test]
async fn she_may_think_about_it_for_21_days_say_no_or_be_given_it_to_look_at() {
    let app = TestApp::new().await;
    let priya = app.browser("priya").await;
    let case = maya(&app, &priya).await;
    let document = prepare(&priya, case, &FOR_RUTH).await;
    assert!(!priya.get(&document).await.says("own pages to look at"));
    let refused = priya.fill(&document, &[("act", "offer")]).await;
    assert!(refused.says("They have no own pages yet."));
    set_word(&app, case).await;
    for (act, event, state) in [
        ("offer", "document.offered", "offered"),
        ("think", "document.kept", "thinking"),
        // Each stands with what was chosen and given to her to look at in the same moment, in no order of its own.
        ("decline", "document.declined", "declined"),
    ] {
        let document = prepare(&priya, case, &FOR_RUTH).await;
        priya
            .fill(&document, &[("act", act)])
            .await
            .went_to(&document);
        let newest = event_names(&app, 3).await;
        assert!(newest.contains(&event.to_owned()), "{newest:?}");
        let states = match state {
            "offered" => app.count("documents WHERE state = 'offered'").await,
            "thinking" => {
                app.count("documents WHERE state = 'thinking' AND think_until_on = '2026-12-11'")
                    .await
            }
            _ => app.count("documents WHERE state = 'declined'").await,
        };
        assert_eq!(states, 1, "{state}");
    }
    assert_eq!(app.count("documents WHERE released IS NOT NULL").await, 0);
    // 22 days later the time to think is over, and nobody was shown anything.
    app.clock.advance(chrono::Duration::days(22));
    app.run_jobs().await;
    assert_eq!(app.count("documents WHERE state = 'expired'").await, 1);
}

#[tokio::test]
async fn pressing_twice_releases_once_and_an_older_page_releases_nothing() {
    let app = TestApp::new().await;
    let priya = app.browser("priya").await;
    let case = maya(&app, &priya).await;
    let document = prepare(&priya, case, &FOR_RUTH).await;
    let page = priya.get(&document).await.ok();
    let (draft, version) = (page.value("draft"), page.value("version"));
    let look = [
        ("draft", draft.as_str()),
        ("version", version.as_str()),
        ("act", "look"),
        ("items", "opening"),
    ];
    priya.post(&document, &look).await.went_to(&document);
    priya.post(&document, &look).await.went_to(&document);
    assert_eq!(app.count("documents WHERE version = 2").await, 1);
    let older = [
        ("version", version.as_str()),
        ("act", "look"),
        ("items", "taking_part"),
    ];
    let shown = priya.post(&document, &older).await;
    assert_eq!(shown.status, StatusCode::CONFLICT);
    assert_eq!(app.count("documents WHERE version = 2").await, 1);
}

#[tokio::test]
async fn closing_at_her_word_kills_the_link_at_once_and_keeps_her_copy() {
    let app = TestApp::new().await;
    let priya = app.browser("priya").await;
    let case = maya(&app, &priya).await;
    let document = prepare(&priya, case, &FOR_RUTH).await;
    let page = priya.get(&document).await.ok();
    let key = key_of(&page, ASKS[0]);
    release(&priya, &document, &[key]).await;
    let (path, code) = link(&priya, &document).await;
    let ruth = app.stranger();
    ruth.post(&path, &[("code", &code)]).await.went_to(&path);
    assert!(ruth.get(&path).await.ok().says(ASKS[0]));
    priya
        .post(&format!("{document}/go-on"), &[("act", "close")])
        .await
        .went_to(&document);
    assert_eq!(event_names(&app, 1).await, ["document.revoked"]);
    let dead = ruth.get(&path).await;
    assert_eq!(dead.status, StatusCode::NOT_FOUND);
    assert!(dead.says("This document is no longer available") && !dead.says("Maya"));
    let never = app.stranger().get("/d/never-was").await;
    assert_eq!(dead.body, never.body, "closed and never made look the same");
    let page = priya.get(&document).await.ok();
    assert!(
        page.says("Closed by the person") && page.says(ASKS[0]),
        "the copy stays"
    );
    let again = priya
        .post(&format!("{document}/go-on"), &[("act", "link")])
        .await;
    assert_eq!(again.status, StatusCode::CONFLICT);
    let back = format!("<a href=\"{document}\">Go back to the document</a>");
    assert!(again.body.contains(&back), "{}", again.body);
}
