//! The people of the tests. Priya and Tom are support workers of one team, Leila is their mentor, Ruth is a GP at Elm Street, Amir at Mill Lane;
//! Nobody in another team knows any of them.

use std::{collections::HashMap, sync::Arc};

use axum::Router;
use chrono::{DateTime, TimeZone, Utc};
use handrail::{
    app::{self, App},
    config::Config,
    features::{
        caseload::store::{self as cases},
        identity::{self, NewAccount},
        organisation::store as organisations,
        person::Person,
        referral::{self, NewReferral},
    },
    platform::{
        clock::Clock,
        db::{Db, WriteTx, sql},
        drafts,
        keys::Keys,
        random::Random,
        web::{Account, Actor},
    },
    rules::{
        id::{AccountId, CaseId, PracticeId, ProgrammeId, ReferralId, TeamId},
        organisation::{Parameters, Route},
        permission::{Action, Role, Scope},
        person::Employment,
    },
};

use super::{
    Browser,
    database::{Fresh, fresh},
};

/// A running service with the story's people in it. It is Friday 20 November 2026, 09:00.
pub struct TestApp {
    pub app: App,
    pub clock: Clock,
    pub router: Router,
    accounts: HashMap<&'static str, AccountId>,
    pub elm: PracticeId,
    pub mill: PracticeId,
    pub team: TeamId,
    pub programme: ProgrammeId,
    pub database: Fresh,
}

/// A hash of "correct horse battery" with few rounds: signing in is tested on its own.
const PASSWORD_HASH: &str = "not-a-hash";

impl TestApp {
    pub async fn new() -> Self {
        Self::with(|_| {}).await
    }

    /// A service whose programme has other parameters.
    pub async fn with(change: impl FnOnce(&mut Parameters)) -> Self {
        Self::on(fresh().await, change).await
    }

    /// A service with other settings.
    pub async fn configured(change: impl FnOnce(&mut Config, &Clock)) -> Self {
        Self::made(fresh().await, |_| {}, change).await
    }

    /// A service on a migrated database of the test's own.
    pub async fn on(database: Fresh, change: impl FnOnce(&mut Parameters)) -> Self {
        Self::made(database, change, |_, _| {}).await
    }

    async fn made(
        database: Fresh,
        change: impl FnOnce(&mut Parameters),
        configure: impl FnOnce(&mut Config, &Clock),
    ) -> Self {
        let db = Db::open(&database.place).await.unwrap();
        let clock = Clock::fixed(Utc.with_ymd_and_hms(2026, 11, 20, 9, 0, 0).unwrap());
        let random = Random::seeded(7);
        let keys = Keys::generate(&random);
        let mut config = Config {
            one_time_codes: false,
            ..Config::read(database.place.clone(), "127.0.0.1:0").unwrap()
        };
        configure(&mut config, &clock);
        let app = App::new(db, clock.clone(), random, keys, config)
            .await
            .unwrap();
        handrail::commands::first_time(&app, false).await.unwrap();

        let mut tx = app.write(&Actor::CommandLine).await.unwrap();
        let region = organisations::region_named(&mut tx, "South Yorkshire")
            .await
            .unwrap();
        let elm =
            organisations::add_practice(&mut tx, region, "Elm Street Surgery", "Y99001", None)
                .await
                .unwrap();
        let mill =
            organisations::add_practice(&mut tx, region, "Mill Lane Practice", "Y99002", None)
                .await
                .unwrap();
        let team = organisations::add_team(&mut tx, "Steady Ground", "South Yorkshire team")
            .await
            .unwrap();
        let other = organisations::add_team(&mut tx, "Elsewhere", "Other team")
            .await
            .unwrap();
        let mut parameters = Parameters::default();
        change(&mut parameters);
        let programme = organisations::add_programme(
            &mut tx,
            team,
            "Work and health, South Yorkshire",
            "south-yorkshire",
            &parameters,
        )
        .await
        .unwrap();
        let today = tx.today();
        for practice in [elm, mill] {
            organisations::cover_practice(&mut tx, programme, practice, today)
                .await
                .unwrap();
        }
        let mut accounts = HashMap::new();
        for (name, full, role, scope) in [
            (
                "priya",
                "Priya Nair",
                Role::SupportWorker,
                Scope::Team(team),
            ),
            (
                "tom",
                "Tom Whitaker",
                Role::SupportWorker,
                Scope::Team(team),
            ),
            ("leila", "Leila Haddad", Role::Mentor, Scope::Team(team)),
            (
                "ruth",
                "Dr Ruth Adeyemi",
                Role::PracticeStaff,
                Scope::Practice(elm),
            ),
            (
                "amir",
                "Dr Amir Khan",
                Role::PracticeStaff,
                Scope::Practice(mill),
            ),
            (
                "marta",
                "Marta Kowalska",
                Role::ProgrammeManager,
                Scope::Region(region),
            ),
            ("ines", "Ines Duarte", Role::Administrator, Scope::All),
            (
                "nobody",
                "Noel Body",
                Role::SupportWorker,
                Scope::Team(other),
            ),
        ] {
            let new = NewAccount {
                email: format!("{name}@handrail.example"),
                name: full.to_owned(),
                role,
                scope,
                password_hash: PASSWORD_HASH.to_owned(),
                must_change_password: false,
            };
            accounts.insert(name, identity::add_account(&mut tx, new).await.unwrap());
        }
        tx.commit().await.unwrap();
        let router = app::service(&app);
        Self {
            app,
            clock,
            router,
            accounts,
            elm,
            mill,
            team,
            programme,
            database,
        }
    }

    pub fn id(&self, who: &str) -> AccountId {
        self.accounts[who]
    }

    /// A browser that nobody is signed in with.
    pub fn stranger(&self) -> Browser {
        Browser::new(self.router.clone())
    }

    /// A browser that one of the story's people is signed in with.
    pub async fn browser(&self, who: &str) -> Browser {
        let mut tx = self.app.housekeeping(&Actor::System("test")).await.unwrap();
        let token = identity::start_session(&mut tx, self.id(who), true)
            .await
            .unwrap();
        tx.commit().await.unwrap();
        self.stranger()
            .with_cookie(&identity::set_cookie(&self.app, &token))
    }

    /// One of the story's people, for calling commands.
    pub async fn actor(&self, who: &str) -> Actor {
        let rows = self
            .app
            .db
            .look(
                sql("SELECT name, role, scope_kind, scope_id FROM accounts WHERE id = ?")
                    .bind(self.id(who)),
            )
            .await
            .unwrap();
        Actor::Account(Arc::new(Account {
            id: self.id(who),
            name: rows[0].get("name").unwrap(),
            role: rows[0].choice("role").unwrap(),
            scope: identity::store::scope(&rows[0]).unwrap(),
            request_id: None,
            idle_minutes: 30,
            ends_in_minutes: 720,
            notice: None,
        }))
    }

    pub async fn write(&self, who: &str) -> WriteTx {
        self.app.write(&self.actor(who).await).await.unwrap()
    }

    /// The draft of a page that somebody might have open.
    pub async fn draft(&self, who: &str) -> String {
        let tx = self.app.read(&self.actor(who).await).await.unwrap();
        drafts::new_id(&tx).to_string()
    }

    /// Somebody else of the service, for the tests that need one more.
    pub async fn add(&mut self, name: &'static str, full: &str, role: Role, team: TeamId) {
        let mut tx = self.write("ines").await;
        let new = NewAccount {
            email: format!("{name}@handrail.example"),
            name: full.to_owned(),
            role,
            scope: Scope::Team(team),
            password_hash: PASSWORD_HASH.to_owned(),
            must_change_password: false,
        };
        let id = identity::add_account(&mut tx, new).await.unwrap();
        tx.commit().await.unwrap();
        self.accounts.insert(name, id);
    }

    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// Ruth refers somebody from Elm Street. They are off work since 16 October.
    pub async fn referral(&self, name: &str) -> ReferralId {
        let tx = self.write("ruth").await;
        self.referred(tx, Route::Practice, name).await
    }

    /// Somebody who asked for support themselves, and named their practice.
    pub async fn self_referral(&self, name: &str) -> ReferralId {
        let tx = self.app.write(&Actor::Public(None)).await;
        self.referred(tx.unwrap(), Route::SelfReferral, name).await
    }

    async fn referred(&self, mut tx: WriteTx, route: Route, name: &str) -> ReferralId {
        let programme = organisations::programme(&mut tx, self.programme)
            .await
            .unwrap();
        let person = Person {
            phone: Some("07700 900123".to_owned()),
            born_on: chrono::NaiveDate::from_ymd_opt(1984, 3, 2),
            employment: Employment::Employed,
            job: Some("Care home assistant".to_owned()),
            ..Person::new(tx.new_id(), name.to_owned())
        };
        let new = NewReferral {
            route,
            practice: Some(self.elm),
            person,
            sender_name: None,
            sender_role: None,
            agreed: true,
            reason: Some("Struggling with the thought of going back".to_owned()),
            absent_since: chrono::NaiveDate::from_ymd_opt(2026, 10, 16),
            fit_note: Some(true),
            fit_note_until_on: chrono::NaiveDate::from_ymd_opt(2026, 12, 4),
            red_flags: vec![],
            red_flags_confirmed_by: None,
        };
        let (id, _) = referral::send_referral(&mut tx, &programme, new)
            .await
            .unwrap();
        tx.commit().await.unwrap();
        id
    }

    /// Somebody whom a worker has accepted: waiting for a first contact.
    pub async fn case(&self, name: &str, worker: &str) -> CaseId {
        let id = self.referral(name).await;
        let mut tx = self.write(worker).await;
        let referral = referral::store::find_for(&mut tx, Action::DecideReferral, id, None)
            .await
            .unwrap();
        let case = referral::accept_referral(&mut tx, referral, Some(self.id(worker)))
            .await
            .unwrap();
        tx.commit().await.unwrap();
        case
    }

    /// A case as the store has it.
    pub async fn stored_case(&self, id: CaseId) -> cases::Case {
        let mut tx = self.app.read(&self.actor("leila").await).await.unwrap();
        cases::find_for(&mut tx, Action::SeeCase, id, None)
            .await
            .unwrap()
            .clone()
    }

    /// Runs everything that is due now, recurring work too, and says how many jobs that was.
    pub async fn run_jobs(&self) -> usize {
        handrail::jobs::ensure_recurring(&self.app).await.unwrap();
        handrail::jobs::run_due(&self.app).await.unwrap()
    }

    /// The number of rows that a condition finds.
    pub async fn count(&self, table_and_condition: &'static str) -> i64 {
        let rows = self
            .app
            .db
            .look(sql("SELECT COUNT(*) AS n FROM ").and(table_and_condition))
            .await
            .unwrap();
        rows[0].get("n").unwrap()
    }
}

/// The names of the newest audit events in the order of the alphabet, where their order is no promise.
pub async fn event_names_of_one_moment(app: &TestApp, most: i64) -> Vec<String> {
    let mut names = event_names(app, most).await;
    names.sort();
    names
}

/// The names of the newest audit events, newest first. The story's own come before them.
pub async fn event_names(app: &TestApp, most: i64) -> Vec<String> {
    let rows = app
        .app
        .db
        .look(sql("SELECT name FROM audit_events ORDER BY xid DESC, id DESC LIMIT ?").bind(most))
        .await
        .unwrap();
    rows.iter().map(|row| row.get("name").unwrap()).collect()
}
