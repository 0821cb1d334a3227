//! What a person takes away: the plan in large type, and the sheet for a conversation with their employer.

use super::{goal, linked};
use crate::support::{TestApp, event_names};

#[tokio::test]
async fn the_printed_plan_is_in_the_first_person_and_says_nothing_for_staff() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let priya = app.browser("priya").await;
    let home = format!("/cases/{case}/plan");
    let goal = goal(&priya, case, "Be back on the east wing").await;
    let long = "I want to go back to my work in the home and to the people whom I have cared for all these years without being worn out at the end of it";
    priya
        .fill(
            &format!("{home}/about"),
            &[("kind", "return"), ("wants", long)],
        )
        .await;
    priya
        .fill(
            &format!("{home}/actions/new"),
            &[("goal", &goal), ("what", "Ring Jo"), ("who", "worker")],
        )
        .await;
    let page = priya.get(&format!("{home}/print")).await.ok();
    assert_eq!(event_names(&app, 1).await, ["plan.viewed"]);
    let paper = page
        .body
        .split("<article")
        .nth(1)
        .unwrap()
        .split("</article>")
        .next()
        .unwrap();
    for words in [
        "My plan",
        "Be back on the east wing",
        "Who: My support worker. To do.",
        "If a week is too hard",
        "call 999",
    ] {
        assert!(paper.contains(words), "{words}");
    }
    for words in [
        "Priya",
        "flag",
        "yellow",
        "obstacle",
        "may be hard to read",
        "/plan/",
    ] {
        assert!(
            !paper.to_lowercase().contains(&words.to_lowercase()),
            "{words}"
        );
    }
    assert!(
        page.says("This sentence is long, and may be hard to read on paper"),
        "the worker is told, gently"
    );
}

#[tokio::test]
async fn the_sheet_holds_the_weeks_and_what_the_person_agreed_to_ask_for_and_nothing_else() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let priya = app.browser("priya").await;
    let home = format!("/cases/{case}/plan");
    goal(&priya, case, "Stop the panic attacks").await;
    priya
        .fill(
            &format!("{home}/adjustments/new"),
            &[
                ("what", "Start at ten"),
                ("kind", "time"),
                ("why", "I can come after the school run"),
                ("advice", "Because of her depression, said the GP"),
                ("advice_from", "gp"),
            ],
        )
        .await;
    let id = linked(&priya, case, "adjustments/").await;
    priya
        .fill(
            &format!("{home}/adjustments/new"),
            &[("what", "A quiet room"), ("kind", "environment")],
        )
        .await;
    assert!(
        !priya
            .get(&format!("{home}/conversation"))
            .await
            .ok()
            .says("Start at ten"),
        "an idea is not on the sheet"
    );
    priya
        .fill(
            &format!("{home}/adjustments/{id}/step"),
            &[("to", "agrees_to_ask")],
        )
        .await;
    priya
        .fill(
            &format!("{home}/conversation/words"),
            &[
                ("opening", "Hello Jo, shall we walk?"),
                ("keep_private", "The hospital in May"),
                ("if_words", "she says there is no cover"),
                ("then_words", "Could we try one week?"),
            ],
        )
        .await
        .went_to(&format!("{home}/conversation"));
    assert_eq!(event_names(&app, 1).await, ["plan.conversation_prepared"]);
    let page = priya.get(&format!("{home}/conversation")).await.ok();
    let sheet = page
        .body
        .split("<article")
        .nth(1)
        .unwrap()
        .split("</article>")
        .next()
        .unwrap();
    for words in [
        "Hello Jo, shall we walk?",
        "Start at ten. With this I can: I can come after the school run",
        "If she says there is no cover",
        "Could we try one week?",
        "If they say no",
        "I said how I begin out loud.",
    ] {
        assert!(sheet.contains(words), "{words}");
    }
    for words in [
        "panic",
        "depression",
        "A quiet room",
        "The hospital in May",
        "Stop the",
    ] {
        assert!(!sheet.contains(words), "{words}");
    }
    assert!(
        page.says("The hospital in May"),
        "on the screen, for the two of them"
    );
}
