//! SQL of referrals. A referral is loaded for an action, like a case.

use chrono::{DateTime, NaiveDate, Utc};

use serde::{Deserialize, Serialize};

use super::send::NewReferral;
use crate::{
    features::{organisation::store::Programme, person::Person},
    platform::{
        Error, Result,
        db::{Reader, Row, Sql, Value, WriteTx, sql},
        web::Account,
    },
    rules::{
        Choice, caseload,
        event::Event,
        id::{AccountId, CaseId, PersonId, PracticeId, ProgrammeId, ReferralId, TeamId},
        organisation::Route,
        permission::{Action, Reach, Scope},
        person::Employment,
        referral::{Avoid, DeclineReason, Field, Finding, RedFlag, Status},
    },
};

/// Who a referral is for, as its sender last wrote it. The person's own record moves on, and the sender is not shown how.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    pub name: String,
    pub born_on: Option<NaiveDate>,
    /// Ten digits.
    pub nhs_number: Option<String>,
    pub phone: Option<String>,
    pub employment: Employment,
    pub job: Option<String>,
    pub employer: Option<String>,
    /// Ways of getting in touch that are not safe.
    #[serde(default)]
    pub avoid: Vec<Avoid>,
    /// Who else may answer, listen or read.
    #[serde(default)]
    pub who_else: Option<String>,
}

impl About {
    pub fn of(person: &Person) -> Self {
        Self {
            name: person.name.clone(),
            born_on: person.born_on,
            nhs_number: person.nhs_number.as_ref().map(|n| n.digits().to_owned()),
            phone: person.phone.clone(),
            employment: person.employment,
            job: person.job.clone(),
            employer: person.employer.clone(),
            avoid: Avoid::of(&person.safe),
            who_else: person.safe.who_else.clone(),
        }
    }
}

/// A referral as it stands.
#[derive(Debug, Clone)]
pub struct Referral {
    pub id: ReferralId,
    pub reference: String,
    pub programme_id: ProgrammeId,
    pub team_id: TeamId,
    pub practice_id: Option<PracticeId>,
    pub practice_name: Option<String>,
    pub person_id: PersonId,
    pub person_name: String,
    pub route: Route,
    pub status: Status,
    pub sent_by: Option<AccountId>,
    pub sender_name: Option<String>,
    pub sender_role: Option<String>,
    pub agreed: bool,
    /// `None` where it was brought in from an earlier system.
    pub about: Option<About>,
    pub reason: Option<String>,
    pub absent_since: Option<NaiveDate>,
    pub fit_note: Option<bool>,
    pub fit_note_until_on: Option<NaiveDate>,
    pub red_flags: Vec<RedFlag>,
    pub red_flags_confirmed_by: Option<String>,
    pub red_flags_confirmed_at: Option<DateTime<Utc>>,
    pub findings: Vec<Finding>,
    pub decided_by: Option<AccountId>,
    pub decided_at: Option<DateTime<Utc>>,
    pub decline_reason: Option<DeclineReason>,
    pub decline_note: Option<String>,
    pub sent_at: DateTime<Utc>,
    /// When its sender withdrew it. Where that came after it was accepted, the status stays as it is.
    pub withdrawn_at: Option<DateTime<Utc>>,
    pub withdrawn_by: Option<AccountId>,
    pub version: i64,
    /// The version that its sender is shown: it moves with what the sender may see, and with nothing else.
    pub sender_version: i64,
}

impl Referral {
    /// Whether a red flag was ticked that no clinician says is dealt with.
    pub fn open_flags(&self) -> bool {
        !self.red_flags.is_empty() && self.red_flags_confirmed_by.is_none()
    }
}

/// What moves the version of a referral on.
pub const MOVES: &[Event] = &[
    Event::ReferralAmended,
    Event::RedFlagConfirmed,
    Event::EligibilityAnswered,
    Event::ReferralAccepted,
    Event::ReferralDeclined,
    Event::ReferralWithdrawn,
];

/// The place in the queue of those who wait: before all others where a red flag is open.
fn queue(open_flags: bool) -> i64 {
    i64::from(!open_flags)
}

const REFERRAL: &str = "SELECT r.*, p.name AS person_name, g.name AS practice_name FROM referrals r JOIN persons p ON p.id = r.person_id LEFT JOIN practices g ON g.id = r.practice_id";

/// Which referrals are an account's: the team's that decides them, or the practice's that sent them.
pub fn scope(account: &Account) -> Option<Sql> {
    match account.scope {
        Scope::Team(team) => Some(sql(" AND r.team_id = ?").bind(team)),
        // A practice sees what it sent, never what a person sent about themselves.
        Scope::Practice(practice) => {
            Some(sql(" AND r.practice_id = ? AND r.route = 'practice'").bind(practice))
        }
        Scope::Region(_) | Scope::All => None,
    }
}

/// Loads a referral for an action: 404 where the actor may not know of it, 403 where they may not do this, a conflict where it changed.
pub async fn find_for(
    tx: &mut Reader,
    action: Action,
    id: ReferralId,
    version: Option<i64>,
) -> Result<Referral> {
    let Some(account) = tx.actor().account().cloned() else {
        return Err(Error::SignInNeeded);
    };
    let knows =
        tx.actor().may(Action::SeeWaitingReferrals) || tx.actor().may(Action::SeeSentReferrals);
    let row = match scope(&account) {
        Some(scope) if knows => {
            tx.maybe(
                sql(REFERRAL)
                    .and(" WHERE r.id = ?")
                    .bind(id)
                    .join(scope)
                    .join(tx.for_change("r")),
            )
            .await?
        }
        _ => None,
    };
    let referral = read(&row.ok_or(Error::NotFound)?)?;
    if tx.actor().reach(action) == Reach::Nothing {
        // A practice knows of what it sent by its own pages alone: the service's are not there for it, whoever the person is.
        return Err(match account.scope {
            Scope::Practice(_) => Error::NotFound,
            _ => Error::Forbidden,
        });
    }
    if version.is_some_and(|shown| shown != referral.version) {
        return Err(Error::Conflict);
    }
    Ok(referral)
}

/// How somebody was referred: what their story begins with.
#[derive(Debug)]
pub struct Sent {
    pub route: Route,
    pub practice_name: Option<String>,
    pub sender_name: Option<String>,
    pub absent_since: Option<NaiveDate>,
    pub red_flags: Vec<RedFlag>,
    pub reason: Option<String>,
    pub sent_at: DateTime<Utc>,
}

/// The columns that [`read_sent`] reads, of `referrals r LEFT JOIN practices g`.
pub const SENT: &str = "r.route AS sent_route, g.name AS sent_practice, r.sender_name AS sent_name, r.absent_since AS sent_absent_since, r.red_flags AS sent_red_flags, \
                        r.reason AS sent_reason, r.sent_at AS sent_at";

pub fn read_sent(row: &Row) -> Result<Sent> {
    Ok(Sent {
        route: row.choice("sent_route")?,
        practice_name: row.optional("sent_practice")?,
        sender_name: row.optional("sent_name")?,
        absent_since: row.optional("sent_absent_since")?,
        red_flags: row.json("sent_red_flags")?,
        reason: row.optional("sent_reason")?,
        sent_at: row.get("sent_at")?,
    })
}

/// The referral of a case that the actor has been let through to.
pub async fn of_case(tx: &mut Reader, id: ReferralId) -> Result<Referral> {
    read(
        &tx.maybe(sql(REFERRAL).and(" WHERE r.id = ?").bind(id))
            .await?
            .ok_or(Error::NotFound)?,
    )
}

pub fn read(row: &Row) -> Result<Referral> {
    Ok(Referral {
        id: row.get("id")?,
        reference: row.get("reference")?,
        programme_id: row.get("programme_id")?,
        team_id: row.get("team_id")?,
        practice_id: row.optional("practice_id")?,
        practice_name: row.optional("practice_name")?,
        person_id: row.get("person_id")?,
        person_name: row.get("person_name")?,
        route: row.choice("route")?,
        status: row.choice("status")?,
        sent_by: row.optional("sent_by")?,
        sender_name: row.optional("sender_name")?,
        sender_role: row.optional("sender_role")?,
        agreed: row.get("agreed")?,
        about: about(row)?,
        reason: row.optional("reason")?,
        absent_since: row.optional("absent_since")?,
        fit_note: row.optional("fit_note")?,
        fit_note_until_on: row.optional("fit_note_until_on")?,
        red_flags: row.json("red_flags")?,
        red_flags_confirmed_by: row.optional("red_flags_confirmed_by")?,
        red_flags_confirmed_at: row.optional("red_flags_confirmed_at")?,
        findings: row.json("findings")?,
        decided_by: row.optional("decided_by")?,
        decided_at: row.optional("decided_at")?,
        decline_reason: row.optional_choice("decline_reason")?,
        decline_note: row.optional("decline_note")?,
        sent_at: row.get("sent_at")?,
        withdrawn_at: row.optional("withdrawn_at")?,
        withdrawn_by: row.optional("withdrawn_by")?,
        version: row.get("version")?,
        sender_version: row.get("sender_version")?,
    })
}

/// Who a referral is for, as sent.
pub fn about(row: &Row) -> Result<Option<About>> {
    let json: Option<serde_json::Value> = row.optional("about")?;
    Ok(json.map(serde_json::from_value).transpose()?)
}

pub async fn insert(
    tx: &mut WriteTx,
    id: ReferralId,
    reference: &str,
    programme: &Programme,
    new: &NewReferral,
    findings: &[Finding],
) -> Result<()> {
    let (now, sent_by) = (tx.now(), tx.actor().account_id());
    tx.change(Sql::insert(
        "referrals",
        [
            ("id", id.into()),
            ("reference", reference.into()),
            ("programme_id", programme.id.into()),
            ("team_id", programme.team_id.into()),
            ("practice_id", new.practice.into()),
            ("person_id", new.person.id.into()),
            ("route", new.route.code().into()),
            ("status", Status::Sent.code().into()),
            ("sent_by", sent_by.into()),
            ("sender_name", (&new.sender_name).into()),
            ("sender_role", (&new.sender_role).into()),
            ("agreed", new.agreed.into()),
            ("about", Value::json(&About::of(&new.person))),
            ("reason", (&new.reason).into()),
            ("absent_since", new.absent_since.into()),
            ("fit_note", new.fit_note.into()),
            ("fit_note_until_on", new.fit_note_until_on.into()),
            ("red_flags", Value::json(&new.red_flags)),
            (
                "red_flags_confirmed_by",
                (&new.red_flags_confirmed_by).into(),
            ),
            (
                "red_flags_confirmed_at",
                new.red_flags_confirmed_by.is_some().then_some(now).into(),
            ),
            ("findings", Value::json(&findings)),
            (
                "queue",
                queue(!new.red_flags.is_empty() && new.red_flags_confirmed_by.is_none()).into(),
            ),
            ("sent_at", now.into()),
            ("version", 1_i64.into()),
        ],
    ))
    .await
    .map(drop)
}

/// Writes a decision on the referral that was loaded.
pub async fn decide(
    tx: &mut WriteTx,
    referral: &Referral,
    status: Status,
    reason: Option<DeclineReason>,
    note: Option<&str>,
) -> Result<()> {
    let (now, by) = (tx.now(), tx.actor().account_id());
    tx.change_one(
        sql("UPDATE referrals SET status = ?, decided_by = ?, decided_at = ?, decline_reason = ?, decline_note = ?, version = version + 1 WHERE id = ? AND version = ?")
            .bind(status.code())
            .bind(by)
            .bind(now)
            .bind(reason.map(Choice::code))
            .bind(note)
            .bind(referral.id)
            .bind(referral.version),
    )
    .await
}

/// Its sender withdraws a referral. One that was decided on keeps its status, and who decided when.
pub async fn withdraw(tx: &mut WriteTx, referral: &Referral, status: Status) -> Result<()> {
    let (now, by) = (tx.now(), tx.actor().account_id());
    tx.change_one(
        Sql::update(
            "referrals",
            [
                ("status", status.code().into()),
                ("decided_by", referral.decided_by.or(by).into()),
                ("decided_at", referral.decided_at.unwrap_or(now).into()),
                ("withdrawn_by", by.into()),
                ("withdrawn_at", now.into()),
                ("version", (referral.version + 1).into()),
                ("sender_version", (referral.sender_version + 1).into()),
            ],
        )
        .and(" WHERE id = ? AND version = ?")
        .bind(referral.id)
        .bind(referral.version),
    )
    .await
}

/// The case that a referral became, and where it is.
pub async fn case_of(
    tx: &mut Reader,
    id: ReferralId,
) -> Result<Option<(CaseId, caseload::Status)>> {
    tx.maybe(sql("SELECT id, status FROM cases WHERE referral_id = ? ORDER BY id LIMIT 1").bind(id))
        .await?
        .map(|row| Ok((row.get("id")?, row.choice("status")?)))
        .transpose()
}

/// A clinician says that the red flags are dealt with.
pub async fn confirm_red_flags(
    tx: &mut WriteTx,
    referral: &Referral,
    clinician: &str,
) -> Result<()> {
    let now = tx.now();
    tx.change_one(
        sql("UPDATE referrals SET red_flags_confirmed_by = ?, red_flags_confirmed_at = ?, queue = ?, version = version + 1, sender_version = sender_version + 1 WHERE id = ? AND version = ?")
            .bind(clinician)
            .bind(now)
            .bind(queue(false))
            .bind(referral.id)
            .bind(referral.version),
    )
    .await
}

/// Writes the answers about eligibility.
pub async fn answer(tx: &mut WriteTx, referral: &Referral, findings: &[Finding]) -> Result<()> {
    tx.change_one(
        sql(
            "UPDATE referrals SET findings = ?, version = version + 1 WHERE id = ? AND version = ?",
        )
        .bind(Value::json(&findings))
        .bind(referral.id)
        .bind(referral.version),
    )
    .await
}

/// Writes back what a sender may amend.
pub async fn amend(tx: &mut WriteTx, referral: &Referral) -> Result<()> {
    tx.change_one(
        Sql::update(
            "referrals",
            [
                ("about", Value::json(&referral.about)),
                ("reason", (&referral.reason).into()),
                ("absent_since", referral.absent_since.into()),
                ("fit_note", referral.fit_note.into()),
                ("fit_note_until_on", referral.fit_note_until_on.into()),
                ("red_flags", Value::json(&referral.red_flags)),
                (
                    "red_flags_confirmed_by",
                    (&referral.red_flags_confirmed_by).into(),
                ),
                (
                    "red_flags_confirmed_at",
                    referral.red_flags_confirmed_at.into(),
                ),
                ("findings", Value::json(&referral.findings)),
                ("queue", queue(referral.open_flags()).into()),
                ("version", (referral.version + 1).into()),
                ("sender_version", (referral.sender_version + 1).into()),
            ],
        )
        .and(" WHERE id = ? AND version = ?")
        .bind(referral.id)
        .bind(referral.version),
    )
    .await
}

/// One line of a referral's change log.
#[derive(Debug, Clone)]
pub struct Amendment {
    pub field: Field,
    pub before: Option<String>,
    pub after: Option<String>,
    pub by: Option<String>,
    /// The team wrote it down for a sender who has no pages here.
    pub for_sender: bool,
    pub made_at: DateTime<Utc>,
    pub read_at: Option<DateTime<Utc>>,
}

pub async fn insert_amendment(
    tx: &mut WriteTx,
    referral: &Referral,
    field: Field,
    before: Option<String>,
    after: Option<String>,
) -> Result<()> {
    let (id, now, by) = (tx.new_uuid(), tx.now(), tx.actor().account_id());
    // What the team writes for a sender, the team has read.
    let for_sender = tx.actor().may(Action::DecideReferral);
    let read = for_sender.then_some(now);
    tx.change(Sql::insert(
        "referral_amendments",
        [
            ("id", id.into()),
            ("referral_id", referral.id.into()),
            ("team_id", referral.team_id.into()),
            ("field", field.code().into()),
            ("before", before.into()),
            ("after", after.into()),
            ("made_by", by.into()),
            ("made_at", now.into()),
            ("read_at", read.into()),
            ("for_sender", for_sender.into()),
        ],
    ))
    .await
    .map(drop)
}

/// The change log of a referral that the actor has been let through to, oldest first: the first 200 changes.
pub async fn amendments(tx: &mut Reader, id: ReferralId) -> Result<Vec<Amendment>> {
    let rows = tx
        .all(
            sql("SELECT m.field, m.before, m.after, m.made_at, m.read_at, m.for_sender, a.name FROM referral_amendments m LEFT JOIN accounts a ON a.id = m.made_by \
                 WHERE m.referral_id = ? ORDER BY m.made_at, m.id LIMIT 200")
            .bind(id),
        )
        .await?;
    let mut lines = rows
        .iter()
        .map(|row| {
            Ok(Amendment {
                field: row.choice("field")?,
                before: row.optional("before")?,
                after: row.optional("after")?,
                by: row.optional("name")?,
                for_sender: row.get("for_sender")?,
                made_at: row.get("made_at")?,
                read_at: row.optional("read_at")?,
            })
        })
        .collect::<Result<Vec<_>>>()?;
    // What was changed at one moment stands in the order of the page.
    lines.sort_by_key(|line| {
        let place = Field::ALL.iter().position(|field| *field == line.field);
        (line.made_at, place)
    });
    Ok(lines)
}
