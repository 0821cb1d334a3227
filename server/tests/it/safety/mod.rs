mod act;
pub mod complaints;
mod escalate;
mod raise;
mod rota;

use handrail::{features::safety, rules::id::CaseId};

use crate::support::TestApp;

/// Leila puts these people on duty, in this order.
async fn on_duty(app: &TestApp, who: &[&str]) {
    let ids: Vec<_> = who.iter().map(|w| app.id(w)).collect();
    let mut tx = app.write("leila").await;
    safety::set_rota(&mut tx, app.programme, &ids)
        .await
        .unwrap();
    tx.commit().await.unwrap();
}

/// Somebody raises a concern about self-harm. Returns its address.
pub async fn raised(app: &TestApp, who: &str, case: CaseId) -> String {
    let shown = app
        .browser(who)
        .await
        .fill(
            &format!("/cases/{case}/safety/new"),
            &[
                ("kind", "self_harm"),
                ("what", "“I cannot see the point any more.”"),
            ],
        )
        .await;
    assert!(shown.location.starts_with("/safety/"), "{}", shown.body);
    shown.location
}
