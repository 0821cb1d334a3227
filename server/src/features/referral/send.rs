//! Sending a referral: whoever sends it, it comes here.

use chrono::NaiveDate;

use super::store;
use crate::{
    features::{
        organisation::store::{Programme, employer_named},
        person::{self, Person},
        safety,
    },
    platform::{
        Result,
        audit::Entry,
        db::{WriteTx, sql},
    },
    rules::{
        event::Event,
        id::{PersonId, PracticeId, ProgrammeId, ReferralId, TeamId},
        organisation::Route,
        reference::reference,
        referral::{Facts, RedFlag, assess},
    },
};

/// A referral to be sent, checked.
#[derive(Debug, Clone)]
pub struct NewReferral {
    pub route: Route,
    pub practice: Option<PracticeId>,
    pub person: Person,
    /// Who sent it, where no account did.
    pub sender_name: Option<String>,
    pub sender_role: Option<String>,
    /// "The patient agreed", ticked.
    pub agreed: bool,
    /// Why now, in the sender's or the person's words.
    pub reason: Option<String>,
    /// The first day off work as the person says it; `None` where they are at work or it is not known.
    pub absent_since: Option<NaiveDate>,
    pub fit_note: Option<bool>,
    pub fit_note_until_on: Option<NaiveDate>,
    pub red_flags: Vec<RedFlag>,
    /// The clinician who says that the red flags are dealt with.
    pub red_flags_confirmed_by: Option<String>,
}

/// Sends a referral: a person, a referral with its eligibility answered as far as it is known, and a reference to read over the telephone.
pub async fn send_referral(
    tx: &mut WriteTx,
    programme: &Programme,
    mut new: NewReferral,
) -> Result<(ReferralId, String)> {
    match (new.person.employer_id, &new.person.employer) {
        (None, Some(name)) => new.person.employer_id = Some(employer_named(tx, name).await?),
        // What was sent is kept with the employer's name as it is today.
        (Some(id), None) => {
            let named = tx
                .one(sql("SELECT name FROM employers WHERE id = ?").bind(id))
                .await?;
            new.person.employer = named.optional("name")?;
        }
        _ => {}
    }
    let facts = Facts {
        born_on: new.person.born_on,
        employment: Some(new.person.employment),
        absent_since: new.absent_since,
        has_fit_note: new.fit_note,
        agreed: new.agreed,
    };
    let findings = assess(
        &programme.parameters.eligibility,
        &facts,
        tx.now(),
        tx.today(),
    );
    let id: ReferralId = tx.new_id();
    let reference = free_reference(tx).await?;
    person::insert_person(tx, &new.person).await?;
    store::insert(tx, id, &reference, programme, &new, &findings).await?;
    tx.record(
        Entry::of(Event::ReferralSent)
            .person(new.person.id)
            .subject(id),
    )
    .await?;
    if !new.red_flags.is_empty() && new.red_flags_confirmed_by.is_none() {
        interrupt_for_red_flags(
            tx,
            id,
            programme.id,
            programme.team_id,
            new.person.id,
            &new.red_flags,
        )
        .await?;
    }
    Ok((id, reference))
}

/// A referral carries red flags that no clinician says are dealt with: somebody on duty must know. The one place where that is asked for,
/// when a referral is sent and when a red flag is added to one that waits.
pub async fn interrupt_for_red_flags(
    tx: &mut WriteTx,
    referral: ReferralId,
    programme: ProgrammeId,
    team: TeamId,
    person: PersonId,
    flags: &[RedFlag],
) -> Result<()> {
    safety::raise_for_referral(tx, referral, programme, team, person, flags)
        .await
        .map(drop)
}

/// A reference that nobody has yet.
async fn free_reference(tx: &mut WriteTx) -> Result<String> {
    loop {
        let made = reference(tx.random().number());
        if tx
            .maybe(sql("SELECT id FROM referrals WHERE reference = ?").bind(made.as_str()))
            .await?
            .is_none()
        {
            return Ok(made);
        }
    }
}
