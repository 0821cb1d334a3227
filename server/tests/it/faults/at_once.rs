//! The same form pressed eight times at once.

use crate::support::TestApp;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn eight_presses_at_once_record_once_and_lead_to_the_same_page() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let priya = app.browser("priya").await;
    let here = format!("/cases/{case}/contacts/new");
    let form = priya.get(&here).await.ok();
    let (draft, version) = (form.value("draft"), form.value("version"));
    let fields = [
        ("draft", draft.as_str()),
        ("version", version.as_str()),
        ("outcome", "done"),
        ("shared_note", "Once"),
    ];
    let press = || priya.post(&here, &fields);
    let (a, b, c, d, e, f, g, h) = tokio::join!(
        press(),
        press(),
        press(),
        press(),
        press(),
        press(),
        press(),
        press()
    );
    for answer in [a, b, c, d, e, f, g, h] {
        answer.went_to(&format!("/cases/{case}"));
    }
    assert_eq!(app.count("contacts").await, 1);
    assert_eq!(app.count("shared_notes").await, 1);
    assert_eq!(
        app.count("audit_events WHERE name = 'contact.recorded'")
            .await,
        1
    );
    assert_eq!(app.stored_case(case).await.contacts_done, 1);
}
