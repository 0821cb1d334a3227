//! Handing over for leave: some or all, a look before, a result for each, and an end by itself.

use axum::http::StatusCode;
use chrono::Duration;
use handrail::rules::id::CaseId;

use crate::support::{Shown, TestApp, event_names};

/// From Friday 20 to Tuesday 24 November.
fn fields<'a>(to: &'a str, cases: &'a [String]) -> Vec<(&'a str, &'a str)> {
    let mut fields = vec![
        ("to_worker", to),
        ("from_day", "20"),
        ("from_month", "11"),
        ("from_year", "2026"),
        ("until_day", "24"),
        ("until_month", "11"),
        ("until_year", "2026"),
    ];
    fields.push(("which", if cases.is_empty() { "all" } else { "some" }));
    fields.extend(cases.iter().map(|c| ("cases", c.as_str())));
    fields
}

async fn hand_over(app: &TestApp, who: &str, cases: &[String]) -> Shown {
    let browser = app.browser(who).await;
    let to = app.id("tom").to_string();
    let mut all = fields(&to, cases);
    all.push(("confirmed", "yes"));
    let sent = browser.fill("/hand-over", &all).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.body);
    browser.get(&sent.location).await.ok()
}

async fn with_call(app: &TestApp, name: &str) -> CaseId {
    let case = app.case(name, "priya").await;
    app.browser("priya")
        .await
        .fill(
            &format!("/cases/{case}/contacts/new"),
            &[
                ("outcome", "done"),
                ("shared_note", "Shared words"),
                ("working_note", "Quiet words"),
                ("next_day", "20"),
                ("next_month", "11"),
                ("next_year", "2026"),
                ("next_time", "11:00"),
            ],
        )
        .await;
    case
}

#[tokio::test]
async fn it_is_looked_at_before_it_is_done() {
    let app = TestApp::new().await;
    with_call(&app, "Maya Okonkwo").await;
    let priya = app.browser("priya").await;
    let tom = app.id("tom").to_string();
    let preview = priya.fill("/hand-over", &fields(&tom, &[])).await.ok();
    for words in [
        "Check the hand-over",
        "Nothing has been handed over yet.",
        "Tom Whitaker covers for Priya Nair from Friday 20 November to Tuesday 24 November.",
        "Maya Okonkwo",
        "Next contact today, 11:00.",
        "Working notes stay",
    ] {
        assert!(preview.says(words), "{words} {}", preview.body);
    }
    assert_eq!(app.count("handovers").await, 0);
}

#[tokio::test]
async fn what_concerns_safety_goes_to_cover_whoever_has_it() {
    let app = TestApp::new().await;
    let case = with_call(&app, "Maya Okonkwo").await;
    let concern = crate::safety::raised(&app, "priya", case).await;
    let leila = app.browser("leila").await;
    leila.fill(&concern, &[]).await.went_to(&concern);
    let preview = app.browser("priya").await;
    let tom = app.id("tom").to_string();
    let preview = preview.fill("/hand-over", &fields(&tom, &[])).await.ok();
    assert!(preview.says("safety concern"), "{}", preview.body);
    hand_over(&app, "priya", &[]).await;
    let tom = app.browser("tom").await;
    let page = tom.get(&format!("/cases/{case}")).await.ok();
    assert!(page.says("A safety concern is open."));
    let safety = tom.get(&format!("/cases/{case}/safety")).await.ok();
    assert!(safety.says("I cannot see the point any more."));
}

#[tokio::test]
async fn cover_has_the_person_on_its_list_and_today_without_working_notes_and_ends_by_itself() {
    let app = TestApp::new().await;
    let case = with_call(&app, "Maya Okonkwo").await;
    let result = hand_over(&app, "priya", &[]).await;
    assert!(result.says("1 of 1 handed over."), "{}", result.body);
    let names = event_names(&app, 4).await;
    assert!(names.contains(&"case.handed_over".to_owned()), "{names:?}");

    let tom = app.browser("tom").await;
    let people = tom.get("/people?status=covering").await.ok();
    assert!(people.says("Maya Okonkwo") && people.says("Covering (1)"));
    let today = tom.get("/today").await.ok();
    assert!(
        today.says("Maya Okonkwo")
            && today.says("You cover for Priya Nair.")
            && today.says("11:00"),
        "{}",
        today.body
    );
    let story = tom.get(&format!("/cases/{case}")).await.ok();
    assert!(story.says("Shared words") && story.says("Tom Whitaker covers until 24 Nov 2026"));
    for path in [
        format!("/cases/{case}"),
        "/today".into(),
        "/people?status=covering".into(),
        format!("/cases/{case}/contacts/new"),
    ] {
        assert!(
            !tom.get(&path).await.ok().says("Quiet words"),
            "working notes do not go to cover: {path}"
        );
    }
    assert_eq!(
        app.stored_case(case).await.worker_id,
        Some(app.id("priya")),
        "she is still the worker"
    );
    assert!(
        app.browser("priya")
            .await
            .get("/people")
            .await
            .ok()
            .says("Maya Okonkwo")
    );

    app.clock.advance(Duration::days(4));
    assert!(
        app.browser("tom")
            .await
            .get("/people")
            .await
            .ok()
            .says("Covering (1)"),
        "the last day is within the cover"
    );
    app.clock.advance(Duration::days(1));
    let tom = app.browser("tom").await;
    assert!(
        tom.get("/people?status=covering")
            .await
            .ok()
            .says("Covering (0)")
    );
    assert!(!tom.get("/today").await.ok().says("Maya"));
}

#[tokio::test]
async fn each_case_has_its_own_result() {
    let app = TestApp::new().await;
    let (open, closed, covered) = (
        app.case("Open Person", "priya").await,
        app.case("Closed Person", "priya").await,
        app.case("Covered Person", "priya").await,
    );
    let toms = app.case("Toms Person", "tom").await;
    hand_over(&app, "priya", &[covered.to_string()]).await;
    app.browser("priya")
        .await
        .fill(
            &format!("/cases/{closed}/close"),
            &[("reason", "moved"), ("work_status", "off")],
        )
        .await;
    let all: Vec<String> = [open, closed, covered, toms]
        .iter()
        .map(ToString::to_string)
        .collect();
    let page = hand_over(&app, "priya", &all).await;
    assert!(page.says("1 of 4 handed over."));
    for words in [
        "Left out: the case is closed",
        "Left out: somebody covers already on some of these days",
        "Left out: somebody else works with this person now",
    ] {
        assert!(page.says(words), "{words}");
    }
    assert_eq!(app.count("handovers").await, 2);
}

#[tokio::test]
async fn a_case_that_is_not_there_hands_nothing_over() {
    let app = TestApp::new().await;
    let mine = app.case("Open Person", "priya").await;
    let to = app.id("tom").to_string();
    let cases = [mine.to_string(), app.id("ruth").to_string()];
    let mut all = fields(&to, &cases);
    all.push(("confirmed", "yes"));
    assert_eq!(
        app.browser("priya")
            .await
            .fill("/hand-over", &all)
            .await
            .status,
        StatusCode::NOT_FOUND
    );
    assert_eq!(app.count("handovers").await, 0);
    assert_eq!(app.count("handover_results").await, 0);
}

#[tokio::test]
async fn pressing_twice_hands_over_once_and_the_result_is_ones_own() {
    let app = TestApp::new().await;
    app.case("Open Person", "priya").await;
    let priya = app.browser("priya").await;
    let draft = priya.get("/hand-over").await.ok().value("draft");
    let to = app.id("tom").to_string();
    let mut all = fields(&to, &[]);
    all.extend([("confirmed", "yes"), ("draft", draft.as_str())]);
    let first = priya.post("/hand-over", &all).await;
    priya
        .post("/hand-over", &all)
        .await
        .went_to(&first.location);
    assert_eq!(app.count("handovers").await, 1);
    for who in ["tom", "leila"] {
        assert_eq!(
            app.browser(who).await.get(&first.location).await.status,
            StatusCode::NOT_FOUND,
            "{who}"
        );
    }
}

#[tokio::test]
async fn days_people_and_cover_are_checked_and_what_was_typed_stays() {
    let app = TestApp::new().await;
    let case = app.case("Open Person", "priya").await;
    let priya = app.browser("priya").await;
    let page = priya
        .fill(
            "/hand-over",
            &[
                ("which", "some"),
                ("to_worker", &app.id("priya").to_string()),
                ("from_day", "31"),
                ("from_month", "2"),
                ("from_year", "2026"),
                ("reason", "Kept words"),
            ],
        )
        .await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    for (field, sentence) in [
        ("which", "Tick at least one person"),
        ("to_worker", "Choose who covers"),
        ("from", "First day: enter a real date, like 27 3 1985"),
        ("until", "Enter the last day of the cover"),
    ] {
        assert_eq!(page.error(field).as_deref(), Some(sentence));
    }
    assert!(page.says("Kept words"));
    let to = app.id("tom").to_string();
    let cases = [case.to_string()];
    let mut past = fields(&to, &cases);
    past[5] = ("until_month", "10");
    let page = priya.fill("/hand-over", &past).await;
    assert_eq!(
        page.error("until").as_deref(),
        Some("The last day must be the same as or after the first day")
    );
}

#[tokio::test]
async fn a_mentor_hands_over_for_somebody_of_the_team_only() {
    let app = TestApp::new().await;
    let case = app.case("Open Person", "priya").await;
    let leila = app.browser("leila").await;
    assert!(
        leila
            .get("/hand-over")
            .await
            .ok()
            .says("Whose people do you hand over?")
    );
    let priya_id = app.id("priya").to_string();
    let page = leila
        .get(&format!("/hand-over?worker={priya_id}"))
        .await
        .ok();
    assert!(page.says("Priya Nair's people") && page.says("Open Person"));
    let to = app.id("tom").to_string();
    let draft = page.value("draft");
    let mut all = fields(&to, &[]);
    all.extend([
        ("worker", priya_id.as_str()),
        ("draft", draft.as_str()),
        ("confirmed", "yes"),
    ]);
    let sent = leila.post("/hand-over", &all).await;
    assert!(
        leila
            .get(&sent.location)
            .await
            .ok()
            .says("1 of 1 handed over.")
    );
    assert!(
        app.browser("tom")
            .await
            .get(&format!("/cases/{case}"))
            .await
            .ok()
            .says("covers until")
    );
    let other = app.id("nobody").to_string();
    assert_eq!(
        leila
            .get(&format!("/hand-over?worker={other}"))
            .await
            .status,
        StatusCode::NOT_FOUND
    );
    let tom = app
        .browser("tom")
        .await
        .get(&format!("/hand-over?worker={priya_id}"))
        .await
        .ok();
    assert!(
        !tom.says("Open Person"),
        "a worker hands over their own people whatever the address says"
    );
}

#[tokio::test]
async fn whoever_covers_and_is_away_themselves_is_warned_about() {
    let app = TestApp::new().await;
    app.case("Open Person", "priya").await;
    app.browser("tom")
        .await
        .fill(
            "/leave",
            &[
                ("from_day", "23"),
                ("from_month", "11"),
                ("from_year", "2026"),
                ("until_day", "27"),
                ("until_month", "11"),
                ("until_year", "2026"),
            ],
        )
        .await
        .went_to("/leave");
    let to = app.id("tom").to_string();
    let preview = app
        .browser("priya")
        .await
        .fill("/hand-over", &fields(&to, &[]))
        .await
        .ok();
    assert!(
        preview
            .says("Tom Whitaker is away from Monday 23 November to Friday 27 November themselves."),
        "{}",
        preview.body
    );
}

#[tokio::test]
async fn the_look_before_says_who_is_covered_already_and_by_whom() {
    let app = TestApp::new().await;
    let case = with_call(&app, "Maya Okonkwo").await;
    hand_over(&app, "priya", &[case.to_string()]).await;
    app.case("Daniel Reid", "priya").await;
    let priya = app.browser("priya").await;
    let tom = app.id("tom").to_string();
    let form = priya.get("/hand-over").await.ok();
    let covered = "Tom Whitaker covers from 20 Nov 2026 to 24 Nov 2026";
    assert!(form.says(covered), "{}", form.body);
    let preview = priya.fill("/hand-over", &fields(&tom, &[])).await.ok();
    assert!(
        preview.says(covered) && preview.says(": left out."),
        "{}",
        preview.body
    );
    assert!(preview.says("One of them is covered already on some of these days"));
}

#[tokio::test]
async fn leave_says_who_covers_it_and_asks_for_cover_only_where_none_is() {
    let app = TestApp::new().await;
    let case = with_call(&app, "Maya Okonkwo").await;
    let priya = app.browser("priya").await;
    priya
        .fill(
            "/leave",
            &[
                ("from_day", "20"),
                ("from_month", "11"),
                ("from_year", "2026"),
                ("until_day", "24"),
                ("until_month", "11"),
                ("until_year", "2026"),
            ],
        )
        .await;
    let today = priya.get("/today").await.ok();
    assert!(today.says("Nobody covers all of these days yet.") && today.says("Choose cover"));
    hand_over(&app, "priya", &[case.to_string()]).await;
    for path in ["/today", "/leave"] {
        let page = priya.get(path).await.ok();
        assert!(page.says("Tom Whitaker covers everybody."), "{path}");
        assert!(!page.says("Choose cover"), "{path}");
    }
    app.case("Daniel Reid", "priya").await;
    let today = priya.get("/today").await.ok();
    assert!(today.says("Tom Whitaker covers 1 of 2.") && today.says("Choose cover"));
}

#[tokio::test]
async fn a_cover_is_ended_early_by_hand() {
    let app = TestApp::new().await;
    let case = with_call(&app, "Maya Okonkwo").await;
    hand_over(&app, "priya", &[case.to_string()]).await;
    let (priya, tom) = (app.browser("priya").await, app.browser("tom").await);
    assert!(tom.get("/today").await.ok().says("Maya Okonkwo"));
    let here = format!("/cases/{case}/cover");
    let page = priya.get(&here).await.ok();
    assert!(page.says("Tom Whitaker covers from 20 Nov 2026 to 24 Nov 2026."));
    let action = page
        .body
        .split("action=\"")
        .find(|a| a.contains("/end\""))
        .unwrap();
    let action = action.split('"').next().unwrap().to_owned();
    // Only whose people they are, and the mentor: not whoever covers.
    for (who, status) in [
        ("tom", StatusCode::FORBIDDEN),
        ("nobody", StatusCode::NOT_FOUND),
    ] {
        let browser = app.browser(who).await;
        assert_eq!(browser.get(&here).await.status, status, "{who}");
        assert_eq!(browser.post(&action, &[]).await.status, status, "{who}");
    }
    // Another case's address does not end it.
    let other = app.case("Daniel Reid", "priya").await;
    let wrong = action.replace(&case.to_string(), &other.to_string());
    assert_eq!(priya.post(&wrong, &[]).await.status, StatusCode::NOT_FOUND);
    let draft = page.value("draft");
    priya
        .post(&action, &[("draft", draft.as_str())])
        .await
        .went_to(&format!("/cases/{case}"));
    assert_eq!(event_names(&app, 1).await, ["case.cover_ended"]);
    assert!(!tom.get("/today").await.ok().says("Maya Okonkwo"));
    assert!(
        priya
            .get(&here)
            .await
            .ok()
            .says("Nobody covers, now or later.")
    );
    let story = priya.get(&format!("/cases/{case}")).await.ok();
    assert!(story.says("Ended Friday 20 November."), "{}", story.body);
    // It is over: there is nothing to end a second time.
    assert_eq!(priya.post(&action, &[]).await.status, StatusCode::NOT_FOUND);
}
