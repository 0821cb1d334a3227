//! Who changes a referral after it was sent: the practice that sent it, on its own pages; or the team, for a sender who has no pages here.

use super::{
    form::Checked,
    sent::{find_sent, shown},
    store::{self, Referral},
};
use crate::{
    app::App,
    platform::{
        Error, Result,
        db::{Reader, sql},
    },
    rules::{
        Choice,
        field::FieldErrors,
        id::{PracticeId, ReferralId},
        organisation::Route,
        permission::Action,
        referral::{RedFlag, Refused, Stage, must_wait},
    },
};

/// The side from which a referral is amended or withdrawn. Each route of a page that does so names its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    Sender,
    Team,
}

impl Side {
    /// The referral's own page on this side.
    pub fn referral(self, id: ReferralId) -> String {
        match self {
            Self::Sender => format!("/sent/{id}"),
            Self::Team => format!("/referrals/{id}"),
        }
    }

    /// The list that leads to it.
    pub fn list(self) -> &'static str {
        match self {
            Self::Sender => "/sent",
            Self::Team => "/waiting",
        }
    }

    /// The version that this side is shown.
    pub fn version(self, referral: &Referral) -> i64 {
        match self {
            Self::Sender => referral.sender_version,
            Self::Team => referral.version,
        }
    }

    /// What was typed, unless it takes away a red flag that is not dealt with, which a clinician says; or the team takes any away.
    pub fn keeps_flags(self, referral: &Referral, typed: Checked) -> Result<Checked, FieldErrors> {
        let gone = |flag: &&RedFlag| !typed.red_flags.contains(flag);
        match referral.red_flags.iter().find(gone) {
            Some(flag) if self == Self::Team || referral.open_flags() => Err(FieldErrors::one(
                "red_flags",
                format!(
                    "Red flags: tick “{}” again. A clinician says when a red flag is dealt with",
                    flag.label()
                ),
            )),
            _ => Ok(typed),
        }
    }

    /// Loads a referral to change it. A sender may do what goes by what they are shown; the team changes what waits.
    pub async fn find(
        self,
        app: &App,
        tx: &mut Reader,
        id: ReferralId,
        sender_may: fn(Stage) -> Result<(), Refused>,
    ) -> Result<Referral> {
        match self {
            Self::Sender => {
                let referral = find_sent(app, tx, Action::ChangeSentReferral, id).await?;
                sender_may(shown(tx, &referral).await?)?;
                Ok(referral)
            }
            Self::Team => {
                let referral = store::find_for(tx, Action::DecideReferral, id, None).await?;
                must_wait(referral.status)?;
                if sender_has_pages(tx, &referral).await? {
                    return Err(Error::refused(
                        "referral_is_its_practices",
                        "The practice that sent this referral changes or withdraws it on its own pages.",
                    ));
                }
                Ok(referral)
            }
        }
    }
}

/// Whether whoever sent a referral can sign in and change it themselves. What the team writes into a referral, its practice would read.
pub async fn sender_has_pages(tx: &mut Reader, referral: &Referral) -> Result<bool> {
    match (referral.route, referral.practice_id) {
        (Route::Practice, Some(practice)) => anybody_at(tx, practice).await,
        _ => Ok(false),
    }
}

async fn anybody_at(tx: &mut Reader, practice: PracticeId) -> Result<bool> {
    let account = sql("SELECT id FROM accounts WHERE scope_id = ? AND role = 'practice_staff' AND disabled_at IS NULL LIMIT 1")
        .bind(practice);
    Ok(tx.maybe(account).await?.is_some())
}
