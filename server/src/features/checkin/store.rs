//! SQL of check-ins. A reply is never changed: one that was understood is superseded by a later one.

use std::collections::BTreeMap;

use chrono::{DateTime, Days, NaiveDate, Utc};

use crate::{
    platform::{
        Error, Result,
        db::{Reader, Row, Sql, WriteTx, sql},
    },
    rules::{
        Choice,
        checkin::{Due, Experience, Kind, Mode, OPEN_DAYS, READER_VERSION, Rule, State},
        id::{AccountId, CaseId, CheckinAnswerId, CheckinId, MessageId, TeamId},
        message::to_be_read_by,
    },
};

/// The most check-ins of one case that are read: four years of one every two weeks.
const MOST: i64 = 100;
/// The most replies of one case that are read.
const MOST_REPLIES: i64 = 400;

/// A question that was due, with the replies to it.
#[derive(Debug, Clone)]
pub struct Checkin {
    pub id: CheckinId,
    pub case: CaseId,
    pub kind: Kind,
    /// Both days belong to the window.
    pub from: NaiveDate,
    pub until: NaiveDate,
    /// Days of the window that they would normally work. `None` where nobody asked which those are.
    pub normal_days: Option<u32>,
    pub state: State,
    pub asked_at: DateTime<Utc>,
    pub reminded_at: Option<DateTime<Utc>>,
    pub version: i64,
    /// Oldest first.
    pub replies: Vec<Reply>,
}

/// One reply as it came, and what it was read as.
#[derive(Debug, Clone)]
pub struct Reply {
    pub id: CheckinAnswerId,
    pub raw: String,
    /// Hundredths of a day. `None` where it was not understood, or is all of an unknown number.
    pub hundredths: Option<u32>,
    /// `None` where it was not understood.
    pub rule: Option<Rule>,
    /// 0 to 10, of how things are.
    pub expectation: Option<u32>,
    pub confidence: Option<u32>,
    /// Of how it was.
    pub experience: Option<Experience>,
    pub mode: Mode,
    pub at: DateTime<Utc>,
    /// Who wrote it down.
    pub by: Option<String>,
    pub read_at: Option<DateTime<Utc>>,
    /// Why another took its place.
    pub superseded: Option<String>,
}

impl Checkin {
    /// The answer in force.
    pub fn answer(&self) -> Option<&Reply> {
        self.replies
            .iter()
            .find(|r| r.rule.is_some() && r.superseded.is_none())
    }
    /// All days of the window.
    pub fn window_days(&self) -> u32 {
        u32::try_from((self.until - self.from).num_days() + 1).unwrap_or(0)
    }
}

fn small(row: &Row, column: &str) -> Result<Option<u32>> {
    let n: Option<i64> = row.optional(column)?;
    Ok(n.and_then(|n| u32::try_from(n).ok()))
}

fn read(row: &Row) -> Result<Checkin> {
    Ok(Checkin {
        id: row.get("id")?,
        case: row.get("case_id")?,
        kind: row.choice("kind")?,
        from: row.get("from_on")?,
        until: row.get("until_on")?,
        normal_days: small(row, "normal_days")?,
        state: row.choice("state")?,
        asked_at: row.get("asked_at")?,
        reminded_at: row.optional("reminded_at")?,
        version: row.get("version")?,
        replies: vec![],
    })
}

const CHECKIN: &str = "SELECT k.id, k.case_id, k.kind, k.from_on, k.until_on, k.normal_days, k.state, k.asked_at, k.reminded_at, k.version FROM checkins k";

const REPLY: &str = "SELECT a.id, a.checkin_id, a.raw, a.hundredths, a.rule, a.expectation, a.confidence, a.experience, a.mode, a.answered_at, a.read_at, a.superseded_at, a.superseded_reason, \
                     w.name FROM checkin_answers a LEFT JOIN accounts w ON w.id = a.recorded_by";

fn reply(row: &Row) -> Result<Reply> {
    let superseded_at: Option<DateTime<Utc>> = row.optional("superseded_at")?;
    let reason: Option<String> = row.optional("superseded_reason")?;
    Ok(Reply {
        id: row.get("id")?,
        raw: row.get("raw")?,
        hundredths: small(row, "hundredths")?,
        rule: row.optional_choice("rule")?,
        expectation: small(row, "expectation")?,
        confidence: small(row, "confidence")?,
        experience: row.optional_choice("experience")?,
        mode: row.choice("mode")?,
        at: row.get("answered_at")?,
        by: row.optional("name")?,
        read_at: row.optional("read_at")?,
        superseded: superseded_at.map(|_| reason.unwrap_or_default()),
    })
}

/// One check-in of a case that the caller was let through to.
pub async fn find(tx: &mut Reader, case: CaseId, id: CheckinId) -> Result<Checkin> {
    let one = sql(CHECKIN)
        .and(" WHERE k.id = ? AND k.case_id = ?")
        .bind(id)
        .bind(case)
        .join(tx.for_change("k"));
    let mut checkin = read(&tx.maybe(one).await?.ok_or(Error::NotFound)?)?;
    let replies = sql(REPLY)
        .and(" WHERE a.checkin_id = ? ORDER BY a.answered_at, a.id LIMIT ?")
        .bind(id)
        .bind(MOST_REPLIES);
    for row in tx.all(replies).await? {
        checkin.replies.push(reply(&row)?);
    }
    Ok(checkin)
}

/// The check-ins of a case, newest first.
pub async fn of_case(tx: &mut Reader, case: CaseId) -> Result<Vec<Checkin>> {
    let rows = tx
        .all(
            sql(CHECKIN)
                .and(" WHERE k.case_id = ? ORDER BY k.until_on DESC, k.id DESC LIMIT ?")
                .bind(case)
                .bind(MOST),
        )
        .await?;
    let mut all: Vec<Checkin> = rows.iter().map(read).collect::<Result<_>>()?;
    let replies = sql(REPLY)
        .and(" WHERE a.case_id = ? ORDER BY a.answered_at DESC, a.id DESC LIMIT ?")
        .bind(case)
        .bind(MOST_REPLIES);
    for row in tx.all(replies).await?.iter().rev() {
        let of: CheckinId = row.get("checkin_id")?;
        if let Some(checkin) = all.iter_mut().find(|k| k.id == of) {
            checkin.replies.push(reply(row)?);
        }
    }
    Ok(all)
}

/// What is asked of a person now and they have not answered, oldest first: for their own first page.
pub async fn open_of(tx: &mut Reader, case: CaseId) -> Result<Vec<Checkin>> {
    let open = sql(CHECKIN)
        .and(" WHERE k.case_id = ? AND k.state IN ('asked', 'asked_back', 'for_a_person') ORDER BY k.asked_at, k.id LIMIT 10")
        .bind(case);
    tx.all(open).await?.iter().map(read).collect()
}

/// The newest day that was asked about of each kind, for cases of which some may be due again.
pub(super) async fn asked_until(
    tx: &mut Reader,
    cases: &[CaseId],
) -> Result<BTreeMap<(CaseId, &'static str), NaiveDate>> {
    let asked =
        sql("SELECT case_id, kind, MAX(until_on) AS until_on FROM checkins WHERE case_id IN ")
            .list(cases.iter().copied())
            .and(" GROUP BY case_id, kind");
    let mut all = BTreeMap::new();
    for row in tx.all(asked).await? {
        let kind: Kind = row.choice("kind")?;
        all.insert((row.get("case_id")?, kind.code()), row.get("until_on")?);
    }
    Ok(all)
}

/// A check-in to be kept.
#[derive(Debug)]
pub(super) struct NewCheckin<'a> {
    pub id: CheckinId,
    pub case: CaseId,
    pub due: &'a Due,
    pub normal_days: Option<u32>,
    pub state: State,
    /// When something more is done by itself.
    pub next_at: DateTime<Utc>,
}

/// Keeps a new check-in. Says whether it is new: one of the same kind that shares a day of its window is asked once.
pub(super) async fn insert(tx: &mut WriteTx, new: NewCheckin<'_>) -> Result<bool> {
    let NewCheckin { case, due, .. } = new;
    let now = tx.now();
    let shares_a_day =
        sql("SELECT id FROM checkins WHERE case_id = ? AND kind = ? AND until_on >= ? LIMIT 1")
            .bind(case)
            .bind(due.kind.code())
            .bind(due.from);
    if tx.maybe(shares_a_day).await?.is_some() {
        return Ok(false);
    }
    let made = tx
        .change(
            Sql::insert(
                "checkins",
                [
                    ("id", new.id.into()),
                    ("case_id", case.into()),
                    ("kind", due.kind.code().into()),
                    ("from_on", due.from.into()),
                    ("until_on", due.until.into()),
                    ("normal_days", new.normal_days.map(i64::from).into()),
                    ("state", new.state.code().into()),
                    ("asked_at", now.into()),
                    ("next_at", new.next_at.into()),
                    ("version", 1_i64.into()),
                ],
            )
            .and(" ON CONFLICT (case_id, kind, from_on) DO NOTHING"),
        )
        .await?;
    Ok(made == 1)
}

/// Moves a check-in on, at the version that was loaded.
pub(super) async fn move_on(tx: &mut WriteTx, checkin: &Checkin, to: State) -> Result<()> {
    // Who answered, however unclear, is not reminded: what is left is the day on which it is over.
    let next_at = to
        .is_open()
        .then(|| checkin.asked_at + Days::new(OPEN_DAYS));
    let moved = sql("UPDATE checkins SET state = ?, next_at = ?, version = version + 1")
        .bind(to.code())
        .bind(next_at);
    tx.change_one(
        moved
            .and(" WHERE id = ? AND version = ?")
            .bind(checkin.id)
            .bind(checkin.version),
    )
    .await
}

/// A reply to be kept.
#[derive(Debug)]
pub(super) struct NewReply<'a> {
    /// When they said so.
    pub at: DateTime<Utc>,
    pub raw: &'a str,
    pub hundredths: Option<u32>,
    pub rule: Option<Rule>,
    pub expectation: Option<u32>,
    pub confidence: Option<u32>,
    pub experience: Option<Experience>,
    pub mode: Mode,
}

impl<'a> NewReply<'a> {
    /// A reply to a question that is answered in words.
    pub fn words(raw: &'a str, mode: Mode, at: DateTime<Utc>) -> Self {
        Self {
            raw,
            at,
            hundredths: None,
            rule: None,
            expectation: None,
            confidence: None,
            experience: None,
            mode,
        }
    }
}

pub(super) async fn insert_reply(
    tx: &mut WriteTx,
    team: TeamId,
    checkin: &Checkin,
    new: NewReply<'_>,
) -> Result<CheckinAnswerId> {
    let (id, now): (CheckinAnswerId, _) = (tx.new_id(), tx.now());
    let read_by_on = to_be_read_by(tx.today());
    let by: Option<AccountId> = tx.actor().account_id().filter(|_| new.mode == Mode::Spoken);
    tx.change(Sql::insert(
        "checkin_answers",
        [
            ("id", id.into()),
            ("checkin_id", checkin.id.into()),
            ("case_id", checkin.case.into()),
            ("team_id", team.into()),
            ("raw", new.raw.into()),
            ("hundredths", new.hundredths.map(i64::from).into()),
            ("rule", new.rule.map(Choice::code).into()),
            ("rule_version", READER_VERSION.into()),
            ("expectation", new.expectation.map(i64::from).into()),
            ("confidence", new.confidence.map(i64::from).into()),
            ("experience", new.experience.map(Choice::code).into()),
            ("mode", new.mode.code().into()),
            ("answered_at", new.at.into()),
            ("recorded_by", by.into()),
            ("read_by_on", read_by_on.into()),
            // Whoever wrote it down has read it.
            ("read_at", by.map(|_| now).into()),
            ("read_by", by.into()),
        ],
    ))
    .await?;
    Ok(id)
}

/// Supersedes the answer in force, and says whether there was one.
pub(super) async fn supersede(tx: &mut WriteTx, checkin: CheckinId, reason: &str) -> Result<bool> {
    let now = tx.now();
    let n = tx
        .change(
            Sql::update(
                "checkin_answers",
                [
                    ("superseded_at", now.into()),
                    ("superseded_reason", reason.into()),
                ],
            )
            .and(" WHERE checkin_id = ? AND rule IS NOT NULL AND superseded_at IS NULL")
            .bind(checkin),
        )
        .await?;
    Ok(n > 0)
}

/// Marks every reply of a case as read, and says how many there were.
pub(super) async fn mark_read(tx: &mut WriteTx, case: CaseId) -> Result<u64> {
    let (now, by) = (tx.now(), tx.actor().account_id());
    tx.change(
        Sql::update(
            "checkin_answers",
            [("read_at", now.into()), ("read_by", by.into())],
        )
        .and(" WHERE case_id = ? AND read_at IS NULL")
        .bind(case),
    )
    .await
}

/// Keeps which message asked.
pub(super) async fn insert_message(
    tx: &mut WriteTx,
    checkin: &Checkin,
    message: MessageId,
    part: &'static str,
) -> Result<()> {
    tx.change(
        Sql::insert(
            "checkin_messages",
            [
                ("message_id", message.into()),
                ("checkin_id", checkin.id.into()),
                ("case_id", checkin.case.into()),
                ("part", part.into()),
            ],
        )
        .and(" ON CONFLICT (message_id) DO NOTHING"),
    )
    .await
    .map(drop)
}

/// The messages that asked a check-in, oldest first.
pub async fn messages_of(tx: &mut Reader, checkin: CheckinId) -> Result<Vec<MessageId>> {
    let messages = sql(
        "SELECT message_id FROM checkin_messages WHERE checkin_id = ? ORDER BY message_id LIMIT 10",
    )
    .bind(checkin);
    tx.all(messages)
        .await?
        .iter()
        .map(|row| row.get("message_id"))
        .collect()
}

/// The check-in of a case that a message asked.
pub(super) async fn asked_by(
    tx: &mut Reader,
    case: CaseId,
    message: MessageId,
) -> Result<Option<CheckinId>> {
    tx.maybe(
        sql("SELECT checkin_id FROM checkin_messages WHERE message_id = ? AND case_id = ?")
            .bind(message)
            .bind(case),
    )
    .await?
    .map(|row| row.get("checkin_id"))
    .transpose()
}

/// Whether something else was asked since a message went and before a text came, which a text cannot answer: how things are.
pub(super) async fn asked_since(
    tx: &mut Reader,
    case: CaseId,
    message: MessageId,
    came: DateTime<Utc>,
) -> Result<bool> {
    // What is being sent was tried, and a letter that staff posted was sent.
    let since = sql("SELECT 1 AS one FROM messages x JOIN messages m ON m.id = ? WHERE x.case_id = ? AND x.template = 'how-things' \
             AND COALESCE(x.sent_at, x.tried_at) BETWEEN COALESCE(m.sent_at, m.tried_at) AND ? LIMIT 1")
        .bind(message)
        .bind(case)
        .bind(came);
    Ok(tx.maybe(since).await?.is_some())
}

/// Writes down that the one reminder went, and when the check-in is over.
pub(super) async fn reminded(
    tx: &mut WriteTx,
    checkin: &Checkin,
    over_at: DateTime<Utc>,
) -> Result<()> {
    let now = tx.now();
    tx.change_one(
        sql("UPDATE checkins SET reminded_at = ?, next_at = ?, version = version + 1 WHERE id = ? AND version = ?")
            .bind(now)
            .bind(over_at)
            .bind(checkin.id)
            .bind(checkin.version),
    )
    .await
}
