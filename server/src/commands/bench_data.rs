//! `handrail bench-data`: a service with any number of fictional cases, the same ones every time.
#![expect(
    clippy::print_stdout,
    reason = "what a command finds goes to standard output"
)]

use std::{collections::BTreeMap, process::ExitCode};

use chrono::{DateTime, Duration, NaiveDate, Utc};
use clap::Args;
use indicatif::ProgressBar;
use uuid::Uuid;

use super::{Which, progress, service};
use crate::{
    app::App,
    features::{
        caseload::{self, store::nothing_planned},
        identity::{self, NewAccount, password},
        organisation::store as organisations,
    },
    platform::{
        Error, Result,
        audit::Entry,
        db::{Bulk, Value},
        random::Random,
        web::Actor,
    },
    rules::{
        event::Event,
        nhs_number::NhsNumber,
        organisation::Parameters,
        permission::{Role, Scope},
        person::{folded, tokens},
        reference::reference,
    },
};

const SEED: u64 = 20_261_120;
const TEAMS: usize = 8;
const WORKERS: usize = 200;
const PRACTICES: usize = 60;
const CONTACTS: i64 = 5;
/// Cases between two commits.
const KEEP: u64 = 20_000;
/// Cases whose rows are gathered before they are written.
const GATHER: u64 = 1_000;
/// Everybody's password, for benchmarks that sign in. The data is fictional and the service is nobody's.
pub const PASSWORD: &str = "bench horse battery staple";

const FIRST: [&str; 40] = [
    "Aisha", "Alan", "Amara", "Anil", "Beth", "Callum", "Carys", "Chloe", "Colin", "Dawn", "Derek",
    "Ebony", "Eileen", "Farah", "Gareth", "Grace", "Hamza", "Helen", "Imran", "Jade", "Joan",
    "Kamal", "Karen", "Leah", "Liam", "Maya", "Mohsin", "Nadia", "Nigel", "Olwen", "Owen", "Petra",
    "Ravi", "Rhys", "Ruby", "Sean", "Tariq", "Una", "Wesley", "Zofia",
];
const LAST: [&str; 50] = [
    "Ackroyd",
    "Bairstow",
    "Barczak",
    "Beevers",
    "Benbow",
    "Bhatti",
    "Broadhead",
    "Calverley",
    "Dabek",
    "Dobbs",
    "Dransfield",
    "Earnshaw",
    "Fenwicke",
    "Flanagan",
    "Furness",
    "Golightly",
    "Goodison",
    "Gosforth",
    "Haigh",
    "Iqbal",
    "Isherwood",
    "Jagger",
    "Kaye",
    "Lindley",
    "Lumb",
    "Maddocks",
    "Mahmood",
    "Micklethwaite",
    "Newbould",
    "Nwosu",
    "Oakes",
    "Okafor",
    "Pashley",
    "Pogson",
    "Priestnall",
    "Rainford",
    "Ramsbottom",
    "Redfearn",
    "Roebuck",
    "Siddall",
    "Swales",
    "Sykes",
    "Tandoh",
    "Thackray",
    "Utley",
    "Vasquez",
    "Wadsworth",
    "Womersley",
    "Yates",
    "Zielinski",
];
const NOTES: [&str; 6] = [
    "Talked about what a first day back could look like, and who would be there.",
    "Sleep is better. Walking to the end of the road and back most days.",
    "Wants to speak to the manager alone first. We practised how to begin.",
    "Went through the fit note together, line by line.",
    "A harder week. Agreed to leave dates alone until after the appointment.",
    "Half days from Monday, and a quiet desk. Pleased, and tired.",
];

#[derive(Debug, Args)]
pub struct BenchData {
    /// How many cases to make.
    #[arg(long, default_value_t = 100_000)]
    cases: u64,
    #[command(flatten)]
    which: Which,
}

impl BenchData {
    pub async fn run(self) -> Result<ExitCode> {
        let app = self.which.open().await?;
        service::make_fictional(&app).await?;
        let bar = progress::bar(Some(self.cases), "cases");
        fill(&app, self.cases, &bar).await?;
        bar.finish_and_clear();
        println!(
            "Made {} fictional cases of {WORKERS} workers in {TEAMS} teams.",
            self.cases
        );
        println!("Sign in as worker1@bench.example with the password {PASSWORD:?}.");
        Ok(ExitCode::SUCCESS)
    }
}

/// Fills an empty service. It is refused where there are cases: what is made here is nobody's record and must not stand among real ones.
pub async fn fill(app: &App, cases: u64, bar: &ProgressBar) -> Result<()> {
    let mut tx = app.read(&Actor::CommandLine).await?;
    let taken = caseload::any_case(&mut tx).await?;
    tx.finish().await?;
    if taken {
        return Err(Error::internal(
            "this service has cases: make the fictional ones in a new, empty one",
        ));
    }
    let service = set_up(app).await?;
    let random = Random::seeded(SEED);
    let mut bulk = Bulk::begin(&app.config.place).await?;
    let mut rows = Rows::default();
    let mut counts = BTreeMap::new();
    for number in 0..cases {
        one_case(&service, &random, number, cases, &mut rows, &mut counts);
        if (number + 1) % GATHER == 0 || number + 1 == cases {
            rows.write(&mut bulk).await?;
            bar.set_position(number + 1);
        }
        if (number + 1) % KEEP == 0 {
            bulk.keep().await?;
        }
    }
    let counts = counts
        .into_iter()
        .map(|((team, worker, status), n): ((Uuid, Uuid, &str), i64)| {
            vec![team.into(), worker.into(), status.into(), n.into()]
        })
        .collect();
    bulk.insert("case_counts", "team_id,worker_id,status,count", counts)
        .await?;
    bulk.finish().await?;
    let mut tx = app.write(&Actor::CommandLine).await?;
    tx.record(Entry::of(Event::DemoMade).detail(&cases)).await?;
    tx.commit().await
}

struct Team {
    id: Uuid,
    programme: Uuid,
    workers: Vec<Uuid>,
}

struct Made {
    teams: Vec<Team>,
    practices: Vec<Uuid>,
    now: DateTime<Utc>,
}

/// A programme that asks nothing: all of these people would be asked at once, by texts that go nowhere, while something else is measured.
/// Check-ins have a benchmark of their own.
fn without_checkins() -> Parameters {
    let mut parameters = Parameters::default();
    parameters.checkins.days_off_weeks = 0;
    parameters.checkins.how_weeks = 0;
    parameters.checkins.afterwards_days = 0;
    parameters
}

/// One region, its practices, teams, programmes and workers.
async fn set_up(app: &App) -> Result<Made> {
    let password_hash = password::hash(&app.random, PASSWORD.to_owned()).await?;
    let mut tx = app.write(&Actor::CommandLine).await?;
    let (today, now) = (tx.today(), tx.now());
    let region = organisations::region_named(&mut tx, "South Yorkshire").await?;
    let mut practices = vec![];
    for n in 0..PRACTICES {
        let id = organisations::add_practice(
            &mut tx,
            region,
            &format!("Bench Practice {n}"),
            &format!("Y98{n:03}"),
            None,
        )
        .await?;
        practices.push(id.uuid());
    }
    let mut teams = vec![];
    for t in 0..TEAMS {
        let team =
            organisations::add_team(&mut tx, "Bench provider", &format!("Bench team {t}")).await?;
        let programme = organisations::add_programme(
            &mut tx,
            team,
            &format!("Bench programme {t}"),
            &format!("bench-{t}"),
            &without_checkins(),
        )
        .await?;
        organisations::cover_region(&mut tx, programme, region, today).await?;
        let mut workers = vec![];
        for w in (t * WORKERS / TEAMS)..((t + 1) * WORKERS / TEAMS) {
            let new = NewAccount {
                email: format!("worker{}@bench.example", w + 1),
                name: format!("{} {}", FIRST[w % FIRST.len()], LAST[w * 7 % LAST.len()]),
                role: Role::SupportWorker,
                scope: Scope::Team(team),
                password_hash: password_hash.clone(),
                must_change_password: false,
            };
            workers.push(identity::add_account(&mut tx, new).await?.uuid());
        }
        teams.push(Team {
            id: team.uuid(),
            programme: programme.uuid(),
            workers,
        });
    }
    tx.commit().await?;
    Ok(Made {
        teams,
        practices,
        now,
    })
}

type Row = Vec<Value>;

/// Rows that wait to be written, a list for each table.
#[derive(Default)]
struct Rows {
    persons: Vec<Row>,
    referrals: Vec<Row>,
    cases: Vec<Row>,
    words: Vec<Row>,
    consents: Vec<Row>,
    contacts: Vec<Row>,
    notes: Vec<Row>,
    planned: Vec<Row>,
    closures: Vec<Row>,
}

impl Rows {
    /// Parents before what refers to them.
    async fn write(&mut self, bulk: &mut Bulk) -> Result<()> {
        let tables = [
            (
                "persons",
                "id,name,name_key,born_on,nhs_number,phone,safe_text,safe_voicemail,safe_say_who,safe_letter,interpreter,employment,job,version,made_at",
                &mut self.persons,
            ),
            (
                "referrals",
                "id,reference,programme_id,team_id,practice_id,person_id,route,status,agreed,reason,red_flags,findings,decided_at,sent_at,version",
                &mut self.referrals,
            ),
            (
                "cases",
                "id,reference,person_id,referral_id,programme_id,team_id,practice_id,worker_id,status,step,person_name,name_key,referred_at,accepted_at,first_contact_at,last_contact_at,next_contact_at,note_until_on,contacts_done,tries_since,open_concerns,closed_at,held,version",
                &mut self.cases,
            ),
            ("case_words", "team_id,word,case_id", &mut self.words),
            (
                "consents",
                "id,case_id,person_id,kind,decision,mode,taken_by,taken_at",
                &mut self.consents,
            ),
            (
                "contacts",
                "id,root_id,revision,case_id,author_id,outcome,mode,with_whom,started_at,minutes,attempt,step,targets,processes,readings,recorded_at",
                &mut self.contacts,
            ),
            (
                "shared_notes",
                "id,root_id,revision,case_id,contact_id,author_id,words,written_at",
                &mut self.notes,
            ),
            (
                "planned_contacts",
                "id,case_id,worker_id,at,mode,state,made_by,made_at",
                &mut self.planned,
            ),
            (
                "closures",
                "id,case_id,reason,work_status,made_by,made_at",
                &mut self.closures,
            ),
        ];
        for (table, columns, rows) in tables {
            bulk.insert(table, columns, std::mem::take(rows)).await?;
        }
        Ok(())
    }
}

/// Everything of one case. A worker has 25 people in support, and the rest, however many, are closed.
fn one_case(
    service: &Made,
    random: &Random,
    number: u64,
    of: u64,
    rows: &mut Rows,
    counts: &mut BTreeMap<(Uuid, Uuid, &'static str), i64>,
) {
    let team = &service.teams[(number % TEAMS as u64) as usize];
    let worker = team.workers[(number / TEAMS as u64) as usize % team.workers.len()];
    let practice = service.practices[(random.number() % PRACTICES as u64) as usize];
    // The newest cases are the open ones: of every worker's, 3 wait and 25 are in support, which fill a page of a list.
    let left = (of - number - 1) / WORKERS as u64;
    let status = match left {
        0..=2 => "waiting",
        3..=27 => "in_support",
        _ => "closed",
    };
    let days_ago = match status {
        "waiting" => 1 + left as i64,
        "in_support" => 10 + left as i64 * 5,
        _ => 200 + (left as i64 * 1800 / (of as i64 / WORKERS as i64 + 1)),
    };
    let referred = service.now - Duration::days(days_ago)
        + Duration::milliseconds((number % 80_000_000) as i64);
    let accepted = referred + Duration::hours(1);
    let id = |at| random.uuid(at);
    let (person, referral, case) = (id(referred), id(referred), id(accepted));
    let pick = random.number();
    let name = format!(
        "{} {}",
        FIRST[(pick % 40) as usize],
        LAST[(pick / 40 % 50) as usize]
    );
    let born_on = NaiveDate::from_ymd_opt(1962, 1, 1)
        .map(|d| d + Duration::days((pick / 2000 % 15_000) as i64));
    // 25⁵ references there are; the number itself, turned about, never gives one twice below that.
    let reference = reference(number.wrapping_mul(6_143_401) % 9_765_625);
    let nhs_number = NhsNumber::fictional((number % 1_000_000) as u32);
    let key = folded(&name);
    rows.persons.push(vec![
        person.into(),
        name.as_str().into(),
        key.as_str().into(),
        born_on.into(),
        Value::Text(nhs_number.map(|n| n.digits().to_owned())),
        format!("07700 900{:03}", pick % 1000).into(),
        "yes".into(),
        "no".into(),
        "yes".into(),
        "yes".into(),
        false.into(),
        "employed".into(),
        "Care assistant".into(),
        1_i64.into(),
        referred.into(),
    ]);
    let none = || Value::Json(Some(serde_json::Value::Array(vec![])));
    rows.referrals.push(vec![
        referral.into(),
        reference.as_str().into(),
        team.programme.into(),
        team.id.into(),
        practice.into(),
        person.into(),
        "practice".into(),
        "accepted".into(),
        true.into(),
        "Struggling with the thought of going back".into(),
        none(),
        none(),
        accepted.into(),
        referred.into(),
        1_i64.into(),
    ]);
    let spread = |nth: i64| match status {
        "in_support" => {
            accepted + Duration::hours(20 + nth * (days_ago - 5).max(1) * 24 / (CONTACTS + 1))
        }
        _ => accepted + Duration::hours(2) + Duration::days(nth * 14),
    };
    // Somebody who waits was tried and not reached: five contacts a case, and none of them done.
    let waiting = status == "waiting";
    let at = |nth: i64| {
        if waiting {
            accepted + Duration::minutes(60 * (nth + 1))
        } else {
            spread(nth)
        }
    };
    let (first, last) = (at(0), at(CONTACTS - 1));
    let next = match status {
        "closed" => None,
        _ => Some(service.now + Duration::hours(1 + (pick % 400) as i64)),
    };
    let closed_at = (status == "closed").then(|| last + Duration::days(7));
    rows.cases.push(vec![
        case.into(),
        reference.as_str().into(),
        person.into(),
        referral.into(),
        team.programme.into(),
        team.id.into(),
        practice.into(),
        worker.into(),
        status.into(),
        "1".into(),
        name.as_str().into(),
        key.as_str().into(),
        referred.into(),
        accepted.into(),
        (!waiting).then_some(first).into(),
        (!waiting).then_some(last).into(),
        next.unwrap_or_else(nothing_planned).into(),
        Value::Date(None),
        if waiting { 0 } else { CONTACTS }.into(),
        if waiting { CONTACTS } else { 0 }.into(),
        0_i64.into(),
        closed_at.into(),
        false.into(),
        1_i64.into(),
    ]);
    *counts.entry((team.id, worker, status)).or_default() += 1;
    let mut words = tokens(&name);
    words.push(folded(&reference).replace(' ', ""));
    for word in words {
        rows.words
            .push(vec![team.id.into(), word.into(), case.into()]);
    }
    let kinds: &[&str] = if waiting {
        &[]
    } else {
        &["privacy_notice", "limits", "take_part", "contact"]
    };
    for kind in kinds {
        rows.consents.push(vec![
            id(first).into(),
            case.into(),
            person.into(),
            (*kind).into(),
            "given".into(),
            "spoken".into(),
            worker.into(),
            first.into(),
        ]);
    }
    for nth in 0..CONTACTS {
        let when = at(nth);
        let (contact, note) = (id(when), id(when));
        rows.contacts.push(vec![
            contact.into(),
            contact.into(),
            1_i64.into(),
            case.into(),
            worker.into(),
            if waiting { "no_answer" } else { "done" }.into(),
            "phone".into(),
            "person".into(),
            when.into(),
            (20 + (pick % 30) as i64).into(),
            if waiting { nth + 1 } else { 1 }.into(),
            "1".into(),
            none(),
            none(),
            none(),
            when.into(),
        ]);
        rows.notes.push(vec![
            note.into(),
            note.into(),
            1_i64.into(),
            case.into(),
            contact.into(),
            worker.into(),
            NOTES[(pick as i64 + nth).rem_euclid(6) as usize].into(),
            when.into(),
        ]);
    }
    if let Some(next) = next {
        rows.planned.push(vec![
            id(last).into(),
            case.into(),
            worker.into(),
            next.into(),
            "phone".into(),
            "planned".into(),
            worker.into(),
            last.into(),
        ]);
    }
    if let Some(closed_at) = closed_at {
        rows.closures.push(vec![
            id(closed_at).into(),
            case.into(),
            "goals_met".into(),
            "full".into(),
            worker.into(),
            closed_at.into(),
        ]);
    }
}
