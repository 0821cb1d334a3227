//! What a practice sent: its list, and one referral as it was sent. Nothing later is shown unless the person agreed.

use askama::Template;
use axum::{
    extract::{Path, Query, State},
    response::Response,
};
use chrono::{DateTime, Utc};

use super::{
    referral_page::account_name,
    store::{self, About, Amendment, Referral},
    waiting::{After, PAGE},
};
use crate::{
    app::App,
    features::{consent, page},
    platform::{
        Error, Result,
        audit::Entry,
        clock::{day_of, start_of},
        db::{ReadTx, Reader, Sql, sql},
        web::{Actor, Page, said_day, said_instant, short_date, show},
    },
    rules::{
        Choice, caseload,
        consent::{Kind, agrees},
        event::Event,
        id::{CaseId, PracticeId, ReferralId},
        organisation::Route,
        permission::{Action, Scope},
        referral::{Field, RedFlag, Stage, Status, shown_to_sender},
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
    let amendments = store::amendments(&mut tx, id).await?;
    let asked = amendments
        .iter()
        .any(|a| a.field == Field::Withdrawn && a.for_sender);
    let of = if asked {
        " of the support service, for your practice"
    } else {
        ""
    };
    let withdrawn = match (referral.withdrawn_at, referral.withdrawn_by) {
        (Some(at), Some(by)) => Some(format!(
            "{}{of}, {}",
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
        amendments,
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
