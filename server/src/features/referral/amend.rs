//! Amending a referral that waits: every change stands in its log, and the team sees which it has not read.

use axum::{
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use chrono::{DateTime, NaiveDate, Utc};

use super::{
    decide::{interrupt_again, record},
    form::{Checked, RedFlagAnswer, ReferralForm},
    red_flags::interrupt_page,
    sent::{amend_page, named_form},
    store::{self, About, Referral},
};
use crate::{
    app::App,
    features::{
        organisation::store::{employer_named, programme},
        person::{person_of, update_person},
    },
    platform::{
        Result,
        db::{Reader, WriteTx, sql},
        drafts,
        web::{Actor, Form, see_other, short_date, show, show_again, show_changed, typed_before},
    },
    rules::{
        Choice,
        event::Event,
        field::FieldErrors,
        id::{AccountId, CaseId, ReferralId, TeamId},
        permission::Action,
        referral::{Facts, Field, RedFlag, assess, must_wait, reassess},
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
    ]
    .into_iter()
    .filter(|(_, before, after)| before != after)
    .collect()
}

/// Amends a referral that waits. Returns how many fields changed. Red flags that were added are open until a clinician confirms them.
pub async fn amend_referral(
    tx: &mut WriteTx,
    referral: Referral,
    new: Checked,
    confirmed_by: Option<String>,
) -> Result<usize> {
    must_wait(referral.status)?;
    let before = match &referral.about {
        Some(about) => about.clone(),
        None => About::of(&person_of(tx, referral.person_id).await?),
    };
    let changes = changes(&referral, &before, &new);
    if changes.is_empty() {
        return Ok(0);
    }
    let programme = programme(tx, referral.programme_id).await?;
    let mut person = person_of(tx, referral.person_id).await?;
    person.name = new.about.name.clone();
    person.born_on = new.about.born_on;
    person.nhs_number = new.nhs_number.clone();
    person.phone = new.about.phone.clone();
    person.employment = new.about.employment;
    person.job = new.about.job.clone();
    person.employer_id = match &new.about.employer {
        Some(name) => Some(employer_named(tx, name).await?),
        None => None,
    };
    update_person(tx, &person).await?;
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
        findings: reassess(&referral.findings, again),
        ..referral
    };
    store::amend(tx, &amended).await?;
    let fields: Vec<&'static str> = changes.iter().map(|(field, ..)| field.code()).collect();
    for (field, before, after) in changes {
        store::insert_amendment(tx, &amended, field, before, after).await?;
    }
    record(tx, &amended, Event::ReferralAmended, &fields).await?;
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

/// A change to a referral that nobody of the service has read yet.
#[derive(Debug, Clone)]
pub struct UnreadAmendment {
    pub referral_id: ReferralId,
    pub case_id: Option<CaseId>,
    pub name: String,
    pub field: Field,
    pub made_at: DateTime<Utc>,
}

/// Changes to read, oldest first, at most 20: those of the team's waiting referrals, and of the worker's own cases.
pub async fn unread_amendments(
    tx: &mut Reader,
    team: TeamId,
    worker: AccountId,
) -> Result<Vec<UnreadAmendment>> {
    let rows = tx
        .all(
            sql("SELECT m.referral_id, m.field, m.made_at, c.id AS case_id, p.name FROM referral_amendments m \
                 JOIN referrals r ON r.id = m.referral_id JOIN persons p ON p.id = r.person_id LEFT JOIN cases c ON c.referral_id = r.id \
                 WHERE m.team_id = ? AND m.read_at IS NULL AND ((c.id IS NULL AND r.status = 'sent') OR c.worker_id = ?) ORDER BY m.made_at, m.id LIMIT 20")
            .bind(team)
            .bind(worker),
        )
        .await?;
    rows.iter()
        .map(|row| {
            Ok(UnreadAmendment {
                referral_id: row.get("referral_id")?,
                case_id: row.optional("case_id")?,
                name: row.get("name")?,
                field: row.choice("field")?,
                made_at: row.get("made_at")?,
            })
        })
        .collect()
}

pub async fn ask(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<ReferralId>,
) -> Result<Response> {
    let mut tx = app.read(&actor).await?;
    let referral = store::find_for(&mut tx, Action::ChangeSentReferral, id, None).await?;
    must_wait(referral.status)?;
    let before = typed_before::<ReferralForm>(&mut tx, &format!("/sent/{id}/amend")).await?;
    let form = before.form.unwrap_or_else(|| named_form(&referral));
    let page = amend_page(
        &mut tx,
        referral,
        form,
        FieldErrors::default(),
        before.draft,
    )
    .await?
    .saved(before.saved_at);
    show(tx, page).await
}

pub async fn submit(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<ReferralId>,
    Form { form, .. }: Form<ReferralForm>,
) -> Result<Response> {
    let here = format!("/sent/{id}");
    let mut tx = app.write(&actor).await?;
    let draft = form.draft.unwrap_or_else(|| tx.new_id());
    if let Some(first) = drafts::claim(&mut tx, draft, &here).await? {
        return Ok(see_other(first).into_response());
    }
    let referral = store::find_for(&mut tx, Action::ChangeSentReferral, id, None).await?;
    must_wait(referral.status)?;
    if form.version != referral.version {
        drop(tx);
        let mut tx = app.read(&actor).await?;
        let page = amend_page(&mut tx, referral, form, FieldErrors::default(), draft).await?;
        return show_changed(tx, page).await;
    }
    let checked = match form.check(tx.today(), false, false) {
        Ok(checked) => checked,
        Err(errors) => {
            drop(tx);
            let mut tx = app.read(&actor).await?;
            let page = amend_page(&mut tx, referral, form, errors, draft).await?;
            return show_again(tx, page).await;
        }
    };
    let added: Vec<RedFlag> = checked
        .red_flags
        .iter()
        .copied()
        .filter(|flag| !referral.red_flags.contains(flag))
        .collect();
    match form.red_flag_answer(&added, true) {
        RedFlagAnswer::GoOn(confirmed_by) => {
            let changed = amend_referral(&mut tx, referral, checked, confirmed_by).await?;
            if changed > 0 {
                tx.commit().await?;
            }
            let notice = if changed > 0 {
                "Referral changed"
            } else {
                "Nothing was changed"
            };
            Ok(see_other(here).with_notice(notice).into_response())
        }
        RedFlagAnswer::Back => {
            drop(tx);
            let mut tx = app.read(&actor).await?;
            let page = amend_page(&mut tx, referral, form, FieldErrors::default(), draft).await?;
            show_again(tx, page).await
        }
        RedFlagAnswer::Interrupt(errors) => {
            let programme = programme(&mut tx, referral.programme_id).await?;
            drop(tx);
            let tx = app.read(&actor).await?;
            let action = format!("/sent/{id}/amend");
            let what = programme.parameters.what_to_do_now;
            let page = interrupt_page(&actor, action, added, what, form, draft, errors);
            show_again(tx, page).await
        }
    }
}
