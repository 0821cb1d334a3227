//! Amending a referral: every change stands in its log, and the team sees which it has not read. While it waits, the person's record follows. Once it is
//! accepted, a change is what the referrer says: it is read by the worker, and the sender is answered just the same.

use chrono::NaiveDate;

use super::{
    decide::{interrupt_again, record},
    form::Checked,
    store::{self, About, Referral},
};
use crate::{
    features::{
        absence, fit_note,
        organisation::store::{employer_named, programme},
        person::{person_of, update_person},
    },
    platform::{
        Result,
        db::{WriteTx, sql},
        web::short_date,
    },
    rules::{
        Choice, caseload,
        event::Event,
        person::Answer,
        referral::{Avoid, Facts, Field, RedFlag, assess, must_listen, must_wait, reassess},
    },
};

/// One field before and after, as the log shows them.
type Change = (Field, Option<String>, Option<String>);

/// What differs between a referral as it stands and as it was typed again.
fn changes(referral: &Referral, before: &About, new: &Checked) -> Vec<Change> {
    let day = |d: Option<NaiveDate>| d.map(short_date);
    let yes_no = |b: Option<bool>| b.map(|b| if b { "Yes" } else { "No" }.to_owned());
    let flags = |flags: &[RedFlag]| {
        let labels: Vec<&str> = flags.iter().map(|f| f.label()).collect();
        (!labels.is_empty()).then(|| labels.join("; "))
    };
    let after = &new.about;
    let name = |about: &About| Some(about.name.clone());
    let work = |about: &About| Some(about.employment.label().to_owned());
    let avoid = |about: &About| {
        let labels: Vec<&str> = about.avoid.iter().map(|way| way.label()).collect();
        (!labels.is_empty()).then(|| labels.join("; "))
    };
    [
        (Field::Name, name(before), name(after)),
        (Field::Born, day(before.born_on), day(after.born_on)),
        (
            Field::NhsNumber,
            before.nhs_number.clone(),
            after.nhs_number.clone(),
        ),
        (Field::Phone, before.phone.clone(), after.phone.clone()),
        (Field::Employment, work(before), work(after)),
        (Field::Job, before.job.clone(), after.job.clone()),
        (
            Field::Employer,
            before.employer.clone(),
            after.employer.clone(),
        ),
        (
            Field::AbsentSince,
            day(referral.absent_since),
            day(new.absent_since),
        ),
        (
            Field::FitNote,
            yes_no(referral.fit_note),
            yes_no(new.fit_note),
        ),
        (
            Field::FitNoteUntil,
            day(referral.fit_note_until_on),
            day(new.fit_note_until_on),
        ),
        (Field::Reason, referral.reason.clone(), new.reason.clone()),
        (
            Field::RedFlags,
            flags(&referral.red_flags),
            flags(&new.red_flags),
        ),
        (Field::Avoid, avoid(before), avoid(after)),
        (
            Field::WhoElse,
            before.who_else.clone(),
            after.who_else.clone(),
        ),
    ]
    .into_iter()
    .filter(|(_, before, after)| before != after)
    .collect()
}

/// Writes what changed into the person's own record: nothing else of it is touched. A referral that waits has no case yet that would carry the name.
async fn apply(
    tx: &mut WriteTx,
    referral: &Referral,
    before: &About,
    new: &Checked,
    changes: &[Change],
) -> Result<()> {
    let mut person = person_of(tx, referral.person_id).await?;
    let after = &new.about;
    for (field, ..) in changes {
        match field {
            Field::Name => person.name = after.name.clone(),
            Field::Born => person.born_on = after.born_on,
            Field::NhsNumber => person.nhs_number = new.nhs_number.clone(),
            Field::Phone => person.phone = after.phone.clone(),
            Field::Employment => person.employment = after.employment,
            Field::Job => person.job = after.job.clone(),
            Field::Employer => {
                person.employer_id = match &after.employer {
                    Some(name) => Some(employer_named(tx, name).await?),
                    None => None,
                }
            }
            Field::WhoElse => person.safe.who_else = after.who_else.clone(),
            Field::Avoid => {
                for way in Avoid::ALL {
                    let now = after.avoid.contains(way);
                    if now != before.avoid.contains(way) {
                        // What is no longer named is asked again: it is not safe because nobody says that it is not.
                        *way.answer(&mut person.safe) =
                            if now { Answer::No } else { Answer::NotKnown };
                    }
                }
            }
            Field::AbsentSince
            | Field::FitNote
            | Field::FitNoteUntil
            | Field::Reason
            | Field::RedFlags
            | Field::Withdrawn => {}
        }
    }
    update_person(tx, &person).await
}

/// Passes on what the referral says now to those who keep it as evidence, beside what a note or the person says. The case itself is not changed.
async fn pass_on(tx: &mut WriteTx, referral: &Referral, changes: &[Change]) -> Result<()> {
    let Some((case, at)) = store::case_of(tx, referral.id).await? else {
        return Ok(());
    };
    for (field, ..) in changes {
        match field {
            Field::FitNoteUntil => {
                fit_note::hear_referral(tx, case, referral.fit_note_until_on).await?;
            }
            // Nothing is added to the calendar of somebody whose support has ended.
            Field::AbsentSince if at != caseload::Status::Closed => {
                let of = (case, referral.person_id);
                let since = referral.absent_since;
                absence::hear_referral_changed(tx, of, referral.id, since, referral.sent_at)
                    .await?;
            }
            _ => {}
        }
    }
    Ok(())
}

/// Amends a referral that waits, or keeps what its sender says of one that was accepted. Returns how many fields changed. Red flags that were added are
/// open until a clinician confirms them.
pub async fn amend_referral(
    tx: &mut WriteTx,
    referral: Referral,
    new: Checked,
    confirmed_by: Option<String>,
) -> Result<usize> {
    must_listen(referral.status)?;
    let waits = must_wait(referral.status).is_ok();
    let before = match &referral.about {
        Some(about) => about.clone(),
        None => About::of(&person_of(tx, referral.person_id).await?),
    };
    let changes = changes(&referral, &before, &new);
    if changes.is_empty() {
        return Ok(0);
    }
    let programme = programme(tx, referral.programme_id).await?;
    if waits {
        apply(tx, &referral, &before, &new, &changes).await?;
    }
    let facts = Facts {
        born_on: new.about.born_on,
        employment: Some(new.about.employment),
        absent_since: new.absent_since,
        has_fit_note: new.fit_note,
        agreed: referral.agreed,
    };
    let again = assess(
        &programme.parameters.eligibility,
        &facts,
        tx.now(),
        tx.today(),
    );
    let added = new
        .red_flags
        .iter()
        .any(|flag| !referral.red_flags.contains(flag));
    let (flags_by, flags_at) = match (added, &confirmed_by) {
        (false, None) => (
            referral.red_flags_confirmed_by.clone(),
            referral.red_flags_confirmed_at,
        ),
        (_, Some(name)) => (Some(name.clone()), Some(tx.now())),
        (true, None) => (None, None),
    };
    let amended = Referral {
        about: Some(new.about),
        absent_since: new.absent_since,
        fit_note: new.fit_note,
        fit_note_until_on: new.fit_note_until_on,
        reason: new.reason,
        red_flags_confirmed_by: flags_by.filter(|_| !new.red_flags.is_empty()),
        red_flags_confirmed_at: flags_at.filter(|_| !new.red_flags.is_empty()),
        red_flags: new.red_flags,
        findings: if waits {
            reassess(&referral.findings, again)
        } else {
            // They were answered when it was decided.
            referral.findings.clone()
        },
        ..referral
    };
    store::amend(tx, &amended).await?;
    let fields: Vec<&'static str> = changes.iter().map(|(field, ..)| field.code()).collect();
    for (field, before, after) in &changes {
        store::insert_amendment(tx, &amended, *field, before.clone(), after.clone()).await?;
    }
    record(tx, &amended, Event::ReferralAmended, &fields).await?;
    if !waits {
        pass_on(tx, &amended, &changes).await?;
    }
    if added && amended.red_flags_confirmed_by.is_none() {
        interrupt_again(tx, &amended).await?;
    }
    Ok(fields.len())
}

/// Marks the changes of a referral as read.
pub async fn read_amendments(tx: &mut WriteTx, referral: &Referral) -> Result<()> {
    let now = tx.now();
    tx.change(
        sql("UPDATE referral_amendments SET read_at = ? WHERE referral_id = ? AND read_at IS NULL")
            .bind(now)
            .bind(referral.id),
    )
    .await?;
    record(tx, referral, Event::AmendmentRead, &[]).await
}
