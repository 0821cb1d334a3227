//! What a programme sets: how far apart notes of one time off may lie, and how long a return must last.

use crate::{
    fit_note::record::with,
    organisation::{programme_fields, send},
    support::{Shown, TestApp, event_names},
};

/// Sends the programme's form with some of its boxes changed.
async fn set(app: &TestApp, to: &[(&str, &str)]) -> Shown {
    let here = format!("/organisation/programmes/{}", app.programme);
    let mut fields = programme_fields(app, &here).await;
    for (name, value) in &mut fields {
        if let Some((_, to)) = to.iter().find(|(n, _)| n == name) {
            *value = (*to).to_owned();
        }
    }
    send(app, &here, &fields).await
}

#[tokio::test]
async fn another_gap_between_notes_holds_on_both_pages_once_the_programme_sets_it() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let priya = app.browser("priya").await;
    let new = format!("/cases/{case}/fit-notes/new");
    let march = |from: &'static str, until: &'static str| {
        with(&[
            ("assessed_day", from),
            ("assessed_month", "3"),
            ("from_day", from),
            ("from_month", "3"),
            ("until_day", until),
            ("until_month", "3"),
        ])
    };
    // 2 to 8 March and 18 to 24 March: the second begins 10 days after the first ended.
    for note in [march("2", "8"), march("18", "24")] {
        priya.fill(&new, &note).await;
    }
    let notes = format!("/cases/{case}/fit-notes");
    let days = format!("/cases/{case}/absence?from=2026-03-01&until=2026-03-31");
    let page = priya.get(&notes).await.ok();
    assert_eq!(page.body.matches("Notes for ").count(), 2);
    // 7 + 7 days.
    assert!(priya.get(&days).await.ok().says("14 of 31"));

    let programme = format!("/organisation/programmes/{}", app.programme);
    set(&app, &[("note_gap_days", "10"), ("sustained_weeks", "6")])
        .await
        .went_to(&programme);
    assert!(
        event_names(&app, 2)
            .await
            .contains(&"programme.changed".to_owned())
    );
    app.run_jobs().await;
    let page = priya.get(&notes).await.ok();
    assert_eq!(page.body.matches("Notes for ").count(), 1);
    assert!(page.says("a note that begins at most 10 days after the one before ended"));
    // 2 to 24 March are 23 days, 9 of them between the notes.
    let page = priya.get(&days).await.ok();
    assert!(page.says("23 of 31"), "{}", page.body);
    assert!(page.says("Back for 6 weeks at their usual hours"));
    let file = priya
        .get(&format!("/cases/{case}/absence/facts.json"))
        .await
        .ok();
    assert!(file.body.contains("\"note_gap_days\":10"));
    for (field, bad) in [("note_gap_days", "0"), ("sustained_weeks", "27")] {
        let wrong = set(&app, &[(field, bad)]).await;
        assert!(wrong.error(field).is_some(), "{field}");
    }
}
