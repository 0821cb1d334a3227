//! The link that stops messages.

use super::{queue, reachable, send, stand_ins::MailServer};
use crate::support::{TestApp, event_names};
use handrail::rules::{
    message::{Channel, Template},
    person::PreferredWay,
};

#[tokio::test]
async fn a_link_stops_one_way_by_one_press_without_a_script_or_an_account_and_looking_stops_nothing()
 {
    let server = MailServer::open().await;
    let sending = server.settings();
    let app = TestApp::configured(|config, _| config.sending = sending).await;
    let case = reachable(&app, "Maya Okonkwo").await;
    super::change(&app, case, |p| p.preferred_way = Some(PreferredWay::Email)).await;
    queue(&app, case, Template::OwnPages, Some(Channel::Email), "1").await;
    send(&app).await;
    let mail = server.taken().pop().unwrap().replace("=\r\n", "");
    let token: String = mail
        .split("/stop/")
        .nth(1)
        .unwrap()
        .chars()
        .take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
        .collect();
    let stranger = app.stranger();
    let path = format!("/stop/{token}");
    let page = stranger.get(&path).await.ok();
    assert!(page.says("Stop these messages?") && !page.says("Maya"));
    assert_eq!(app.count("opt_outs").await, 0, "a look stops nothing");
    let done = stranger.post(&path, &[]).await.ok();
    assert!(done.says("These messages are stopped"));
    assert_eq!(event_names(&app, 1).await, ["message.stopped"]);
    assert_eq!(
        app.count("opt_outs WHERE channel = 'email' AND how = 'link'")
            .await,
        1
    );
    stranger.post(&path, &[]).await.ok();
    assert_eq!(app.count("opt_outs").await, 1);

    // One that never was says the same, and tells nothing.
    let wrong = stranger.post("/stop/never-was", &[]).await.ok();
    assert_eq!(wrong.body, done.body);
    assert_eq!(
        stranger
            .get("/stop/never-was")
            .await
            .body
            .replace("never-was", &token),
        page.body
    );
    assert_eq!(app.count("opt_outs").await, 1);
}

#[tokio::test]
async fn nobody_presses_without_end() {
    let app = TestApp::new().await;
    let stranger = app.stranger();
    for _ in 0..30 {
        stranger.post("/stop/guess", &[]).await.ok();
    }
    assert_eq!(stranger.post("/stop/guess", &[]).await.status, 429);
}
