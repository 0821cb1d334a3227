//! Today: what needs a worker now, and what waits too long for a mentor. Sentences, not widgets.

use askama::Template;
use axum::{extract::State, response::Response};
use chrono::{DateTime, Days, NaiveDate, Utc};

use super::{
    calls::{self, Call},
    cover::{self, Covered},
    list::{Whose, covered},
    lists::team_of,
    things::{self, Programmes, Section, Thing, capital, in_words},
    too_long,
    workload::{self, Load},
};
use crate::{
    app::App,
    features::{checkin, contact, message, page, plan, portal, release, safety},
    platform::{
        Result,
        audit::Entry,
        clock::{day_of, start_of},
        db::{ReadTx, Sql, sql},
        web::{Account, Actor, Page, said_day, said_instant, said_time, show},
    },
    rules::{
        Choice,
        event::Event,
        id::{AccountId, CaseId, TeamId},
        message::{in_time_since, to_be_read_by},
        permission::{Action, Role},
        release::Waits,
    },
};

#[derive(Template)]
#[template(path = "caseload/today.html")]
struct Today {
    page: Page,
    date: String,
    sentence: String,
    sections: Vec<Section>,
    /// The worker's own room; `None` for a mentor.
    mine: Option<Load>,
    /// The team's, for a mentor.
    team: Vec<Load>,
    /// The worker's leave, each with what is known of its cover.
    away: Vec<Covered>,
}

pub async fn today(State(app): State<App>, actor: Actor) -> Result<Response> {
    let account = actor.must(Action::SeeToday)?;
    let team = team_of(account)?;
    let mut tx = app.read(&actor).await?;
    let day = tx.today();
    let programmes = Programmes::of_team(&mut tx, team).await?;
    let page = page(&actor, "Today", "/today");
    let date = said_day(day, day);
    let today = if account.role == Role::Mentor {
        mentors(&mut tx, page, date, account, team, &programmes).await?
    } else {
        workers(&mut tx, page, date, account, team, &programmes).await?
    };
    let shown: Vec<CaseId> = today
        .sections
        .iter()
        .flat_map(|section| &section.things)
        .filter_map(|thing| thing.case)
        .collect();
    tx.viewed(Entry::of(Event::CasesListed).detail(&shown));
    show(tx, today).await
}

/// A support worker's own day.
async fn workers(
    tx: &mut ReadTx,
    page: Page,
    date: String,
    account: &Account,
    team: TeamId,
    programmes: &Programmes,
) -> Result<Today> {
    let (day, now) = (tx.today(), tx.now());
    let mine = Whose::Worker(team, account.id);
    let concerns = needs_now(tx, team, account, concerns_of(team, account.id, day)).await?;
    let begun = begun(tx, team).await?;
    let calls = calls::until(tx, account.id, team, start_of(day + Days::new(1))).await?;
    let words = sentence_of_calls(&calls, now);
    let sections = vec![
        Section {
            stop: true,
            ..Section::of("Needs you now", concerns, "/safety", "")
        },
        Section::of("You began, and did not save", begun, "/people", ""),
        Section::of(
            "On their own pages",
            on_own_pages(tx, team, asked_of(account.id, day)).await?,
            "/people",
            "",
        ),
        Section::of(
            "Documents for others",
            documents(tx, team, asked_of(account.id, day)).await?,
            "/people",
            "",
        ),
        Section {
            next_act: true,
            ..Section::of(
                "Calls today",
                calls.into_iter().map(|call| call.thing).collect(),
                "/people",
                "No calls are planned for today.",
            )
        },
        Section::of(
            "Nothing is planned with them",
            things::unplanned(tx, mine, programmes).await?,
            "/people",
            "",
        ),
        Section::of(
            "Waiting for a first contact",
            things::waiting(tx, mine, programmes).await?,
            "/people?status=waiting",
            "Nobody waits for you.",
        ),
        Section::of(
            "Notes about to end",
            calls::notes_about_to_end(tx, account.id, team).await?,
            "/people",
            "",
        ),
        Section::of(
            "Answers to read",
            calls::answers_to_read(tx, calls::answers_sql(account.id, team)).await?,
            "/people",
            "",
        ),
        Section::of(
            "Check-ins",
            checkins(tx, team, Some(asked_of(account.id, day))).await?,
            "/people",
            "",
        ),
        Section::of(
            "Texts to read",
            texts_to_read(tx, team, Some(asked_of(account.id, day))).await?,
            "/people",
            "",
        ),
        Section::of(
            "You could ask how it went",
            to_ask_about(tx, account.id).await?,
            "/people",
            "",
        ),
    ];
    let number: usize = sections.iter().map(|s| s.things.len()).sum();
    Ok(Today {
        page,
        date,
        sentence: format!(
            "{}{words}",
            things_today(number, sections.iter().any(|s| s.more.is_some()))
        ),
        sections,
        mine: workload::of_worker(tx, team, account.id, programmes).await?,
        team: vec![],
        away: cover::of_leave(tx, team, account.id).await?,
    })
}

/// The cases whose concerns a worker is told of: their own, and those they cover.
fn concerns_of(team: TeamId, account: AccountId, day: NaiveDate) -> Sql {
    sql(" WHERE c.team_id = ? AND (c.worker_id = ? OR c.id IN (")
        .bind(team)
        .bind(account)
        .join(covered(account, day))
        .and("))")
}

/// The statements of Today's sections, for the test that refuses scans of growing tables.
pub fn statements(
    team: TeamId,
    account: AccountId,
    day: NaiveDate,
    now: DateTime<Utc>,
) -> Vec<(&'static str, Sql)> {
    let (mine, team_of) = (Whose::Worker(team, account), Whose::Team(team));
    let [(own, _), (covers, _)] = calls::calls_sql(account, team, day, now);
    vec![
        ("own calls", own),
        ("covered calls", covers),
        ("nothing planned", things::without_a_plan_sql(mine, now)),
        ("gone quiet", things::without_a_plan_sql(team_of, now)),
        ("waiting", things::waiting_sql(mine)),
        ("waiting in the team", things::waiting_sql(team_of)),
        ("notes about to end", calls::notes_sql(account, team, day)),
        ("answers to read", calls::answers_sql(account, team)),
        ("answers to nobody", calls::answers_to_nobody_sql(team)),
        (
            "concerns",
            things::concerns_sql(concerns_of(team, account, day)),
        ),
        (
            "begun",
            contact::begun_sql(team, [CaseId::new(team.uuid())]),
        ),
        ("people told us", safety::unanswered_sql(team)),
        (
            "on their own pages",
            portal::asks::waiting_sql(team, asked_of(account, day)),
        ),
        (
            "documents for others",
            release::to_do_sql(team, asked_of(account, day), things::MOST as i64),
        ),
        ("copies of a record", portal::copies_waiting_sql(team)),
        ("worrying texts", message::worrying_sql(21)),
        (
            "texts to read",
            message::unread_sql(team, Some(asked_of(account, day)), day, things::MOST as i64),
        ),
        (
            "check-ins",
            checkin::to_read_sql(team, Some(asked_of(account, day)), day, 21),
        ),
        (
            "check-ins that nobody read",
            checkin::to_read_sql(team, None, day, 21),
        ),
        (
            "check-ins to ask",
            checkin::to_ask_sql(team, Some(asked_of(account, day)), 21),
        ),
        (
            "check-ins to ask of the team",
            checkin::to_ask_sql(team, None, 21),
        ),
    ]
}

/// A mentor's view of the whole team: what waits too long, and how much everybody has.
async fn mentors(
    tx: &mut ReadTx,
    page: Page,
    date: String,
    account: &Account,
    team: TeamId,
    programmes: &Programmes,
) -> Result<Today> {
    let day = tx.today();
    let concerns = needs_now(tx, team, account, sql(" WHERE c.team_id = ?").bind(team)).await?;
    let sections = vec![
        Section {
            stop: true,
            ..Section::of("Needs you now", concerns, "/safety", "")
        },
        Section::of("People told us", told_us(tx).await?, "/complaints", ""),
        Section::of("Copies of a record", copies(tx, team).await?, "/cases", ""),
        Section::of(
            "On their own pages, and nobody has seen to it",
            on_own_pages(tx, team, seen_to_by_nobody(day)).await?,
            "/cases",
            "",
        ),
        Section::of(
            "Documents for others, and nobody works with them",
            documents(tx, team, sql("c.worker_id IS NULL")).await?,
            "/cases?worker=none",
            "",
        ),
        Section {
            next_act: true,
            ..Section::of(
                "Referrals that wait too long",
                too_long::referrals(tx, team, programmes).await?,
                "/waiting",
                "Every referral is within its target.",
            )
        },
        Section::of(
            "Nobody works with them yet",
            too_long::unassigned(tx, team).await?,
            "/cases?worker=none",
            "Everybody has a worker.",
        ),
        Section::of(
            "Waiting too long for a first contact",
            too_long::cases(tx, team, programmes).await?,
            "/cases?status=waiting",
            "Nobody waits longer than the target.",
        ),
        Section::of(
            "Answers to read",
            calls::answers_to_read(tx, calls::answers_to_nobody_sql(team)).await?,
            "/cases",
            "",
        ),
        Section::of(
            "Texts that nobody has read",
            texts_to_read(tx, team, None).await?,
            "/cases",
            "",
        ),
        Section::of(
            "Check-ins to read or to ask",
            checkins(tx, team, None).await?,
            "/cases",
            "",
        ),
        Section::of(
            "Gone quiet",
            things::quiet(tx, Whose::Team(team), programmes).await?,
            "/cases",
            "",
        ),
    ];
    let number: usize = sections.iter().map(|s| s.things.len()).sum();
    Ok(Today {
        page,
        date,
        sentence: things_today(number, sections.iter().any(|s| s.more.is_some())),
        sections,
        mine: None,
        team: workload::of_team(tx, team, programmes).await?,
        away: vec![],
    })
}

/// Whose asking and telling a worker sees: their own people's, and those of whom they cover.
fn asked_of(account: AccountId, day: NaiveDate) -> Sql {
    sql("(c.worker_id = ? OR c.id IN (")
        .bind(account)
        .join(covered(account, day))
        .and("))")
}

/// What a mentor sees to: of people with whom nobody works, and what is not read in time.
fn seen_to_by_nobody(day: NaiveDate) -> Sql {
    let since = start_of(in_time_since(day));
    sql("(c.worker_id IS NULL OR s.asked_at < ?)").bind(since)
}

/// What people asked for or told on their own pages.
async fn on_own_pages(tx: &mut ReadTx, team: TeamId, of: Sql) -> Result<Vec<Thing>> {
    let today = tx.today();
    let open = portal::asks::waiting(tx, team, of).await?;
    Ok(open
        .into_iter()
        .map(|ask| Thing {
            case: Some(ask.case),
            when: said_instant(ask.at, today),
            late: to_be_read_by(day_of(ask.at)) < today,
            name: ask.name,
            href: format!("/cases/{}", ask.case),
            why: match ask.words {
                Some(words) => format!("{}: “{words}”", ask.kind.label()),
                None => format!("{}.", ask.kind.label()),
            },
            over: None,
            reach: None,
            act: "Read and see to it",
            act_href: format!("/cases/{}/portal", ask.case),
        })
        .collect())
}

/// Documents that were released: an answer that waits for the person, one that they have seen, or one that has not gone yet.
async fn documents(tx: &mut ReadTx, team: TeamId, of: Sql) -> Result<Vec<Thing>> {
    let today = tx.today();
    let to_do = release::to_do(tx, team, of, things::MOST as i64 + 1).await?;
    Ok(to_do
        .into_iter()
        .map(|one| {
            let (why, act) = match one.waits {
                Waits::Tell => (
                    format!("{} answered. It is theirs to hear first.", one.to),
                    "Read it out to them",
                ),
                Waits::Read => (
                    format!("{} answered, and they have seen it.", one.to),
                    "Read the answer",
                ),
                Waits::Send => (
                    format!("Released to {}, and not sent yet.", one.to),
                    "Send it",
                ),
            };
            Thing {
                case: Some(one.case),
                when: said_instant(one.at, today),
                late: false,
                name: one.name,
                href: format!("/cases/{}", one.case),
                why,
                over: None,
                reach: None,
                act,
                act_href: format!("/cases/{}/documents/{}", one.case, one.document),
            }
        })
        .collect())
}

/// Copies of a record that somebody asked for, the most urgent first.
async fn copies(tx: &mut ReadTx, team: TeamId) -> Result<Vec<Thing>> {
    let today = tx.today();
    let waiting = portal::copies_waiting(tx, team).await?;
    Ok(waiting
        .into_iter()
        .map(|copy| Thing {
            case: Some(copy.case),
            when: format!("by {}", said_day(copy.due_on, today)),
            late: copy.due_on < today,
            name: copy.name,
            href: format!("/cases/{}", copy.case),
            why: if copy.reviewed {
                "Asked for a copy of everything. It is looked through, and not given yet."
                    .to_owned()
            } else {
                "Asked for a copy of everything. Look through it first.".to_owned()
            },
            over: None,
            reach: None,
            act: "Look through it",
            act_href: format!("/cases/{}/access/{}", copy.case, copy.id),
        })
        .collect())
}

/// Contacts that this worker began to write down and has not saved. Nobody else sees them.
async fn begun(tx: &mut ReadTx, team: TeamId) -> Result<Vec<Thing>> {
    let begun = contact::begun(tx, team).await?;
    let today = tx.today();
    Ok(begun
        .into_iter()
        .map(|begun| Thing {
            case: Some(begun.case),
            when: said_instant(begun.at, today),
            late: false,
            href: format!("/cases/{}", begun.case),
            why: "You began to record a contact. What you typed is kept.".to_owned(),
            name: begun.name,
            over: None,
            reach: None,
            act: "Go on",
            act_href: format!("/cases/{}/contacts/new", begun.case),
        })
        .collect())
}

/// Complaints, harms and "I felt pushed" that this mentor may answer and nobody has answered yet.
async fn told_us(tx: &mut ReadTx) -> Result<Vec<Thing>> {
    let unanswered = safety::unanswered(tx, things::MOST as i64 + 1).await?;
    let today = tx.today();
    Ok(unanswered
        .into_iter()
        .map(|complaint| Thing {
            case: Some(complaint.case),
            when: said_instant(complaint.at, today),
            late: to_be_read_by(day_of(complaint.at)) < today,
            name: complaint.name,
            href: format!("/complaints/{}", complaint.id),
            why: complaint.words,
            over: None,
            reach: None,
            act: "Read and answer",
            act_href: format!("/complaints/{}", complaint.id),
        })
        .collect())
}

/// Texts that came and that nobody has read: those of the cases that are asked of a worker; for a mentor, the team's that are late or have no worker.
async fn texts_to_read(tx: &mut ReadTx, team: TeamId, of: Option<Sql>) -> Result<Vec<Thing>> {
    let today = tx.today();
    let everybody = of.is_none();
    let unread = message::unread_texts(tx, team, of, things::MOST as i64 + 1).await?;
    let mut things: Vec<Thing> = unread
        .into_iter()
        .map(|text| Thing {
            case: Some(text.case),
            when: said_instant(text.at, today),
            late: text.read_by_on < today,
            name: text.name,
            href: format!("/cases/{}/messages", text.case),
            why: text.words,
            over: None,
            reach: None,
            act: "Read",
            act_href: format!("/cases/{}/messages", text.case),
        })
        .collect();
    if everybody {
        let unknown = message::unread_unknown(tx, things::MOST as i64 + 1).await?;
        // One with a worrying word stands at the top of the page already.
        let plain = unknown.into_iter().filter(|text| !text.worrying);
        things.extend(plain.map(|text| of_nobody_known(text, "Read", today)));
    }
    Ok(things)
}

fn of_nobody_known(text: message::UnreadUnknown, act: &'static str, today: NaiveDate) -> Thing {
    Thing {
        case: None,
        when: said_instant(text.at, today),
        late: text.read_by_on < today,
        name: "Unknown number".to_owned(),
        href: "/messages/unknown".to_owned(),
        why: text.words,
        over: None,
        reach: None,
        act,
        act_href: "/messages/unknown".to_owned(),
    }
}

/// What people answered to check-ins and nobody has read yet, and what a person has to ask: a worker's own people's; for a mentor, the team's that are late
/// or have no worker.
async fn checkins(tx: &mut ReadTx, team: TeamId, of: Option<Sql>) -> Result<Vec<Thing>> {
    let lines = checkin::to_read(tx, team, of, things::MOST as i64 + 1).await?;
    Ok(lines
        .into_iter()
        .map(|line| Thing {
            case: Some(line.case),
            when: line.when,
            late: line.late,
            name: line.name,
            href: format!("/cases/{}/checkins", line.case),
            why: line.words,
            over: None,
            reach: None,
            act: if line.to_ask {
                "Ask and write it down"
            } else {
                "Read"
            },
            act_href: format!("/cases/{}/checkins", line.case),
        })
        .collect())
}

/// What was to be tried by a day that is past. Nothing hangs on it: it reminds to ask.
async fn to_ask_about(tx: &mut ReadTx, worker: AccountId) -> Result<Vec<Thing>> {
    let asks = plan::to_ask_about(tx, worker, things::MOST as i64 + 1).await?;
    Ok(asks
        .into_iter()
        .map(|ask| Thing {
            case: Some(ask.case),
            when: ask.when,
            late: false,
            name: ask.name,
            href: format!("/cases/{}/plan", ask.case),
            why: ask.what,
            over: None,
            reach: None,
            act: "What happened",
            act_href: ask.href,
        })
        .collect())
}

/// What may hurt someone, first what waits for somebody on duty; then open concerns of these cases that others have taken on.
async fn needs_now(
    tx: &mut ReadTx,
    team: TeamId,
    account: &Account,
    of: Sql,
) -> Result<Vec<Thing>> {
    let mut things: Vec<Thing> = safety::needs_now(tx, team, account.id)
        .await?
        .into_iter()
        .map(|concern| Thing {
            case: concern.case,
            when: concern.when,
            late: false,
            name: concern.name,
            href: format!("/safety/{}", concern.id),
            why: concern.words,
            over: None,
            reach: None,
            act: "See what to do",
            act_href: format!("/safety/{}", concern.id),
        })
        .collect();
    let worrying = message::worrying_unknown(tx, account, things::MOST as i64).await?;
    things.extend(
        worrying
            .into_iter()
            .map(|text| of_nobody_known(text, "Read it, and call", tx.today())),
    );
    let others = things::with_concerns(tx, of).await?;
    let told: Vec<Option<CaseId>> = things.iter().map(|thing| thing.case).collect();
    things.extend(
        others
            .into_iter()
            .filter(|thing| !told.contains(&thing.case)),
    );
    Ok(things)
}

/// "Nine things for you today."
fn things_today(number: usize, more: bool) -> String {
    match number {
        0 => "Nothing needs you just now.".to_owned(),
        1 => "One thing for you today.".to_owned(),
        n if more => format!("More than {} things for you today.", in_words(n)),
        n => format!("{} things for you today.", capital(&in_words(n))),
    }
}

/// " Your next call is at 10:30." and what is not recorded yet.
fn sentence_of_calls(calls: &[Call], now: DateTime<Utc>) -> String {
    let mut words = String::new();
    if let Some(next) = calls.iter().find(|call| call.at >= now) {
        words.push_str(&format!(" Your next call is at {}.", said_time(next.at)));
    }
    match calls.iter().filter(|call| call.at < now).count() {
        0 => {}
        1 => words.push_str(" One earlier call is not recorded yet."),
        n => words.push_str(&format!(
            " {} earlier calls are not recorded yet.",
            capital(&in_words(n))
        )),
    }
    words
}
