//! What a practice sent: its list, one referral as it was sent, withdrawing it. Nothing later is shown unless the person agreed.

use askama::Template;
use axum::{
    extract::{Path, Query, State},
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{
    decide::withdraw_referral,
    form::ReferralForm,
    referral_page::account_name,
    store::{self, About, Amendment, Referral},
    waiting::{After, PAGE},
};
use crate::{
    app::App,
    features::{audit, consent, page},
    platform::{
        Error, Result,
        audit::Entry,
        clock::{day_of, start_of},
        db::{ReadTx, Reader, Sql, sql},
        drafts,
        web::{
            Actor, Both, Form, Meanwhile, Page, said_day, said_instant, see_other, short_date,
            show, show_again, typed_before,
        },
    },
    rules::{
        Choice, caseload,
        consent::{Kind, agrees},
        event::Event,
        field::FieldErrors,
        id::{CaseId, DraftId, PracticeId, ReferralId},
        organisation::Route,
        permission::{Action, Scope},
        person::Employment,
        referral::{Avoid, Met, RedFlag, Stage, Status, shown_to_sender},
    },
};

/// What a sender hears, on every page that promises it.
pub const WHAT_THE_PRACTICE_HEARS: &str = "The practice sees “received” or “not taken forward”, and no reason. It hears more only if the person agrees to that.";

/// One referral in the practice's list.
#[derive(Debug)]
struct Line {
    id: ReferralId,
    reference: String,
    name: String,
    sent: String,
    stage: Stage,
    /// When the practice withdrew it.
    withdrawn: Option<String>,
    open_flag: bool,
    at: DateTime<Utc>,
}

#[derive(Template)]
#[template(path = "referral/sent.html")]
struct SentList {
    page: Page,
    hears: &'static str,
    /// Months after which a referral leaves the list.
    months: u32,
    list: Vec<Line>,
    first_page: bool,
    next_page: Option<String>,
}

/// From when on a practice is shown what it sent. Older referrals leave its pages together, whatever became of them: what is disposed of earlier, and
/// what is kept longer, would tell.
fn shown_from(app: &App) -> DateTime<Utc> {
    start_of(app.config.retention.sender_sees_from(app.today()))
}

/// Loads a referral for an action of its sender. What has left the sender's pages is not there.
pub async fn find_sent(
    app: &App,
    tx: &mut Reader,
    action: Action,
    id: ReferralId,
) -> Result<Referral> {
    let referral = store::find_for(tx, action, id, None).await?;
    if referral.sent_at < shown_from(app) {
        return Err(Error::NotFound);
    }
    Ok(referral)
}

/// The statement of the list, newest first: one index, from the last key on.
pub fn sent_sql(practice: PracticeId, from: DateTime<Utc>, after: &After) -> Result<Sql> {
    let mut list = sql(
        "SELECT r.id, r.reference, r.about, r.status, r.sent_at, r.red_flags, r.red_flags_confirmed_by, r.withdrawn_at, c.id AS case_id, c.status AS case_status \
         FROM referrals r LEFT JOIN cases c ON c.referral_id = r.id WHERE r.practice_id = ? AND r.route = ? AND r.sent_at >= ?",
    )
    .bind(practice)
    .bind(Route::Practice.code())
    .bind(from);
    if let Some((at, id)) = after.key()? {
        list = list
            .and(" AND (r.sent_at, r.id) < (?, ?)")
            .bind(at)
            .bind(id);
    }
    Ok(list
        .and(" ORDER BY r.sent_at DESC, r.id DESC LIMIT ?")
        .bind(PAGE as i64 + 1))
}

/// Where a referral is, as far as its sender may know: consent is looked up at the moment of use.
async fn stage(
    tx: &mut Reader,
    status: Status,
    withdrawn: bool,
    case: Option<(CaseId, caseload::Status)>,
) -> Result<Stage> {
    let told = match case.filter(|_| status == Status::Accepted) {
        Some((case, at)) => {
            agrees(&consent::records(tx, case).await?, Kind::ShareWithGp).then_some(at)
        }
        None => None,
    };
    Ok(shown_to_sender(status, withdrawn, told))
}

/// What its sender is shown of where a referral is. Whatever the sender may do, and is answered, is asked of this and of nothing else.
pub async fn shown(tx: &mut Reader, referral: &Referral) -> Result<Stage> {
    let case = store::case_of(tx, referral.id).await?;
    let withdrawn = referral.withdrawn_at.is_some();
    stage(tx, referral.status, withdrawn, case).await
}

pub async fn list(
    State(app): State<App>,
    actor: Actor,
    Query(after): Query<After>,
) -> Result<Response> {
    let Scope::Practice(practice) = actor.must(Action::SeeSentReferrals)?.scope else {
        return Err(Error::Forbidden);
    };
    let mut tx = app.read(&actor).await?;
    let today = tx.today();
    let rows = tx
        .all(sent_sql(practice, shown_from(&app), &after)?)
        .await?;
    let mut list = vec![];
    for row in rows.iter().take(PAGE) {
        let case: Option<CaseId> = row.optional("case_id")?;
        let at: DateTime<Utc> = row.get("sent_at")?;
        let flags: Vec<RedFlag> = row.json("red_flags")?;
        let confirmed: Option<String> = row.optional("red_flags_confirmed_by")?;
        let status: Status = row.choice("status")?;
        let withdrawn: Option<DateTime<Utc>> = row.optional("withdrawn_at")?;
        let case = case.zip(row.optional_choice("case_status")?);
        let stage = stage(&mut tx, status, withdrawn.is_some(), case).await?;
        list.push(Line {
            id: row.get("id")?,
            reference: row.get("reference")?,
            name: store::about(row)?.map_or_else(String::new, |about| about.name),
            sent: said_day(day_of(at), today),
            stage,
            withdrawn: withdrawn.map(|at| said_day(day_of(at), today)),
            open_flag: !flags.is_empty() && confirmed.is_none() && stage.may_be_changed().is_ok(),
            at,
        });
    }
    let next_page = list
        .last()
        .filter(|_| rows.len() > PAGE)
        .and_then(|last| After::address("/sent", None, last.at, last.id));
    tx.viewed(
        Entry::of(Event::ReferralsListed).detail(&list.iter().map(|l| l.id).collect::<Vec<_>>()),
    );
    let page = SentList {
        page: page(&actor, "Sent referrals", "/sent"),
        hears: WHAT_THE_PRACTICE_HEARS,
        months: app.config.retention.sender_months(),
        list,
        first_page: after.after_id.is_empty(),
        next_page,
    };
    show(tx, page).await
}

#[derive(Template)]
#[template(path = "referral/sent_referral.html")]
struct SentReferral {
    page: Page,
    referral: Referral,
    what: Vec<(&'static str, String)>,
    stage: Stage,
    sent: String,
    /// Who withdrew it, and when.
    withdrawn: Option<String>,
    amendments: Vec<Amendment>,
    may_change: bool,
    may_withdraw: bool,
    open_flags: bool,
    today: chrono::NaiveDate,
}

impl SentReferral {
    fn when(&self, at: &DateTime<Utc>) -> String {
        said_instant(*at, self.today)
    }
}

/// What was sent, field by field, as the sender last wrote it.
fn what_was_sent(
    referral: &Referral,
    about: &About,
    sender: Option<String>,
) -> Vec<(&'static str, String)> {
    let flags: Vec<&str> = referral.red_flags.iter().map(|f| f.label()).collect();
    let avoid: Vec<&str> = about.avoid.iter().map(|way| way.label()).collect();
    let rows = [
        ("Name", Some(about.name.clone())),
        ("Date of birth", about.born_on.map(short_date)),
        ("NHS number", about.nhs_number.clone()),
        ("Telephone", about.phone.clone()),
        ("In work", Some(about.employment.label().to_owned())),
        ("Job", about.job.clone()),
        ("Employer", about.employer.clone()),
        ("First day off work", referral.absent_since.map(short_date)),
        (
            "Fit note",
            referral
                .fit_note
                .map(|has| if has { "Yes" } else { "No" }.to_owned()),
        ),
        ("Fit note until", referral.fit_note_until_on.map(short_date)),
        ("Why now", referral.reason.clone()),
        ("Not safe", (!avoid.is_empty()).then(|| avoid.join("; "))),
        ("Who else may answer or read", about.who_else.clone()),
        ("Red flags", (!flags.is_empty()).then(|| flags.join("; "))),
        (
            "Red flags dealt with according to",
            referral.red_flags_confirmed_by.clone(),
        ),
        ("Sent by", sender.or_else(|| referral.sender_name.clone())),
    ];
    rows.into_iter()
        .filter_map(|(label, value)| Some((label, value?)))
        .collect()
}

pub async fn show_sent(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<ReferralId>,
) -> Result<Response> {
    let mut tx = app.read(&actor).await?;
    let referral = find_sent(&app, &mut tx, Action::SeeSentReferrals, id).await?;
    let today = tx.today();
    let sender = match referral.sent_by {
        Some(by) => Some(account_name(&mut tx, by).await?),
        None => None,
    };
    let stage = shown(&mut tx, &referral).await?;
    let withdrawn = match (referral.withdrawn_at, referral.withdrawn_by) {
        (Some(at), Some(by)) => Some(format!(
            "{}, {}",
            account_name(&mut tx, by).await?,
            said_instant(at, today)
        )),
        (at, _) => at.map(|at| said_instant(at, today)),
    };
    viewed(&mut tx, &referral);
    let page = SentReferral {
        page: page(&actor, "Sent referral", "/sent"),
        what: referral
            .about
            .as_ref()
            .map(|about| what_was_sent(&referral, about, sender))
            .unwrap_or_default(),
        stage,
        withdrawn,
        sent: said_instant(referral.sent_at, today),
        amendments: store::amendments(&mut tx, id).await?,
        may_change: stage.may_be_changed().is_ok(),
        may_withdraw: stage.may_be_withdrawn().is_ok(),
        open_flags: referral.open_flags() && stage.may_be_changed().is_ok(),
        today,
        referral,
    };
    show(tx, page).await
}

fn viewed(tx: &mut ReadTx, referral: &Referral) {
    tx.viewed(
        Entry::of(Event::ReferralViewed)
            .person(referral.person_id)
            .subject(referral.id),
    );
}

#[derive(Template)]
#[template(path = "referral/amend.html")]
pub struct AmendPage {
    page: Page,
    referral: Referral,
    form: ReferralForm,
    errors: FieldErrors,
    draft: DraftId,
    saved_at: Option<String>,
    meanwhile: Option<Meanwhile>,
}

impl AmendPage {
    pub fn saved(mut self, at: Option<String>) -> Self {
        self.saved_at = at;
        self
    }
    fn amends(&self) -> bool {
        true
    }
    fn more_open(&self) -> bool {
        true
    }
}

/// The page that amends, with what was typed or what stands.
pub async fn amend_page(
    tx: &mut ReadTx,
    referral: Referral,
    form: ReferralForm,
    errors: FieldErrors,
    draft: DraftId,
) -> Result<AmendPage> {
    viewed(tx, &referral);
    let meanwhile = if !form.version.changed(referral.sender_version) {
        None
    } else {
        let today = tx.today();
        let both = Both::each(form.said(today), named_form(&referral).said(today));
        Some(audit::meanwhile_on(tx, referral.id, &[Event::ReferralAmended], both).await?)
    };
    Ok(AmendPage {
        meanwhile,
        page: Page {
            has_errors: !errors.is_empty(),
            ..page(tx.actor(), "Change a referral", "/sent")
        },
        referral,
        form,
        errors,
        draft,
        saved_at: None,
    })
}

/// A referral as it stands, in the fields of the page that amends it.
pub fn named_form(referral: &Referral) -> ReferralForm {
    let form = referral.about.as_ref().map(|about| {
        ReferralForm::of(
            about,
            referral.absent_since,
            referral.fit_note,
            referral.fit_note_until_on,
        )
    });
    ReferralForm {
        version: referral.sender_version.into(),
        reason: referral.reason.clone().unwrap_or_default(),
        red_flags: referral
            .red_flags
            .iter()
            .map(|flag| flag.code().to_owned())
            .collect(),
        ..form.unwrap_or_default()
    }
}

/// What the page that withdraws sends.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct WithdrawForm {
    draft: Option<DraftId>,
    version: i64,
    sure: String,
}

#[derive(Template)]
#[template(path = "referral/withdraw.html")]
struct WithdrawPage {
    page: Page,
    referral: Referral,
    errors: FieldErrors,
    draft: DraftId,
}

fn withdraw_page(
    tx: &mut ReadTx,
    referral: Referral,
    errors: FieldErrors,
    draft: DraftId,
) -> WithdrawPage {
    viewed(tx, &referral);
    WithdrawPage {
        page: Page {
            has_errors: !errors.is_empty(),
            ..page(tx.actor(), "Withdraw a referral", "/sent")
        },
        referral,
        errors,
        draft,
    }
}

pub async fn ask_withdraw(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<ReferralId>,
) -> Result<Response> {
    let mut tx = app.read(&actor).await?;
    let referral = find_sent(&app, &mut tx, Action::ChangeSentReferral, id).await?;
    shown(&mut tx, &referral).await?.may_be_withdrawn()?;
    let before = typed_before::<WithdrawForm>(&mut tx, &format!("/sent/{id}/withdraw")).await?;
    let page = withdraw_page(&mut tx, referral, FieldErrors::default(), before.draft);
    show(tx, page).await
}

pub async fn withdraw(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<ReferralId>,
    Form { form, .. }: Form<WithdrawForm>,
) -> Result<Response> {
    let here = format!("/sent/{id}");
    let mut tx = app.write(&actor).await?;
    let draft = form.draft.unwrap_or_else(|| drafts::new_id(&tx));
    if let Some(first) = drafts::claim(&mut tx, draft, &here).await? {
        return Ok(see_other(first).into_response());
    }
    let referral = find_sent(&app, &mut tx, Action::ChangeSentReferral, id).await?;
    shown(&mut tx, &referral).await?.may_be_withdrawn()?;
    if form.version != referral.sender_version {
        return Err(Error::Conflict);
    }
    if form.sure != "yes" {
        drop(tx);
        let mut tx = app.read(&actor).await?;
        let errors = FieldErrors::one("sure", "Tick to say that you want to withdraw it");
        let page = withdraw_page(&mut tx, referral, errors, draft);
        return show_again(tx, page).await;
    }
    withdraw_referral(&mut tx, referral).await?;
    tx.commit().await?;
    Ok(see_other(here)
        .with_notice("Referral withdrawn")
        .into_response())
}
