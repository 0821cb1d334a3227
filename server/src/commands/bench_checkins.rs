//! `handrail bench-checkins`: people who are all asked today on how many days they were off, for measuring texts that go out and come back.
#![expect(
    clippy::print_stdout,
    reason = "what a command finds goes to standard output"
)]

use std::process::ExitCode;

use chrono::Duration;
use clap::Args;
use uuid::Uuid;

use super::{Which, service};
use crate::{
    app::App,
    features::{
        caseload::{self, store::nothing_planned},
        identity::{self, NewAccount},
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
        checkin::Settings,
        event::Event,
        organisation::Parameters,
        permission::{Role, Scope},
        reference::reference,
    },
};

/// Those that can be told apart by a fictional number.
const MOST: u64 = 100_000;
/// The service asks every two weeks; nobody was asked before.
const AGREED_DAYS: i64 = 14;

#[derive(Debug, Args)]
pub struct BenchCheckins {
    /// How many people to make. At most 100,000.
    #[arg(long, default_value_t = 10_000)]
    people: u64,
    #[command(flatten)]
    which: Which,
}

impl BenchCheckins {
    /// Only for a service without cases: what is made here is nobody's record.
    pub async fn run(self) -> Result<ExitCode> {
        let app = self.which.open().await?;
        service::make_fictional(&app).await?;
        let mut tx = app.read(&Actor::CommandLine).await?;
        let taken = caseload::any_case(&mut tx).await?;
        tx.finish().await?;
        if taken {
            return Err(Error::internal(
                "this service has cases: make the fictional ones in a new, empty one",
            ));
        }
        fill(&app, self.people).await?;
        println!("{{\"people\": {}}}", self.people);
        Ok(ExitCode::SUCCESS)
    }
}

/// Who gave their word, where they live and when; who works with them.
struct Made {
    programme: Uuid,
    team: Uuid,
    practice: Uuid,
    worker: Uuid,
}

/// Makes people in support who agreed two weeks ago to take part and to be contacted, at any hour, by text, with the question itself in it. Each has a
/// number of their own: `070009` and five digits, from 00000 on.
pub async fn fill(app: &App, people: u64) -> Result<()> {
    if people > MOST {
        return Err(Error::internal("at most 100,000 people have a number"));
    }
    let made = set_up(app).await?;
    let random = Random::machine();
    let mut bulk = Bulk::begin(&app.config.place).await?;
    let agreed = app.now() - Duration::days(AGREED_DAYS);
    let referred = agreed - Duration::hours(2);
    let none = || Value::Json(Some(serde_json::Value::Array(vec![])));
    let (mut persons, mut referrals, mut cases) = (vec![], vec![], vec![]);
    let (mut consents, mut choices) = (vec![], vec![]);
    for number in 0..people {
        let id = |at| random.uuid(at);
        let (person, referral, case) = (id(referred), id(referred), id(agreed));
        let name = format!("Check-in {number:05}");
        let reference = reference(number.wrapping_mul(6_143_401) % 9_765_625);
        persons.push(vec![
            person.into(),
            name.as_str().into(),
            name.to_lowercase().into(),
            format!("070009{number:05}").into(),
            "yes".into(),
            "no".into(),
            "yes".into(),
            "no".into(),
            false.into(),
            "employed".into(),
            1_i64.into(),
            referred.into(),
        ]);
        referrals.push(vec![
            referral.into(),
            reference.as_str().into(),
            made.programme.into(),
            made.team.into(),
            made.practice.into(),
            person.into(),
            "practice".into(),
            "accepted".into(),
            true.into(),
            none(),
            none(),
            agreed.into(),
            referred.into(),
            1_i64.into(),
        ]);
        cases.push(vec![
            case.into(),
            reference.as_str().into(),
            person.into(),
            referral.into(),
            made.programme.into(),
            made.team.into(),
            made.practice.into(),
            made.worker.into(),
            "in_support".into(),
            "1".into(),
            name.as_str().into(),
            name.to_lowercase().into(),
            referred.into(),
            agreed.into(),
            agreed.into(),
            agreed.into(),
            nothing_planned().into(),
            1_i64.into(),
            0_i64.into(),
            0_i64.into(),
            false.into(),
            1_i64.into(),
        ]);
        for kind in ["privacy_notice", "limits", "take_part", "contact"] {
            consents.push(vec![
                id(agreed).into(),
                case.into(),
                person.into(),
                kind.into(),
                "given".into(),
                "spoken".into(),
                made.worker.into(),
                agreed.into(),
            ]);
        }
        choices.push(vec![
            id(agreed).into(),
            case.into(),
            person.into(),
            "question".into(),
            "no".into(),
            "every_day".into(),
            0_i64.into(),
            24_i64.into(),
            "en".into(),
            made.worker.into(),
            agreed.into(),
        ]);
    }
    for (table, columns, rows) in [
        (
            "persons",
            "id,name,name_key,phone,safe_text,safe_voicemail,safe_say_who,safe_letter,interpreter,employment,version,made_at",
            persons,
        ),
        (
            "referrals",
            "id,reference,programme_id,team_id,practice_id,person_id,route,status,agreed,red_flags,findings,decided_at,sent_at,version",
            referrals,
        ),
        (
            "cases",
            "id,reference,person_id,referral_id,programme_id,team_id,practice_id,worker_id,status,step,person_name,name_key,referred_at,accepted_at,first_contact_at,last_contact_at,next_contact_at,contacts_done,tries_since,open_concerns,held,version",
            cases,
        ),
        (
            "consents",
            "id,case_id,person_id,kind,decision,mode,taken_by,taken_at",
            consents,
        ),
        (
            "message_choices",
            "id,case_id,person_id,says,safe_email,days,from_hour,until_hour,language,chosen_by,chosen_at",
            choices,
        ),
    ] {
        bulk.insert(table, columns, rows).await?;
    }
    let counted = vec![vec![
        made.team.into(),
        made.worker.into(),
        "in_support".into(),
        i64::try_from(people).unwrap_or(0).into(),
    ]];
    bulk.insert("case_counts", "team_id,worker_id,status,count", counted)
        .await?;
    bulk.finish().await?;
    let mut tx = app.write(&Actor::CommandLine).await?;
    tx.record(Entry::of(Event::DemoMade).detail(&people))
        .await?;
    tx.commit().await
}

async fn set_up(app: &App) -> Result<Made> {
    let mut tx = app.write(&Actor::CommandLine).await?;
    let today = tx.today();
    let region = organisations::region_named(&mut tx, "South Yorkshire").await?;
    let practice =
        organisations::add_practice(&mut tx, region, "Bench check-in practice", "Y97000", None)
            .await?;
    let team = organisations::add_team(&mut tx, "Bench provider", "Bench check-in team").await?;
    let parameters = Parameters {
        checkins: Settings {
            // One question each, so that what comes back can be counted.
            how_weeks: 0,
            ..Settings::default()
        },
        ..Parameters::default()
    };
    let programme = organisations::add_programme(
        &mut tx,
        team,
        "Bench check-ins",
        "bench-check-ins",
        &parameters,
    )
    .await?;
    organisations::cover_practice(&mut tx, programme, practice, today).await?;
    let new = NewAccount {
        email: "checkins@bench.example".to_owned(),
        name: "Bench Worker".to_owned(),
        role: Role::SupportWorker,
        scope: Scope::Team(team),
        // Nobody signs in with it.
        password_hash: "not-a-hash".to_owned(),
        must_change_password: true,
    };
    let worker = identity::add_account(&mut tx, new).await?;
    tx.commit().await?;
    Ok(Made {
        programme: programme.uuid(),
        team: team.uuid(),
        practice: practice.uuid(),
        worker: worker.uuid(),
    })
}
