//! Tells the story: every act through the command that a page would call, by the account that would press the button, at its own time.

use std::{collections::HashMap, sync::Arc};

use chrono::{DateTime, Duration, NaiveTime, Utc};

use super::{
    acts::{Act, acts_of},
    assess, checkins, documents, messages, notes, plans,
    story::{Contact, Person, Story, ago},
    time_off,
};
use crate::{
    app::App,
    features::{
        caseload::{self, store as cases},
        consent, contact,
        identity::{self, NewAccount, password},
        organisation::store as organisations,
        person, portal, questionnaire,
        referral::{self, NewReferral},
        safety,
    },
    platform::{
        Error, Result,
        clock::{day_of, instant},
        db::WriteTx,
        web::{Account, Actor},
    },
    rules::{
        consent::Decision,
        contact::Mode,
        day,
        id::{
            AccountId, CaseId, CheckinId, ConcernId, DocumentId, PracticeId, ProgrammeId,
            ReferralId,
        },
        nhs_number::NhsNumber,
        organisation::{Parameters, Route},
        permission::{Action, Role, Scope},
        portal::folded_word,
    },
};

/// Who acts, and on what, while the story is told.
struct Teller<'a> {
    app: &'a App,
    now: DateTime<Utc>,
    accounts: HashMap<String, Actor>,
    practices: HashMap<String, PracticeId>,
    programme: ProgrammeId,
    referrals: HashMap<usize, ReferralId>,
    cases: HashMap<usize, CaseId>,
    concerns: HashMap<usize, ConcernId>,
    plans: HashMap<usize, plans::Kept>,
    /// Of the word that everybody of the story chose for their own pages.
    word_hash: String,
    documents: HashMap<(usize, usize), DocumentId>,
    checkins: HashMap<(usize, usize), CheckinId>,
}

/// Makes the organisations, the accounts and the people of the story.
pub async fn tell(app: &App, story: &Story, now: DateTime<Utc>, password: &str) -> Result<()> {
    let mut teller = Teller::begin(app, story, now, password).await?;
    let mut acts: Vec<(DateTime<Utc>, usize, Act)> = story
        .people
        .iter()
        .enumerate()
        .flat_map(|(n, p)| {
            acts_of(p, now)
                .into_iter()
                .map(move |(at, act)| (at, n, act))
        })
        .collect();
    acts.sort_by_key(|(at, n, _)| (*at, *n));
    for (at, n, act) in acts {
        app.clock.set(at);
        let person = &story.people[n];
        teller
            .act(n, person, act)
            .await
            .map_err(|e| Error::Internal(format!("the story of {}: {e}", person.name)))?;
    }
    app.clock.set(now);
    for (n, person) in story.people.iter().enumerate() {
        if let (Some((says, text)), Some(case)) = (messages::of(&person.name), teller.cases.get(&n))
        {
            let told = messages::Told {
                case: *case,
                says,
                text,
            };
            messages::tell(app, &teller.worker(person), &told).await?;
        }
    }
    messages::hear_nobody_known(app).await?;
    teller.plan_leave().await
}

impl<'a> Teller<'a> {
    /// Organisations, the programme and everybody who works in it, a year before the first act.
    async fn begin(
        app: &'a App,
        story: &Story,
        now: DateTime<Utc>,
        password: &str,
    ) -> Result<Self> {
        let hash = password::hash(&app.random, password.to_owned()).await?;
        let word_hash = password::hash(&app.random, folded_word(super::WORD)).await?;
        app.clock.set(now - Duration::days(365));
        let mut tx = app.write(&Actor::CommandLine).await?;
        let service = &story.service;
        let region = organisations::region_named(&mut tx, &service.region).await?;
        let team = organisations::add_team(&mut tx, &service.provider, &service.team).await?;
        let programme = organisations::add_programme(
            &mut tx,
            team,
            &service.programme,
            &service.slug,
            &Parameters {
                letterhead: service.letterhead.clone(),
                ..Parameters::default()
            },
        )
        .await?;
        let from = tx.today();
        let mut practices = HashMap::new();
        for practice in &story.practices {
            let id = organisations::add_practice(
                &mut tx,
                region,
                &practice.name,
                &practice.ods_code,
                Some(&practice.phone),
            )
            .await?;
            organisations::cover_practice(&mut tx, programme, id, from).await?;
            practices.insert(practice.key.clone(), id);
        }
        let mut accounts = HashMap::new();
        for account in &story.accounts {
            let scope = match (account.role, &account.practice) {
                (Role::SupportWorker | Role::Mentor, _) => Scope::Team(team),
                (Role::PracticeStaff, Some(key)) => Scope::Practice(practices[key]),
                (Role::PracticeStaff, None) => {
                    return Err(Error::internal(
                        "practice staff without a practice in the story",
                    ));
                }
                (Role::ProgrammeManager, _) => Scope::Region(region),
                (Role::Administrator, _) => Scope::All,
            };
            let new = NewAccount {
                email: account.email.clone(),
                name: account.name.clone(),
                role: account.role,
                scope,
                password_hash: hash.clone(),
                must_change_password: false,
            };
            let id = identity::add_account(&mut tx, new).await?;
            accounts.insert(
                account.key.clone(),
                actor(id, account.name.clone(), account.role, scope),
            );
        }
        // Leila is asked first when something is not safe, then whoever of the team is there.
        let on_duty: Vec<AccountId> = ["leila", "tom", "priya"]
            .iter()
            .filter_map(|key| accounts.get(*key)?.account_id())
            .collect();
        safety::set_rota(&mut tx, programme, &on_duty).await?;
        tx.commit().await?;
        Ok(Self {
            app,
            now,
            accounts,
            practices,
            programme,
            referrals: HashMap::new(),
            cases: HashMap::new(),
            concerns: HashMap::new(),
            plans: HashMap::new(),
            word_hash,
            documents: HashMap::new(),
            checkins: HashMap::new(),
        })
    }

    /// Priya is away when others cover for her.
    async fn plan_leave(&self) -> Result<()> {
        let priya = self.by("priya");
        let today = day_of(self.now);
        let mut tx = self.app.write(&priya).await?;
        if let Some(id) = priya.account_id() {
            caseload::set_leave(&mut tx, id, ago(today, -17), ago(today, -21)).await?;
        }
        tx.commit().await
    }

    fn by(&self, key: &str) -> Actor {
        self.accounts
            .get(key)
            .cloned()
            .unwrap_or(Actor::Public(None))
    }

    /// The worker of somebody, or the mentor where nobody works with them yet.
    fn worker(&self, person: &Person) -> Actor {
        self.by(person.worker.as_deref().unwrap_or("leila"))
    }

    async fn act(&mut self, n: usize, person: &Person, act: Act<'_>) -> Result<()> {
        // These act as more than one: the service asks, and the person answers.
        match act {
            Act::AskCheckin(told, place) => {
                let id = checkins::ask(self.app, self.cases[&n], told).await?;
                self.checkins.insert((n, place), id);
                return Ok(());
            }
            Act::AnswerCheckin(told, place) => {
                let (case, id) = (self.cases[&n], self.checkins[&(n, place)]);
                return checkins::answer(self.app, &self.worker(person), case, id, told).await;
            }
            Act::OfDocument(told, place, act) if act.is_recipients() => {
                let mut tx = self.app.write(&Actor::Public(None)).await?;
                let id = self.documents[&(n, place)];
                documents::act(&mut tx, self.cases[&n], told, id, act).await?;
                return tx.commit().await;
            }
            _ => {}
        }
        let actor = match &act {
            Act::Refer => self.by(person.sender.as_deref().unwrap_or_default()),
            Act::Withdraw => self.by(person
                .sender
                .as_deref()
                .filter(|s| self.accounts.contains_key(*s))
                .unwrap_or("adeyemi")),
            Act::Decline | Act::Acknowledge | Act::CloseConcern => self.by("leila"),
            _ => self.worker(person),
        };
        let mut tx = self.app.write(&actor).await?;
        match act {
            Act::Refer => self.refer(&mut tx, n, person).await?,
            Act::Decline => {
                let referral = referral::store::find_for(
                    &mut tx,
                    Action::DecideReferral,
                    self.referrals[&n],
                    None,
                )
                .await?;
                let decline = person.decline.as_ref().ok_or(Error::NotFound)?;
                let about = referral.id;
                referral::decline_referral(&mut tx, referral, decline.reason, decline.note.clone())
                    .await?;
                // Care comes first: whoever is on duty sees to a red flag before the referral is put aside.
                for concern in safety::open_of_referral(&mut tx, about).await? {
                    safety::acknowledge_concern(&mut tx, concern).await?;
                    let reason = crate::rules::safety::CloseReason::HandedToCare;
                    safety::close_concern(&mut tx, concern, reason, decline.note.clone()).await?;
                }
            }
            Act::Withdraw => {
                let referral = referral::store::find_for(
                    &mut tx,
                    Action::ChangeSentReferral,
                    self.referrals[&n],
                    None,
                )
                .await?;
                referral::withdraw_referral(&mut tx, referral).await?;
            }
            Act::Accept => {
                let referral = referral::store::find_for(
                    &mut tx,
                    Action::DecideReferral,
                    self.referrals[&n],
                    None,
                )
                .await?;
                let worker = person
                    .worker
                    .as_deref()
                    .and_then(|w| self.accounts[w].account_id());
                self.cases.insert(
                    n,
                    referral::accept_referral(&mut tx, referral, worker).await?,
                );
            }
            other => self.on_case(&mut tx, n, person, other).await?,
        }
        tx.commit().await
    }

    async fn refer(&mut self, tx: &mut WriteTx, n: usize, person: &Person) -> Result<()> {
        let programme = organisations::programme(tx, self.programme).await?;
        let employer_id = match &person.employer {
            Some(name) => Some(organisations::employer_named(tx, name).await?),
            None => None,
        };
        let told = person::Person {
            known_as: person.known_as.clone(),
            born_on: day::read_date(&person.born, tx.today()),
            // The second record of somebody who stands twice came without a number, as self-referrals do.
            nhs_number: NhsNumber::fictional(u32::try_from(n).unwrap_or(0) * 7 + 100_000)
                .filter(|_| person.route == Route::Practice),
            phone: Some(person.phone.clone()),
            email: person.email.clone(),
            address: person.address.clone(),
            postcode: person.postcode.clone(),
            preferred_way: Some(person.preferred_way),
            preferred_time: person.preferred_time.clone(),
            safe: person.safe.clone(),
            language: person.language.clone(),
            interpreter: person.interpreter,
            access_needs: person.access_needs.clone(),
            employment: person.employment,
            job: person.job.clone(),
            employer_id,
            days_a_week: person.days_a_week.clone(),
            hours_a_week: person.hours_a_week,
            ..person::Person::new(tx.new_id(), person.name.clone())
        };
        let today = day_of(self.now);
        let note_until = person
            .fit_note_days_left
            .map(|days| ago(today, -days))
            .or_else(|| notes::shown_by(&person.fit_notes, tx.today(), today));
        let stranger = tx.actor().account_id().is_none();
        let new = NewReferral {
            route: person.route,
            practice: Some(self.practices[&person.practice]),
            person: told,
            sender_name: person.sender.clone().filter(|_| stranger),
            sender_role: None,
            agreed: true,
            reason: Some(person.reason.clone()),
            absent_since: person.absent_days.map(|days| ago(today, days)),
            fit_note: Some(note_until.is_some()),
            fit_note_until_on: note_until,
            red_flags: person.red_flags.clone(),
            red_flags_confirmed_by: None,
        };
        let (id, _) = referral::send_referral(tx, &programme, new).await?;
        self.referrals.insert(n, id);
        Ok(())
    }

    async fn on_case(
        &mut self,
        tx: &mut WriteTx,
        n: usize,
        person: &Person,
        act: Act<'_>,
    ) -> Result<()> {
        let id = self.cases[&n];
        let today = day_of(self.now);
        let found = async |tx: &mut WriteTx, action| cases::find_for(tx, action, id, None).await;
        match act {
            Act::Consent => {
                let case = found(tx, Action::RecordConsent).await?;
                let given = person.consents.iter().map(|kind| (*kind, Decision::Given));
                let refused = person.refused.iter().map(|kind| (*kind, Decision::Refused));
                let new = consent::NewConsent {
                    mode: crate::rules::consent::Mode::Spoken,
                    note: None,
                    at: None,
                    answers: given.chain(refused).collect(),
                };
                consent::record_consent(tx, &case, new).await?;
                portal::set_portal_word(tx, &case, self.word_hash.clone()).await?;
            }
            Act::Ask(asked) => {
                let case = found(tx, Action::FillInQuestionnaire).await?;
                questionnaire::record_answers(tx, &case, &asked.what, asked.mode, &asked.answers)
                    .await?;
            }
            Act::Contact(contact, last) => {
                let case = found(tx, Action::RecordContact).await?;
                let next = if last { self.next(person) } else { None };
                contact::record_contact(tx, case, new_contact(contact, tx.now(), next)).await?;
            }
            Act::PlanContact => {
                let case = found(tx, Action::PlanContact).await?;
                if let Some(plan) = self.next(person) {
                    contact::plan_contact(tx, case, contact::NewDay { plan, moved: None }).await?;
                }
            }
            Act::Assess(told) => {
                let case = found(tx, Action::RecordContact).await?;
                assess::assess(tx, &case, told).await?;
            }
            Act::Review(words, review) => {
                let case = found(tx, Action::RecordContact).await?;
                assess::review(tx, &case, words, review).await?;
            }
            Act::FitNote(note) => {
                let case = found(tx, Action::RecordFitNote).await?;
                notes::record(tx, &case, note, today).await?;
            }
            Act::Pattern(pattern) => {
                let case = found(tx, Action::RecordAbsence).await?;
                time_off::set_pattern(tx, &case, pattern, today).await?;
            }
            Act::TimeOff(told) => {
                let case = found(tx, Action::RecordAbsence).await?;
                time_off::tell(tx, &case, told, today).await?;
            }
            Act::OfPlan(act) => {
                let case = found(tx, Action::WritePlan).await?;
                let kept = self.plans.entry(n).or_default();
                plans::act(tx, &case, kept, act, today).await?;
            }
            Act::OfDocument(told, place, act) => {
                let case = found(tx, Action::PrepareDocument).await?;
                if let Some(id) = self.documents.get(&(n, place)) {
                    documents::act(tx, case.id, told, *id, act).await?;
                } else {
                    let id = documents::prepare(tx, &case, told).await?;
                    self.documents.insert((n, place), id);
                }
            }
            Act::Step(step) => {
                let case = found(tx, Action::ChangeStep).await?;
                caseload::change_step(tx, case, step.to, &step.reason).await?;
            }
            Act::Raise(concern) => {
                let case = found(tx, Action::RaiseConcern).await?;
                self.concerns.insert(
                    n,
                    safety::raise_concern(tx, &case, concern.kind, concern.what.clone(), None)
                        .await?,
                );
            }
            Act::Acknowledge => safety::acknowledge_concern(tx, self.concerns[&n]).await?,
            Act::CloseConcern => {
                let note = Some("Spoke with the person and their GP practice. There is a plan, and they know whom to call.".to_owned());
                safety::close_concern(
                    tx,
                    self.concerns[&n],
                    crate::rules::safety::CloseReason::SafeNow,
                    note,
                )
                .await?;
            }
            Act::Complain => {
                let case = found(tx, Action::RecordComplaint).await?;
                if let Some(complaint) = &person.complaint {
                    let about = case.worker_id;
                    safety::record_complaint(
                        tx,
                        &case,
                        complaint.kind,
                        complaint.words.clone(),
                        about,
                        complaint.worker_may_see,
                    )
                    .await?;
                }
            }
            Act::HandOver => {
                let case = found(tx, Action::SeeCase).await?;
                if let (Some(h), Some(from)) = (&person.handover, case.worker_id) {
                    let new = caseload::NewHandover {
                        from,
                        to: self.accounts[&h.to].account_id().ok_or(Error::NotFound)?,
                        from_on: ago(today, -h.from_in_days),
                        until_on: ago(today, -h.until_in_days),
                        reason: Some(h.reason.clone()),
                        cases: vec![id],
                    };
                    let batch = tx.new_id();
                    caseload::hand_over(tx, batch, &new).await?;
                }
            }
            Act::Close => {
                let case = found(tx, Action::CloseCase).await?;
                if let Some(c) = &person.closure {
                    let closure = caseload::Closure {
                        reason: c.reason,
                        work_status: c.work_status,
                        what_helped: c.what_helped.clone(),
                        note: c.note.clone(),
                    };
                    caseload::close_case(tx, case, closure).await?;
                }
            }
            Act::Refer
            | Act::Decline
            | Act::Withdraw
            | Act::Accept
            | Act::AskCheckin(..)
            | Act::AnswerCheckin(..) => {}
        }
        Ok(())
    }

    /// What is planned next, as the story says.
    fn next(&self, person: &Person) -> Option<contact::NewPlan> {
        // The part of a day is a part of the working day, nine to five, on the quarter of an hour, as people plan.
        let days = person.next_contact_in_days?;
        let quarter = ((days - days.floor()) * 32.0).round() as u32;
        let time = NaiveTime::from_hms_opt(9 + quarter / 4, quarter % 4 * 15, 0)?;
        let at = instant(ago(day_of(self.now), -(days.floor() as i64)), time);
        Some(contact::NewPlan {
            at,
            mode: Mode::Phone,
            purpose: person.next_purpose.clone(),
        })
    }
}

fn new_contact(
    told: &Contact,
    at: DateTime<Utc>,
    next: Option<contact::NewPlan>,
) -> contact::NewContact {
    contact::NewContact {
        outcome: told.outcome,
        mode: told.mode,
        with_whom: crate::rules::contact::With::Person,
        planned_at: None,
        started_at: at,
        minutes: told.minutes,
        admin_minutes: None,
        work_status: told.work_status,
        work_since_on: None,
        targets: told.targets.clone(),
        processes: told.processes.clone(),
        readings: told.readings.clone(),
        next_step: told.next_step.clone(),
        next,
        shared_note: told.shared.clone(),
        working_note: told.working.clone(),
    }
}

fn actor(id: AccountId, name: String, role: Role, scope: Scope) -> Actor {
    Actor::Account(Arc::new(Account {
        id,
        name,
        role,
        scope,
        request_id: None,
        idle_minutes: 30,
        ends_in_minutes: 720,
        notice: None,
    }))
}
