//! The hard rule, through HTTP: whatever is ticked, the recipient's page and file hold what is ticked and nothing else of the record.

use super::{ASKS, FOR_RUTH, key_of, link, maya, prepare, release};
use crate::support::TestApp;

/// What could be ticked: words of the choice, and words that would be seen.
const CHOICES: [(&str, &str); 7] = [
    (ASKS[0], ASKS[0]),
    (ASKS[1], ASKS[1]),
    (ASKS[2], ASKS[2]),
    (
        "I would like to come back to work in steps",
        "I would like to come back to work in steps",
    ),
    (
        "That I am getting support to come back to work",
        "I am getting support to come back to work",
    ),
    ("To be back by spring", "To be back by spring"),
    ("Sleep through the night", "Sleep through the night"),
];

/// What is in the record and never in reach of a document.
const NEVER: [&str; 6] = [
    "Her sister presses her",
    "corridor smell",
    "Asthma",
    "07700 900123",
    "Struggling with the thought",
    "Priya",
];

#[tokio::test]
async fn a_recipient_sees_what_was_ticked_and_nothing_else_of_the_record() {
    let app = TestApp::new().await;
    let priya = app.browser("priya").await;
    let case = maya(&app, &priya).await;
    // Every seventh of the 128 ways to tick, and the fewest and the most.
    for ticked in (1_u32..128).step_by(7).chain([127]) {
        let document = prepare(&priya, case, &FOR_RUTH).await;
        let page = priya.get(&document).await.ok();
        let chosen: Vec<bool> = (0..CHOICES.len()).map(|n| ticked & (1 << n) != 0).collect();
        let keys: Vec<String> = CHOICES
            .iter()
            .zip(&chosen)
            .filter(|(_, ticked)| **ticked)
            .map(|((label, _), _)| key_of(&page, label))
            .collect();
        release(&priya, &document, &keys).await;
        let (path, code) = link(&priya, &document).await;
        let ruth = app.stranger();
        ruth.post(&path, &[("code", &code)]).await.went_to(&path);
        let seen = ruth.get(&path).await.ok();
        let theirs = ruth.get(&format!("{path}/document.pdf")).await.ok();
        let printed = priya.get(&format!("{document}/document.pdf")).await.ok();
        let (theirs, printed) = (theirs.words_of_the_file(), printed.words_of_the_file());
        assert_eq!(theirs, printed, "what is posted is what is opened");
        for ((_, words), ticked) in CHOICES.iter().zip(&chosen) {
            assert_eq!(seen.says(words), *ticked, "{words} in {ticked}");
            assert_eq!(theirs.contains(words), *ticked, "{words} in {ticked}");
        }
        for words in NEVER {
            assert!(!seen.says(words) && !theirs.contains(words), "{words}");
        }
    }
}

#[tokio::test]
async fn a_condition_is_seen_only_on_its_own_tick() {
    let app = TestApp::new().await;
    let priya = app.browser("priya").await;
    let case = maya(&app, &priya).await;
    let document = prepare(&priya, case, &FOR_RUTH).await;
    // Its key among the others is not its tick.
    let among = [
        ("items", "condition"),
        ("items", "opening"),
        ("act", "look"),
    ];
    priya.fill(&document, &among).await.went_to(&document);
    let exactly = |body: &str| body.split("id=\"exactly\"").nth(1).unwrap().to_owned();
    let page = priya.get(&document).await.ok();
    assert!(!exactly(&page.body).contains("Asthma"));
    let own = [("condition", "yes"), ("items", "opening"), ("act", "look")];
    priya.fill(&document, &own).await.went_to(&document);
    let page = priya.get(&document).await.ok();
    assert!(exactly(&page.body).contains("Asthma, since the spring"));
}
