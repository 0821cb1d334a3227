//! What the six stories that are told whole must show. Every number is counted by hand, with a calendar, from what `story.toml` says.

use std::collections::BTreeMap;

use chrono::{NaiveDate, TimeZone, Utc};

use super::*;
use crate::{
    features::{absence, caseload, checkin, fit_note, plan},
    platform::{
        db::{Reader, sql},
        web::Actor,
    },
    rules::{
        absence::{Basis, Calendar, Figures, Parameters, figures},
        checkin::{Kind, Mode, State as Stands},
        fit_note::Fitness,
        id::CaseId,
        plan::{
            ActionState,
            adjustment::State,
            snapshot::{Snapshot, differences},
        },
    },
};

fn d(y: i32, m: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(y, m, day).unwrap()
}

/// The demonstration as it is made on Saturday 21 November 2026 at 10:00. The Monday of its week is the 16th.
pub(super) async fn told() -> (tempfile::TempDir, App) {
    let folder = tempfile::tempdir().unwrap();
    let place = Place::File(folder.path().join("handrail.sqlite"));
    let db = Db::open(&place).await.unwrap();
    db.migrate().await.unwrap();
    let now = Utc.with_ymd_and_hms(2026, 11, 21, 10, 0, 0).unwrap();
    let random = Random::seeded(1);
    let keys = Keys::generate(&random);
    let config = Config {
        one_time_codes: false,
        ..Config::read(place, "127.0.0.1:0").unwrap()
    };
    let app = App::new(db, Clock::fixed(now), random, keys, config)
        .await
        .unwrap();
    service::first_time(&app, true).await.unwrap();
    tell_story(&app).await.unwrap();
    (folder, app)
}

pub(super) async fn case_of(tx: &mut Reader, name: &str) -> CaseId {
    let found = sql("SELECT cases.id AS id FROM cases JOIN persons ON persons.id = cases.person_id WHERE persons.name = ?").bind(name);
    tx.one(found).await.unwrap().get("id").unwrap()
}

/// What is counted of the days from one to another.
async fn counted(tx: &mut Reader, case: CaseId, from: NaiveDate, until: NaiveDate) -> Figures {
    let facts = absence::store::facts(tx, case).await.unwrap();
    let patterns = absence::store::patterns(tx, case).await.unwrap();
    let runs = absence::store::kept(tx, case, Basis::All).await.unwrap();
    let kinds = Basis::All.kinds();
    let all = Calendar::of_runs(&runs, &facts, &patterns, kinds, Parameters::default());
    figures(&all.window(&patterns, from, until))
}

async fn plan_of(tx: &mut Reader, case: CaseId) -> (Snapshot, i64) {
    plan::snapshot(tx, case).await.unwrap()
}

#[tokio::test]
async fn the_row_of_every_case_knows_which_parts_of_it_are_written() {
    let (_folder, app) = told().await;
    let mut tx = app.write(&Actor::CommandLine).await.unwrap();
    assert_eq!(caseload::rebuild_case_counters(&mut tx).await.unwrap(), []);
    // Ten parts, a bit each. Each of them is written somewhere here, or the line above would say nothing of it.
    let rows = tx.all(sql("SELECT DISTINCT written FROM cases")).await;
    let parts = rows
        .unwrap()
        .iter()
        .fold(0, |parts, row| parts | row.get::<i64>("written").unwrap());
    assert_eq!(parts, 0b11_1111_1111);
}

#[tokio::test]
async fn six_stories_are_told_whole_each_at_its_own_stage() {
    let (_folder, app) = told().await;
    let mut tx = app.read(&Actor::CommandLine).await.unwrap();
    let today = d(2026, 11, 21);
    let mut ids = BTreeMap::new();
    for name in [
        "Daniel Reid",
        "Tom Hadley",
        "Maya Okonkwo",
        "Joyce Turton",
        "Deborah Kettlewell",
        "Peter Lowe",
    ] {
        ids.insert(name, case_of(&mut tx, name).await);
    }

    // Daniel waits for his first assessment: nothing is written yet.
    let daniel = ids["Daniel Reid"];
    assert!(fit_note::current(&mut tx, daniel).await.unwrap().is_empty());
    assert!(
        plan::on_case(&mut tx, daniel)
            .await
            .unwrap()
            .card
            .is_empty()
    );

    // Tom has a first plan, and nobody has been asked anything of.
    let tom = plan_of(&mut tx, ids["Tom Hadley"]).await.0;
    assert!(!differences(&Snapshot::default(), &tom).is_empty());
    let card = plan::on_case(&mut tx, ids["Tom Hadley"])
        .await
        .unwrap()
        .card;
    assert_eq!(card.ask.len(), 1, "the walk was for three days ago");

    // Maya is in week 3 of 5. Off from 7 September, 75 days before today, to 1 November, the day before the return began: 24 days of September,
    // 31 of October, 1 of November. Then Tuesday 3 November and Saturday 14 November, on which she usually works and had no hours: 58.
    let maya = ids["Maya Okonkwo"];
    let f = counted(&mut tx, maya, d(2026, 9, 7), today).await;
    assert_eq!(f.calendar_days.all, 76);
    assert_eq!(f.calendar_days.off, 58);
    assert_eq!(f.first_return, Some(d(2026, 11, 2)));
    assert_eq!((f.relapse, f.sustained_return), (None, None));
    // Monday, Tuesday and Thursday of the 11 weeks from 7 September, and five Saturdays: 19 September, 3, 17 and 31 October, 14 November.
    // Off on 24 + 4 of them up to 1 November, and on the two above. Five part-days of 4 of 7 hours: 2, 5, 9, 10 and 12 November.
    // Nobody has said yet how 16, 17 and 19 November were: they are not known.
    let w = f.working_days.unwrap();
    assert_eq!(
        (w.expected, w.off_whole, w.part, w.not_known),
        (38, 30, 5, 3)
    );
    let notes = fit_note::current(&mut tx, maya).await.unwrap();
    let mut covered: Vec<_> = notes.iter().map(|n| (n.from_on, n.until_on)).collect();
    covered.sort();
    assert_eq!(
        covered,
        [
            (d(2026, 9, 14), Some(d(2026, 10, 11))),
            // Seen again on the 7th: 7 to 11 October stand on two notes.
            (d(2026, 10, 7), Some(d(2026, 11, 1))),
            (d(2026, 11, 2), Some(d(2026, 12, 9))),
        ]
    );
    assert_eq!(
        notes
            .iter()
            .filter(|n| n.statement.fitness == Fitness::MayBeFit)
            .count(),
        1
    );
    let (plan, _) = plan_of(&mut tx, maya).await;
    let way_back = plan.graded_return.as_ref().unwrap();
    assert_eq!(way_back.starts_on, Some(d(2026, 11, 2)));
    let hours: Vec<_> = way_back
        .weeks
        .iter()
        .map(|week| week.minutes().unwrap() / 60)
        .collect();
    assert_eq!(hours, [8, 12, 16, 20, 24], "as Maya chose them");
    let states: Vec<_> = plan.adjustments.iter().map(|a| a.state).collect();
    assert!(states.contains(&State::InPlace) && states.contains(&State::AgreesToAsk));
    assert!(plan.actions.iter().any(|a| a.state == ActionState::TakenUp));

    // Joyce went back on Tuesday 27 October for two mornings a week, and is off again since Thursday 5 November.
    let joyce = ids["Joyce Turton"];
    let f = counted(&mut tx, joyce, d(2026, 9, 2), today).await;
    assert_eq!(f.first_return, Some(d(2026, 10, 27)));
    assert_eq!(f.relapse, Some(d(2026, 11, 5)));
    assert_eq!(f.sustained_return, None);

    // Deborah's way back began on Monday 20 July and she has worked her usual hours since 3 August.
    let deborah = ids["Deborah Kettlewell"];
    let f = counted(&mut tx, deborah, d(2026, 5, 15), d(2026, 10, 3)).await;
    assert_eq!(f.first_return, Some(d(2026, 7, 20)));
    assert_eq!(f.sustained_return, Some(d(2026, 8, 3)));
    assert_eq!(f.relapse, None);

    // Peter has no date yet, and his plan is agreed all the same.
    let peter = ids["Peter Lowe"];
    let card = plan::on_case(&mut tx, peter).await.unwrap().card;
    let lines = card.lines.join(" ");
    assert!(lines.contains("No date to go back yet, and that is fine."));
    assert!(lines.contains("Version 1 agreed"));
    let f = counted(&mut tx, peter, d(2026, 8, 17), today).await;
    // Off since 17 August, 96 days before today: 15 + 30 + 31 + 21.
    assert_eq!((f.calendar_days.off, f.calendar_days.all), (97, 97));
    assert_eq!(f.first_return, None);
}

#[tokio::test]
async fn every_nhs_number_is_one_that_nobody_has() {
    let (_folder, app) = told().await;
    let of = "SELECT (SELECT COUNT(*) FROM persons WHERE nhs_number IS NOT NULL) AS known, (SELECT COUNT(*) FROM persons WHERE nhs_number NOT LIKE '999%') AS others";
    let row = &app.db.look(sql(of)).await.unwrap()[0];
    assert!(row.get::<i64>("known").unwrap() > 20);
    assert_eq!(row.get::<i64>("others").unwrap(), 0);
    // Ten digits in the export that comes with it are such a number, however it is written, or a telephone number for drama that lost its nought.
    let export = String::from_utf8_lossy(include_bytes!("caseload.csv")).into_owned();
    let digits = |field: &str| {
        field
            .chars()
            .filter(char::is_ascii_digit)
            .collect::<String>()
    };
    let numbers: Vec<String> = export
        .split([',', ';', '\n'])
        .map(digits)
        .filter(|d| d.len() == 10)
        .collect();
    assert!(numbers.len() > 100, "{}", numbers.len());
    for number in numbers {
        assert!(
            number.starts_with("999") || number.starts_with("7700900"),
            "{number}"
        );
    }
}

#[tokio::test]
async fn some_check_ins_were_answered_one_waits_for_a_person_and_some_for_an_answer() {
    let (_folder, app) = told().await;
    let mut tx = app.read(&Actor::CommandLine).await.unwrap();
    let mut newest = vec![];
    for (name, kind) in [
        ("Maya Okonkwo", Kind::DaysOff),
        ("Maya Okonkwo", Kind::HowThingsAre),
        ("Tom Hadley", Kind::DaysOff),
        ("Aisha Rahman", Kind::HowThingsAre),
        ("Peter Lowe", Kind::DaysOff),
        ("Siân O'Néill-Jones", Kind::DaysOff),
        ("Deborah Kettlewell", Kind::Afterwards),
    ] {
        let case = case_of(&mut tx, name).await;
        let all = checkin::of_case(&mut tx, case).await.unwrap();
        let found = all.iter().find(|k| k.kind == kind).unwrap();
        let by = found.answer().map(|answer| answer.mode);
        newest.push((found.state, by));
    }
    assert_eq!(
        newest,
        [
            (Stands::Answered, Some(Mode::Text)),
            (Stands::Answered, Some(Mode::Online)),
            (Stands::ForAPerson, None),
            (Stands::Answered, Some(Mode::Online)),
            (Stands::Asked, None),
            (Stands::Asked, None),
            (Stands::Answered, Some(Mode::Online)),
        ]
    );
    // What Aisha said of being pushed stands with complaints and harms.
    let pushed = sql("SELECT id FROM complaints WHERE kind = 'pushed' AND recorded_by IS NULL");
    assert_eq!(tx.all(pushed).await.unwrap().len(), 1);
}
