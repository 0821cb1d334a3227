mod amend;
mod decide;
pub mod link;
mod refer;
mod self_referral;
mod sent;
mod told;
pub mod waiting;

use handrail::{
    platform::db::sql,
    rules::id::{CaseId, ReferralId},
};

use crate::support::TestApp;

/// The newest referral.
pub async fn newest(app: &TestApp) -> ReferralId {
    let rows = app
        .app
        .db
        .look(sql(
            "SELECT id FROM referrals ORDER BY sent_at DESC, id DESC LIMIT 1",
        ))
        .await
        .unwrap();
    rows[0].get("id").unwrap()
}

/// One column of a referral as text.
pub async fn referral_text(app: &TestApp, id: ReferralId, column: &'static str) -> Option<String> {
    let rows = app
        .app
        .db
        .look(sql("SELECT * FROM referrals WHERE id = ?").bind(id))
        .await
        .unwrap();
    rows[0].optional(column).unwrap()
}

/// The case that a referral became.
pub async fn case_of(app: &TestApp, id: ReferralId) -> CaseId {
    let rows = app
        .app
        .db
        .look(sql("SELECT id FROM cases WHERE referral_id = ?").bind(id))
        .await
        .unwrap();
    rows[0].get("id").unwrap()
}

/// The short page, filled as a GP would in a consultation.
pub const MAYA: [(&str, &str); 6] = [
    ("name", "Maya Okonkwo"),
    ("born_on", "2/3/84"),
    ("phone", "07700 900123"),
    ("employment", "employed"),
    ("absent_since", "16/10/2026"),
    ("agreed", "yes"),
];
