//! A long story on the case page is folded by month, and what concerns safety is not.

use chrono::Duration;

use crate::support::TestApp;

#[tokio::test]
async fn an_old_part_of_a_long_story_is_folded_by_month_and_a_safety_concern_never_is() {
    let app = TestApp::new().await;
    // Friday 20 November 2026, 09:00, and then a contact each week: 20 and 27 November, 4 and 11 December, and twelve more.
    let case = app.case("Maya Okonkwo", "priya").await;
    let here = format!("/cases/{case}");
    for week in 0..16 {
        if week > 0 {
            app.clock.advance(Duration::days(7));
        }
        let note = format!("Talk of week {week}.");
        let priya = app.browser("priya").await;
        priya
            .fill(
                &format!("{here}/contacts/new"),
                &[("outcome", "done"), ("shared_note", &note)],
            )
            .await
            .went_to(&here);
        if week == 1 {
            app.clock.advance(Duration::minutes(1));
            let concern = [("kind", "self_harm"), ("what", "She sees no point")];
            priya.fill(&format!("{here}/safety/new"), &concern).await;
        }
    }
    let page = app.browser("priya").await.get(&here).await.ok();
    let story = page.body.split("<ol class=\"hr-story\">").skip(1);
    let [open, december, november]: [&str; 3] = story.collect::<Vec<_>>().try_into().unwrap();
    // The twelve newest stand open: weeks 4 to 15. December has weeks 2 and 3; November has weeks 0 and 1 and the referral.
    assert!(open.contains("Talk of week 15.") && open.contains("Talk of week 4."));
    assert!(
        open.contains("December 2026: 2 contacts</summary>"),
        "{open}"
    );
    assert!(!open.contains("Talk of week 3."));
    let (december, after) = december.split_once("</details>").unwrap();
    assert!(december.contains("Talk of week 3.") && december.contains("Talk of week 2."));
    assert!(
        after.contains("She sees no point"),
        "the concern stands open"
    );
    assert!(
        after.contains("November 2026: 2 contacts, 1 other thing</summary>"),
        "{after}"
    );
    let (november, _) = november.split_once("</details>").unwrap();
    for words in ["Talk of week 1.", "Talk of week 0.", "Referred by"] {
        assert!(november.contains(words), "{words}");
    }
}

#[tokio::test]
async fn a_story_of_a_few_weeks_is_not_folded() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let here = format!("/cases/{case}");
    // With the referral 15 things: three more than always stand open.
    for _ in 0..14 {
        app.browser("priya")
            .await
            .fill(&format!("{here}/contacts/new"), &[("outcome", "no_answer")])
            .await
            .went_to(&here);
        app.clock.advance(Duration::days(1));
    }
    let page = app.browser("priya").await.get(&here).await.ok();
    assert!(!page.body.contains("hr-story__month"));
    app.browser("priya")
        .await
        .fill(&format!("{here}/contacts/new"), &[("outcome", "no_answer")])
        .await
        .went_to(&here);
    let page = app.browser("priya").await.get(&here).await.ok();
    assert!(page.body.contains("hr-story__month"));
}
