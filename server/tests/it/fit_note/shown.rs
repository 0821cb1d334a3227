//! What several notes say together.

use super::{
    change::recorded,
    record::{PLAIN, with},
};
use crate::support::{TestApp, event_names};

#[tokio::test]
async fn two_notes_that_overlap_are_one_spell_and_each_day_counts_once() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let priya = app.browser("priya").await;
    recorded(&priya, case, PLAIN).await;
    // Assessed on 16 November, may be fit, from the 16th to 13 December: both cover 16 to 29 November.
    let second = with(&[
        ("fitness", "may_be_fit"),
        ("assessed_day", "16"),
        ("from_day", "16"),
        ("until_day", "13"),
        ("until_month", "12"),
        ("supports", "phased_return"),
    ]);
    recorded(&priya, case, &second).await;
    let page = priya.get(&format!("/cases/{case}/fit-notes")).await.ok();
    for words in [
        "Two notes cover Monday 16 November to Sunday 29 November.",
        "May be fit for work, with this advice: a phased return to work",
        "Notes for Monday 2 November to Sunday 13 December",
        "The current note ends on Sunday 13 December.",
        "23 days left",
    ] {
        assert!(page.says(words), "{words}: {}", page.body);
    }
    assert!(
        event_names(&app, 2)
            .await
            .contains(&"fit_note.viewed".to_owned())
    );
}

#[tokio::test]
async fn a_gap_of_more_than_a_week_is_another_spell() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let priya = app.browser("priya").await;
    // In spring, long before: 2 to 15 March.
    let spring = with(&[
        ("assessed_month", "3"),
        ("from_month", "3"),
        ("until_day", "15"),
        ("until_month", "3"),
    ]);
    recorded(&priya, case, &spring).await;
    recorded(&priya, case, PLAIN).await;
    // From 4 December, after four days without a note.
    let next = with(&[
        ("assessed_day", "20"),
        ("from_day", "4"),
        ("from_month", "12"),
        ("until_day", "18"),
        ("until_month", "12"),
    ]);
    recorded(&priya, case, &next).await;
    let page = priya.get(&format!("/cases/{case}/fit-notes")).await.ok();
    for words in [
        "Notes for Monday 2 March to Sunday 15 March",
        "2 Mar 2026 to 15 Mar 2026: 14 days off sick.",
        // 7 days of their own before 2 March.
        "Nobody said when they stopped work. The first 7 days need no note, so it may have been as early as Monday 23 February.",
        "No note covers Monday 30 November to Thursday 3 December (4 days).",
        "Notes for Monday 2 November to Friday 18 December",
        "Later notes go on to Friday 18 December.",
    ] {
        assert!(page.says(words), "{words}: {}", page.body);
    }
}

#[tokio::test]
async fn before_any_note_the_page_says_what_the_referral_said_and_what_to_do() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let page = app
        .browser("priya")
        .await
        .get(&format!("/cases/{case}/fit-notes"))
        .await
        .ok();
    assert!(page.says("The referral says there is one until Friday 4 December."));
    assert!(page.says("When the person shows you a note or reads it out, record it"));
}
