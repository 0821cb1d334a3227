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
        clock::day_of,
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
        person::{Answer, Employment},
        referral::{Met, RedFlag, Stage, Status, must_wait, shown_to_sender},
    },
};

/// One referral in the practice's list.
#[derive(Debug)]
struct Line {
    id: ReferralId,
    reference: String,
    name: String,
    sent: String,
    stage: Stage,
    open_flag: bool,
    at: DateTime<Utc>,
}

#[derive(Template)]
#[template(path = "referral/sent.html")]
struct SentList {
    page: Page,
    list: Vec<Line>,
    first_page: bool,
    next_page: Option<String>,
}

/// The statement of the list, newest first: one index, from the last key on.
pub fn sent_sql(practice: PracticeId, after: &After) -> Result<Sql> {
    let mut list = sql(
        "SELECT r.id, r.reference, r.about, r.status, r.sent_at, r.red_flags, r.red_flags_confirmed_by, c.id AS case_id, c.status AS case_status \
         FROM referrals r LEFT JOIN cases c ON c.referral_id = r.id WHERE r.practice_id = ? AND r.route = ?",
    )
    .bind(practice)
    .bind(Route::Practice.code());
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
    case: Option<(CaseId, caseload::Status)>,
) -> Result<Stage> {
    let Some((case, at)) = case.filter(|_| status == Status::Accepted) else {
        return Ok(shown_to_sender(status, false, false, false));
    };
    let shares = agrees(&consent::records(tx, case).await?, Kind::ShareWithGp);
    Ok(shown_to_sender(
        status,
        at == caseload::Status::InSupport,
        at == caseload::Status::Closed,
        shares,
    ))
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
    let rows = tx.all(sent_sql(practice, &after)?).await?;
    let mut list = vec![];
    for row in rows.iter().take(PAGE) {
        let case: Option<CaseId> = row.optional("case_id")?;
        let at: DateTime<Utc> = row.get("sent_at")?;
        let flags: Vec<RedFlag> = row.json("red_flags")?;
        let confirmed: Option<String> = row.optional("red_flags_confirmed_by")?;
        let status: Status = row.choice("status")?;
        list.push(Line {
            id: row.get("id")?,
            reference: row.get("reference")?,
            name: store::about(row)?.map_or_else(String::new, |about| about.name),
            sent: said_day(day_of(at), today),
            stage: stage(
                &mut tx,
                status,
                case.zip(row.optional_choice("case_status")?),
            )
            .await?,
            open_flag: !flags.is_empty() && confirmed.is_none() && status == Status::Sent,
            at,
        });
    }
    let next_page = list
        .last()
        .filter(|_| rows.len() > PAGE)
        .and_then(|last| After::address("/sent", last.at, last.id));
    tx.viewed(
        Entry::of(Event::ReferralsListed).detail(&list.iter().map(|l| l.id).collect::<Vec<_>>()),
    );
    let page = SentList {
        page: page(&actor, "Sent referrals", "/sent"),
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
    amendments: Vec<Amendment>,
    waits: bool,
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
    let referral = store::find_for(&mut tx, Action::SeeSentReferrals, id, None).await?;
    let today = tx.today();
    let case = tx
        .maybe(sql("SELECT id, status FROM cases WHERE referral_id = ?").bind(id))
        .await?
        .map(|row| Ok::<_, Error>((row.get("id")?, row.choice("status")?)))
        .transpose()?;
    let sender = match referral.sent_by {
        Some(by) => Some(account_name(&mut tx, by).await?),
        None => None,
    };
    viewed(&mut tx, &referral);
    let page = SentReferral {
        page: page(&actor, "Sent referral", "/sent"),
        what: referral
            .about
            .as_ref()
            .map(|about| what_was_sent(&referral, about, sender))
            .unwrap_or_default(),
        stage: stage(&mut tx, referral.status, case).await?,
        sent: said_instant(referral.sent_at, today),
        amendments: store::amendments(&mut tx, id).await?,
        waits: must_wait(referral.status).is_ok(),
        open_flags: !referral.red_flags.is_empty() && referral.red_flags_confirmed_by.is_none(),
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
    let meanwhile = if !form.version.changed(referral.version) {
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
        version: referral.version.into(),
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
    let referral = store::find_for(&mut tx, Action::ChangeSentReferral, id, None).await?;
    must_wait(referral.status)?;
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
    let draft = form.draft.unwrap_or_else(|| tx.new_id());
    if let Some(first) = drafts::claim(&mut tx, draft, &here).await? {
        return Ok(see_other(first).into_response());
    }
    let version = Some(form.version);
    let referral = store::find_for(&mut tx, Action::ChangeSentReferral, id, version).await?;
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
