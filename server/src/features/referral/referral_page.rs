//! One referral as the service's staff see it: who it is for, whether the programme is for them, what stands in the way, and what can be done.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use serde::Deserialize;

use super::{
    amend::read_amendments,
    decide,
    refer::{ConfirmForm, clinician},
    same::{Likely, SameForm, likely_duplicates, say_same},
    store::{self, Amendment, Referral},
    waiting::against_target,
};
use crate::{
    app::App,
    features::{identity::store::workers_of, organisation::store as organisations, page, person},
    platform::{
        Error, Result,
        audit::Entry,
        clock::day_of,
        db::{ReadTx, Reader, WriteTx, sql},
        drafts,
        web::{Actor, Form, Page, said_day, said_instant, see_other, show, show_again},
    },
    rules::{
        Choice,
        event::Event,
        field::{self, FieldErrors},
        id::{AccountId, CaseId, DraftId, ReferralId},
        organisation::Route,
        permission::Action,
        referral::{Criterion, Met, Status, may_accept, must_wait},
    },
};

/// A criterion with its answer, in words.
struct Shown {
    criterion: Criterion,
    met: Met,
    by: String,
}

#[derive(Template)]
#[template(path = "referral/referral.html")]
struct ReferralPage {
    page: Page,
    referral: Referral,
    person: person::Shown,
    from: String,
    sent: String,
    target: (String, bool),
    programme: String,
    what_to_do_now: String,
    absent_since: Option<String>,
    note_until: Option<String>,
    findings: Vec<Shown>,
    duplicates: Vec<Likely>,
    amendments: Vec<Amendment>,
    workers: Vec<(String, String)>,
    case: Option<CaseId>,
    decided: Option<String>,
    waits: bool,
    may_decide: bool,
    /// One draft for each form on the page.
    drafts: [DraftId; 4],
    confirmed_by: String,
    today: chrono::NaiveDate,
    errors: FieldErrors,
}

impl ReferralPage {
    fn open_flags(&self) -> bool {
        !self.referral.red_flags.is_empty() && self.referral.red_flags_confirmed_by.is_none()
    }
    fn may_accept(&self) -> bool {
        may_accept(
            self.referral.status,
            &self.referral.red_flags,
            !self.open_flags(),
        )
        .is_ok()
    }
    fn unread(&self) -> bool {
        self.amendments.iter().any(|a| a.read_at.is_none())
    }
    fn when(&self, at: &chrono::DateTime<chrono::Utc>) -> String {
        said_instant(*at, self.today)
    }
}

async fn account_name(tx: &mut Reader, id: AccountId) -> Result<String> {
    tx.maybe(sql("SELECT name FROM accounts WHERE id = ?").bind(id))
        .await?
        .ok_or(Error::NotFound)?
        .get("name")
}

/// Who sent it: the account or the name that was given, and the practice.
async fn from(tx: &mut Reader, referral: &Referral) -> Result<String> {
    let who = match (
        referral.sent_by,
        &referral.sender_name,
        &referral.sender_role,
    ) {
        (Some(id), _, _) => Some(account_name(tx, id).await?),
        (None, Some(name), Some(role)) => Some(format!("{name}, {role}")),
        (None, name, _) => name.clone(),
    };
    let practice = match referral.practice_id {
        Some(id) => Some(organisations::practice_name(tx, id).await?),
        None => None,
    };
    let parts: Vec<String> = [who, practice].into_iter().flatten().collect();
    Ok(match (referral.route, parts.is_empty()) {
        (Route::SelfReferral, _) | (_, true) => referral.route.label().to_owned(),
        (Route::Practice, false) => parts.join(", "),
        (route, false) => format!("{} ({})", parts.join(", "), route.label()),
    })
}

async fn referral_page(
    tx: &mut ReadTx,
    referral: Referral,
    confirmed_by: String,
    errors: FieldErrors,
) -> Result<ReferralPage> {
    let today = tx.today();
    let programme = organisations::programme(tx, referral.programme_id).await?;
    let mut findings = vec![];
    for finding in &referral.findings {
        let by = match finding.by {
            Some(id) => account_name(tx, id).await?,
            None => "from the referral".to_owned(),
        };
        findings.push(Shown {
            criterion: finding.criterion,
            met: finding.met,
            by: format!("{by}, {}", said_instant(finding.at, today)),
        });
    }
    let may_decide = tx.actor().may(Action::DecideReferral);
    let workers = if tx.actor().may(Action::AssignCase) {
        workers_of(tx, referral.team_id)
            .await?
            .into_iter()
            .map(|w| (w.id.to_string(), w.name))
            .collect()
    } else {
        vec![]
    };
    let case = tx
        .maybe(sql("SELECT id FROM cases WHERE referral_id = ?").bind(referral.id))
        .await?
        .map(|row| row.get("id"))
        .transpose()?;
    tx.viewed(
        Entry::of(Event::ReferralViewed)
            .person(referral.person_id)
            .subject(referral.id),
    );
    Ok(ReferralPage {
        page: Page {
            has_errors: !errors.is_empty(),
            ..page(tx.actor(), referral.person_name.clone(), "/waiting")
        },
        person: person::shown(tx, referral.person_id).await?,
        from: from(tx, &referral).await?,
        sent: said_instant(referral.sent_at, today),
        target: against_target(
            referral.sent_at,
            Some(programme.parameters.first_contact_working_days),
            today,
        ),
        programme: programme.name,
        what_to_do_now: programme.parameters.what_to_do_now,
        absent_since: referral.absent_since.map(|d| said_day(d, today)),
        note_until: referral.fit_note_until_on.map(|d| said_day(d, today)),
        findings,
        duplicates: likely_duplicates(tx, &referral).await?,
        amendments: store::amendments(tx, referral.id).await?,
        workers,
        case,
        decided: referral.decided_at.map(|at| said_day(day_of(at), today)),
        waits: must_wait(referral.status).is_ok(),
        may_decide,
        drafts: std::array::from_fn(|_| tx.new_id()),
        confirmed_by,
        today,
        referral,
        errors,
    })
}

pub async fn show_referral(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<ReferralId>,
) -> Result<Response> {
    let mut tx = app.read(&actor).await?;
    let referral = store::find_for(&mut tx, Action::SeeWaitingReferrals, id, None).await?;
    let page = referral_page(&mut tx, referral, String::new(), FieldErrors::default()).await?;
    show(tx, page).await
}

/// The small forms stand on the referral's page: their addresses, opened, lead there.
pub async fn to_referral(Path(id): Path<ReferralId>) -> Response {
    see_other(format!("/referrals/{id}")).into_response()
}

/// Begins the change that one small form asks for: the draft is used up and the referral loaded as it was shown.
/// `Err` inside is where the first press of this form led.
async fn begin(
    app: &App,
    actor: &Actor,
    id: ReferralId,
    draft: Option<DraftId>,
    version: Option<i64>,
) -> Result<Result<(WriteTx, Referral, DraftId), Response>> {
    let mut tx = app.write(actor).await?;
    let draft = draft.unwrap_or_else(|| tx.new_id());
    if let Some(first) = drafts::claim(&mut tx, draft, &format!("/referrals/{id}")).await? {
        return Ok(Err(see_other(first).into_response()));
    }
    let referral = store::find_for(&mut tx, Action::DecideReferral, id, version).await?;
    Ok(Ok((tx, referral, draft)))
}

/// The page again, with what needs another look.
async fn again(
    app: &App,
    actor: &Actor,
    referral: Referral,
    confirmed_by: String,
    errors: FieldErrors,
) -> Result<Response> {
    let mut tx = app.read(actor).await?;
    let page = referral_page(&mut tx, referral, confirmed_by, errors).await?;
    show_again(tx, page).await
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct AcceptForm {
    draft: Option<DraftId>,
    version: i64,
    /// A worker's id; `nobody` for later. A support worker takes it on and chooses nobody else.
    worker: String,
}

pub async fn accept(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<ReferralId>,
    Form { form, .. }: Form<AcceptForm>,
) -> Result<Response> {
    let (mut tx, referral, draft) =
        match begin(&app, &actor, id, form.draft, Some(form.version)).await? {
            Ok(begun) => begun,
            Err(first) => return Ok(first),
        };
    let worker = match (actor.may(Action::AssignCase), form.worker.as_str()) {
        (false, _) => Ok(actor.account_id()),
        (true, "nobody") => Ok(None),
        (true, typed) => workers_of(&mut tx, referral.team_id)
            .await?
            .into_iter()
            .find(|w| w.id.to_string() == typed)
            .map(|w| Some(w.id))
            .ok_or_else(|| FieldErrors::one("worker", "Choose a worker, or nobody yet")),
    };
    match worker {
        Ok(worker) => {
            let case = decide::accept_referral(&mut tx, referral, worker).await?;
            let here = format!("/cases/{case}");
            drafts::led_to(&mut tx, draft, &here).await?;
            tx.commit().await?;
            Ok(see_other(here)
                .with_notice("Referral accepted")
                .into_response())
        }
        Err(errors) => {
            drop(tx);
            again(&app, &actor, referral, String::new(), errors).await
        }
    }
}

/// A support worker records which clinician says that the red flags are dealt with.
pub async fn confirm(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<ReferralId>,
    Form { form, .. }: Form<ConfirmForm>,
) -> Result<Response> {
    let (mut tx, referral, _) =
        match begin(&app, &actor, id, form.draft, Some(form.version)).await? {
            Ok(begun) => begun,
            Err(first) => return Ok(first),
        };
    match clinician(&form.confirmed_by) {
        Ok(name) => {
            decide::confirm_red_flags(&mut tx, &referral, &name).await?;
            tx.commit().await?;
            Ok(see_other(format!("/referrals/{id}"))
                .with_notice("Recorded that it is dealt with")
                .into_response())
        }
        Err(errors) => {
            drop(tx);
            again(&app, &actor, referral, form.confirmed_by, errors).await
        }
    }
}

/// One answer for each criterion of the list; blank leaves it as it is.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct EligibilityForm {
    draft: Option<DraftId>,
    version: i64,
    age: String,
    paid_work: String,
    absence_long_enough: String,
    absence_not_too_long: String,
    fit_note: String,
    agreed: String,
}

impl EligibilityForm {
    fn check(&self) -> Result<Vec<(Criterion, Met)>, FieldErrors> {
        let mut errors = FieldErrors::default();
        let answers = Criterion::ALL
            .iter()
            .filter_map(|&criterion| {
                let typed = match criterion {
                    Criterion::Age => &self.age,
                    Criterion::PaidWork => &self.paid_work,
                    Criterion::AbsenceLongEnough => &self.absence_long_enough,
                    Criterion::AbsenceNotTooLong => &self.absence_not_too_long,
                    Criterion::FitNote => &self.fit_note,
                    Criterion::Agreed => &self.agreed,
                };
                let met = errors
                    .take(criterion.code(), field::optional_choice(typed))
                    .flatten()?;
                Some((criterion, met))
            })
            .collect();
        errors.into_result().map(|()| answers)
    }
}

pub async fn eligibility(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<ReferralId>,
    Form { form, .. }: Form<EligibilityForm>,
) -> Result<Response> {
    let (mut tx, referral, _) =
        match begin(&app, &actor, id, form.draft, Some(form.version)).await? {
            Ok(begun) => begun,
            Err(first) => return Ok(first),
        };
    match form.check() {
        Ok(answers) => {
            decide::answer_eligibility(&mut tx, &referral, &answers).await?;
            tx.commit().await?;
            Ok(see_other(format!("/referrals/{id}"))
                .with_notice("Answers recorded")
                .into_response())
        }
        Err(errors) => {
            drop(tx);
            again(&app, &actor, referral, String::new(), errors).await
        }
    }
}

/// "These two are the same person", or they are not.
pub async fn same_person(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<ReferralId>,
    Form { form, .. }: Form<SameForm>,
) -> Result<Response> {
    let (mut tx, referral, _) = match begin(&app, &actor, id, form.draft, None).await? {
        Ok(begun) => begun,
        Err(first) => return Ok(first),
    };
    say_same(&mut tx, &referral, form.other, form.same == "yes").await?;
    tx.commit().await?;
    Ok(see_other(format!("/referrals/{id}"))
        .with_notice("Recorded")
        .into_response())
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct ReadForm {
    draft: Option<DraftId>,
    version: i64,
}

/// "I have read this": the changes that were shown.
pub async fn read(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<ReferralId>,
    Form { form, .. }: Form<ReadForm>,
) -> Result<Response> {
    let (mut tx, referral, _) =
        match begin(&app, &actor, id, form.draft, Some(form.version)).await? {
            Ok(begun) => begun,
            Err(first) => return Ok(first),
        };
    read_amendments(&mut tx, &referral).await?;
    tx.commit().await?;
    Ok(see_other(format!("/referrals/{id}"))
        .with_notice("Marked as read")
        .into_response())
}
