//! What must not stand on a person's own pages, looked for on every one of them.

use super::own_pages;
use crate::support::TestApp;

const WORKING: &str = "Words-of-a-working-note";
const COMPLAINT: &str = "Words-of-a-complaint";
const CONCERN: &str = "Words-of-a-concern";
const NOT_TOLD: &str = "Words-told-to-others-unknown";
const TOLD: &str = "Words-told-to-others-known";
const OTHERS: &str = "Words-of-somebody-else";

const PAGES: &[&str] = &[
    "/me",
    "/me/plan",
    "/me/days",
    "/me/questionnaires",
    "/me/details",
    "/me/consents",
    "/me/seen",
    "/me/record",
    "/me/record/copy.html",
    "/me/record/copy.json",
];

#[tokio::test]
async fn nothing_that_is_not_for_the_person_stands_on_their_pages() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let other = app.case("Dan Price", "priya").await;
    let phone = own_pages(&app, case).await;
    let (priya, tom) = (app.browser("priya").await, app.browser("tom").await);
    priya
        .fill(
            &format!("/cases/{case}/contacts/new"),
            &[("outcome", "done"), ("working_note", WORKING)],
        )
        .await;
    priya
        .fill(
            &format!("/cases/{other}/notes/new"),
            &[("shared_note", OTHERS)],
        )
        .await;
    let priya_id = app.id("priya").to_string();
    tom.fill(
        &format!("/cases/{case}/complaints/new"),
        &[
            ("kind", "pushed"),
            ("words", COMPLAINT),
            ("about_worker", &priya_id),
        ],
    )
    .await
    .went_to(&format!("/cases/{case}"));
    let concern = priya
        .fill(
            &format!("/cases/{case}/safety/new"),
            &[("kind", "self_harm"), ("what", CONCERN), ("done", CONCERN)],
        )
        .await
        .location;
    tom.fill(&concern, &[]).await.went_to(&concern);
    for (words, told) in [(NOT_TOLD, "not_safe"), (NOT_TOLD, "not_yet"), (TOLD, "yes")] {
        tom.fill(
            &format!("{concern}/disclosure"),
            &[
                ("words", words),
                ("to_whom", "Crisis team"),
                ("why", CONCERN),
                ("person_told", told),
            ],
        )
        .await
        .went_to(&concern);
    }
    assert_eq!(app.count("complaints").await, 1);
    assert_eq!(app.count("concern_steps WHERE kind = 'disclosed'").await, 3);
    for path in PAGES {
        let page = phone.get(path).await.ok();
        for words in [WORKING, COMPLAINT, CONCERN, NOT_TOLD, OTHERS] {
            assert!(!page.body.contains(words), "{path} says {words}");
        }
    }
    let seen = phone.get("/me/seen").await.ok();
    assert!(seen.says(TOLD) && seen.says("Crisis team"));
    assert!(
        !seen.says("Safety concern") && !seen.says("Complaint"),
        "{}",
        seen.body
    );
}
