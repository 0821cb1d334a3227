//! What must not stand on a person's own pages, looked for on every one of them.

use handrail::{
    features::portal::LeadsTo,
    platform::{audit::Entry, db::sql},
    rules::event::Event,
};

use super::{WORD, link, open, own_pages};
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
    "/me/messages",
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
    let file = phone.get("/me/record/copy.pdf").await.ok();
    let file = file.words_of_the_file();
    for words in [WORKING, COMPLAINT, CONCERN, NOT_TOLD, OTHERS] {
        assert!(!file.contains(words), "the file says {words}");
    }
    let seen = phone.get("/me/seen").await.ok();
    assert!(seen.says(TOLD) && seen.says("Crisis team"));
    assert!(
        !seen.says("Safety concern") && !seen.says("Complaint"),
        "{}",
        seen.body
    );
}

/// Records are linked and never merged, so two cases have two people. Were it ever otherwise, a link would still open one case alone.
#[tokio::test]
async fn a_link_of_one_case_shows_nothing_of_another_case_of_the_same_person() {
    let app = TestApp::new().await;
    let first = app.case("Maya Okonkwo", "priya").await;
    let second = app.case("Maya Okonkwo", "priya").await;
    let person = app.stored_case(first).await.person_id;
    let mut tx = app.write("priya").await;
    tx.change(
        sql("UPDATE cases SET person_id = ? WHERE id = ?")
            .bind(person)
            .bind(second),
    )
    .await
    .unwrap();
    tx.record(Entry::of(Event::PersonChanged).case(second))
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let priya = app.browser("priya").await;
    for (case, words) in [(first, "Words-of-the-first"), (second, OTHERS)] {
        priya
            .fill(
                &format!("/cases/{case}/contacts/new"),
                &[("outcome", "done"), ("shared_note", words)],
            )
            .await
            .went_to(&format!("/cases/{case}"));
        priya
            .fill(
                &format!("/cases/{case}/plan/about"),
                &[("kind", "return"), ("wants", words)],
            )
            .await
            .went_to(&format!("/cases/{case}/plan"));
    }
    let phone = own_pages(&app, first).await;
    for path in PAGES {
        let page = phone.get(path).await.ok();
        assert!(!page.body.contains(OTHERS), "{path}");
    }
    let file = phone.get("/me/record/copy.pdf").await.ok();
    let file = file.words_of_the_file();
    assert!(file.contains("Words-of-the-first") && !file.contains(OTHERS));
    // And the other way round, in the browser that knows the first: the word is asked again.
    let link = link(&app, second, LeadsTo::Home).await;
    open(&phone, &link, WORD).await.went_to("/me");
    let plan = phone.get("/me/plan").await.ok();
    assert!(plan.says(OTHERS) && !plan.says("Words-of-the-first"));
}
