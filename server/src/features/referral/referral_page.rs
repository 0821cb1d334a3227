//! One referral as the service's staff see it: who it is for, whether the programme is for them, what stands in the way, and what can be done.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::Response,
};

use super::{
    same::{Likely, likely_duplicates},
    side::sender_has_pages,
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
        db::{ReadTx, Reader, sql},
        drafts,
        web::{Actor, Meanwhile, Page, said_day, said_instant, show},
    },
    rules::{
        Choice,
        event::Event,
        field::FieldErrors,
        id::{AccountId, CaseId, DraftId, ReferralId},
        organisation::Route,
        permission::Action,
        referral::{Criterion, Met, Status, may_accept, must_listen, must_wait},
    },
};

/// What was typed into the small forms of the page, where it needs another look.
#[derive(Debug, Default)]
pub struct TypedHere {
    pub confirmed_by: String,
    /// The answers that are not blank, by their codes.
    pub answers: Vec<(Criterion, String)>,
    /// What somebody else did while the page was open.
    pub meanwhile: Option<Meanwhile>,
}

/// A criterion with its answer, in words.
struct Shown {
    criterion: Criterion,
    met: Met,
    /// The code that the form is filled with.
    typed: String,
    by: String,
}

#[derive(Template)]
#[template(path = "referral/referral.html")]
pub struct ReferralPage {
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
    sender_has_pages: bool,
    /// One draft for each form on the page.
    drafts: [DraftId; 4],
    typed: TypedHere,
    today: chrono::NaiveDate,
    errors: FieldErrors,
}

impl ReferralPage {
    fn open_flags(&self) -> bool {
        self.referral.open_flags() && must_listen(self.referral.status).is_ok()
    }
    /// Whether its sender said something after it was accepted.
    fn late(&self) -> bool {
        let accepted = self
            .referral
            .decided_at
            .filter(|_| self.referral.status == Status::Accepted);
        accepted.is_some_and(|at| self.amendments.iter().any(|a| a.made_at > at))
    }
    fn may_accept(&self) -> bool {
        may_accept(
            self.referral.status,
            &self.referral.red_flags,
            !self.referral.open_flags(),
        )
        .is_ok()
    }
    /// Who sent it, to be named in a sentence.
    fn sender(&self) -> &'static str {
        self.referral.route.sender()
    }
    fn unread(&self) -> bool {
        self.amendments.iter().any(|a| a.read_at.is_none())
    }
    fn when(&self, at: &chrono::DateTime<chrono::Utc>) -> String {
        said_instant(*at, self.today)
    }
}

/// The name of an account, for showing who did something.
pub async fn account_name(tx: &mut Reader, id: AccountId) -> Result<String> {
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

pub async fn referral_page(
    tx: &mut ReadTx,
    referral: Referral,
    typed: TypedHere,
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
            typed: typed
                .answers
                .iter()
                .find(|(criterion, _)| *criterion == finding.criterion)
                .map_or(finding.met.code(), |(_, code)| code)
                .to_owned(),
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
        sender_has_pages: sender_has_pages(tx, &referral).await?,
        drafts: std::array::from_fn(|_| drafts::new_id(tx)),
        typed,
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
    let page = referral_page(
        &mut tx,
        referral,
        TypedHere::default(),
        FieldErrors::default(),
    )
    .await?;
    show(tx, page).await
}
