//! Bringing in an earlier system's caseload.

use std::path::Path;

use handrail::{
    commands::import::{Options, Outcome, RowResult, Table, import_cases, read_table},
    features::{caseload, organisation::store as organisations},
    platform::web::Actor,
    rules::import::Mapping,
};
use indicatif::ProgressBar;

use crate::{platform::tamper, support::TestApp};

const MAPPING: &str = r#"
source = "old"
programme = "south-yorkshire"
[columns]
key = "Ref"
name = "Name"
born_on = "DOB"
nhs_number = "NHS"
phone = "Tel"
practice = "Surgery"
worker = "Worker"
status = "Status"
notes = "Notes"
close_reason = "Outcome"
closed_on = "Closed"
[status]
"open" = "in_support"
"waiting" = "waiting"
"closed" = "closed"
[close_reason]
"goals met" = "goals_met"
[practice]
"elm" = "Y99001"
[worker]
"pn" = "priya@handrail.example"
"#;

const HEAD: &str = "Ref,Name,DOB,NHS,Tel,Surgery,Worker,Status,Notes,Outcome,Closed\n";

fn table(text: &[u8]) -> Table {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("cases.csv");
    std::fs::write(&file, text).unwrap();
    read_table(&file).unwrap()
}

fn mapping() -> Mapping {
    toml::from_str::<Mapping>(MAPPING)
        .unwrap()
        .checked()
        .unwrap()
}

fn applied() -> Options {
    Options {
        apply: true,
        ..Options::default()
    }
}

async fn run(app: &TestApp, rows: &str, options: &Options) -> Vec<RowResult> {
    let table = table(format!("{HEAD}{rows}").as_bytes());
    import_cases(
        &app.app,
        &table,
        &mapping(),
        options,
        &ProgressBar::hidden(),
    )
    .await
    .unwrap()
}

fn outcomes(results: &[RowResult]) -> Vec<Outcome> {
    results.iter().map(|r| r.outcome).collect()
}

#[tokio::test]
async fn a_dry_run_judges_every_row_and_changes_nothing() {
    let app = TestApp::new().await;
    let events = app.count("audit_events").await;
    let rows = "1,Ann Lee,2/3/1980,,,Elm,PN,Open,\"two\nlines\",,\n2,Bo,31/02/1980,,,,PN,Open,,,\n3,Cy,,,,,PN,Perhaps,,,\n,,,,,,,,,,\nTOTAL,3,,,,,,,,,\n";
    let results = run(&app, rows, &Options::default()).await;
    use Outcome::{Imported, Refused, Skipped};
    assert_eq!(
        outcomes(&results),
        [Imported, Refused, Refused, Skipped, Skipped]
    );
    assert_eq!(
        results[1].reason,
        "the date of birth \"31/02/1980\" is not a real date of birth"
    );
    assert_eq!(app.count("cases").await, 0);
    assert_eq!(app.count("audit_events").await, events);
}

#[tokio::test]
async fn a_row_becomes_a_case_without_consent_or_message_and_its_notes_are_working_notes() {
    let app = TestApp::new().await;
    let rows = "1,\"Lee, Ann\",2/3/1980,999 000 0000,07700 900123,elm,pn,Closed,Likes mornings,Goals met,1/6/2026\n";
    let results = run(&app, rows, &applied()).await;
    assert_eq!(outcomes(&results), [Outcome::Imported]);
    assert_eq!(
        results[0].reason,
        "the NHS number \"999 000 0000\" is not valid"
    );
    assert_eq!(app.count("consents").await, 0);
    assert_eq!(app.count("jobs").await, 0);
    assert_eq!(app.count("shared_notes").await, 0);
    assert_eq!(
        app.count("cases c JOIN persons p ON p.id = c.person_id WHERE c.person_name <> p.name")
            .await,
        0
    );
    assert_eq!(
        app.count("persons WHERE name = 'Ann Lee' AND nhs_number IS NULL AND safe_text = 'not_known' AND safe_voicemail = 'not_known'")
            .await,
        1
    );
    assert_eq!(
        app.count("working_notes n JOIN accounts a ON a.id = n.author_id WHERE a.email = 'priya@handrail.example' AND n.words LIKE 'Likes mornings%999 000 0000'")
            .await,
        1
    );
    assert_eq!(
        app.count("closures c JOIN cases k ON k.id = c.case_id WHERE c.reason = 'goals_met' AND k.status = 'closed' AND k.closed_at = c.made_at")
            .await,
        1
    );
    assert_eq!(
        app.count("audit_events WHERE name = 'case.imported' AND actor = 'command_line'")
            .await,
        1
    );
    let mut tx = app.app.write(&Actor::CommandLine).await.unwrap();
    assert_eq!(caseload::rebuild_counts(&mut tx).await.unwrap(), []);
}

#[tokio::test]
async fn a_row_that_fails_halfway_leaves_nothing_and_the_others_come_in() {
    let app = TestApp::new().await;
    // The second row has its person, its referral and its case when its note is refused.
    tamper(
        &app,
        "CREATE TRIGGER halfway BEFORE INSERT ON working_notes WHEN NEW.words LIKE '%Breaks%' BEGIN SELECT RAISE(ABORT, 'broken'); END",
        "CREATE FUNCTION halfway() RETURNS trigger LANGUAGE plpgsql AS \
         $$ BEGIN IF NEW.words LIKE '%Breaks%' THEN RAISE EXCEPTION 'broken'; END IF; RETURN NEW; END $$; \
         CREATE TRIGGER halfway BEFORE INSERT ON working_notes FOR EACH ROW EXECUTE FUNCTION halfway()",
    )
    .await;
    let rows = "1,Ann Lee,2/3/1980,,,elm,pn,Open,Likes mornings,,\n2,Bo Day,3/3/1981,,,elm,pn,Open,Breaks,,\n3,Cy Fox,4/4/1982,,,elm,pn,Open,Evenings,,\n";
    let results = run(&app, rows, &applied()).await;
    use Outcome::{Imported, Refused};
    assert_eq!(outcomes(&results), [Imported, Refused, Imported]);
    for table in [
        "persons",
        "referrals",
        "cases",
        "working_notes",
        "imported_rows",
    ] {
        assert_eq!(app.count(table).await, 2, "{table}");
    }
    assert_eq!(app.count("persons WHERE name LIKE 'Bo%'").await, 0);
    assert_eq!(
        app.count("audit_events WHERE name = 'case.imported'").await,
        2
    );
    let mut tx = app.app.write(&Actor::CommandLine).await.unwrap();
    assert_eq!(caseload::rebuild_counts(&mut tx).await.unwrap(), []);
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn nobody_who_was_imported_gets_a_message_before_they_agree() {
    let app = TestApp::new().await;
    let rows = "1,Ann Lee,2/3/1980,,07700 900123,elm,pn,Open,,,\n2,Bo Day,3/3/1981,,07700 900124,elm,pn,Closed,,Goals met,1/11/2026\n";
    run(&app, rows, &applied()).await;
    for _ in 0..9 {
        app.clock.advance(chrono::Duration::days(5));
        app.run_jobs().await;
    }
    assert_eq!(app.count("messages").await, 0);
    assert_eq!(app.count("checkins").await, 0);
}

#[tokio::test]
async fn the_same_file_twice_doubles_nothing_with_or_without_numbers() {
    let app = TestApp::new().await;
    let rows =
        "1,Ann Lee,2/3/1980,,,,pn,Open,,,\n,Bo Day,,,,,pn,Waiting,,,\n,Bo Day,,,,,pn,Waiting,,,\n";
    use Outcome::{AlreadyThere, Imported, Refused};
    assert_eq!(
        outcomes(&run(&app, rows, &applied()).await),
        [Imported, Imported, Refused]
    );
    assert_eq!(
        outcomes(&run(&app, rows, &applied()).await),
        [AlreadyThere, AlreadyThere, Refused]
    );
    assert_eq!(app.count("cases").await, 2);
}

#[tokio::test]
async fn likely_duplicates_are_refused_with_the_reason_unless_they_are_allowed() {
    let app = TestApp::new().await;
    // Born on 2 March 1984, like everybody in the story.
    app.case("Dawn Haigh", "priya").await;
    let rows = "1,Dawn Haigh,2/3/1984,,,,pn,Open,,,\n2,Ann Lee,1/1/1990,,,,pn,Open,,,\n3,\"Lee, Mrs Ann\",1 Jan 1990,,,,pn,Open,,,\n";
    let results = run(&app, rows, &applied()).await;
    use Outcome::{Imported, Refused};
    assert_eq!(outcomes(&results), [Refused, Imported, Refused]);
    assert!(
        results[0].reason.starts_with("may be the same as HR-"),
        "{}",
        results[0].reason
    );
    assert_eq!(
        results[2].reason,
        "looks like row 3: the name and date of birth are the same"
    );
    let allowed = Options {
        allow_duplicates: true,
        ..applied()
    };
    assert_eq!(
        run(&app, rows, &allowed)
            .await
            .iter()
            .filter(|r| r.outcome == Imported)
            .count(),
        2
    );
}

#[tokio::test]
async fn somebody_who_is_there_already_is_found_by_name_and_telephone_where_no_birth_date_is_known()
{
    let app = TestApp::new().await;
    // The story's telephone number is 07700 900123.
    app.case("Dawn Haigh", "priya").await;
    let rows = "1,DAWN HAIGH,,,+44 7700 900123,,pn,Open,,,\n2,Dawn Haigh,,,07700 900999,,pn,Open,,,\n3,Bo Day,,,07700 900123,,pn,Open,,,\n";
    let results = run(&app, rows, &Options::default()).await;
    use Outcome::{Imported, Refused};
    assert_eq!(outcomes(&results), [Refused, Imported, Imported]);
    assert!(
        results[0].reason.starts_with("may be the same as HR-")
            && results[0]
                .reason
                .ends_with(": the name and telephone number are the same"),
        "{}",
        results[0].reason
    );
    // Where it is allowed it comes in beside the other, and the result says beside whom.
    let allowed = Options {
        allow_duplicates: true,
        ..Options::default()
    };
    let results = run(&app, rows, &allowed).await;
    assert_eq!(outcomes(&results), [Imported, Imported, Imported]);
    assert!(
        results[0].reason.contains("may be the same as HR-"),
        "{}",
        results[0].reason
    );
}

#[tokio::test]
async fn notes_of_nobody_need_somebody_who_keeps_them() {
    let app = TestApp::new().await;
    let rows = "1,Ann Lee,,,,,,Waiting,Ring after four,,\n2,Bo Day,,,,,,Waiting,,,\n";
    use Outcome::{Imported, Refused};
    assert_eq!(
        outcomes(&run(&app, rows, &Options::default()).await),
        [Refused, Imported]
    );
    let by_leila = Options {
        author: Some("leila@handrail.example".to_owned()),
        ..applied()
    };
    assert_eq!(
        outcomes(&run(&app, rows, &by_leila).await),
        [Imported, Imported]
    );
    assert_eq!(app.count("cases WHERE worker_id IS NULL").await, 2);
    for wrong in ["ruth@handrail.example", "nobody@handrail.example", "x@y.z"] {
        let options = Options {
            author: Some(wrong.to_owned()),
            ..applied()
        };
        let table = table(format!("{HEAD}{rows}").as_bytes());
        let refused = import_cases(
            &app.app,
            &table,
            &mapping(),
            &options,
            &ProgressBar::hidden(),
        )
        .await;
        assert!(refused.is_err(), "{wrong}");
    }
}

#[tokio::test]
async fn the_messy_export_of_400_rows_comes_in_with_a_result_for_each() {
    let app = TestApp::new().await;
    let mut tx = app.app.write(&Actor::CommandLine).await.unwrap();
    let region = organisations::region_named(&mut tx, "South Yorkshire")
        .await
        .unwrap();
    organisations::add_practice(&mut tx, region, "The Canalside Practice", "Y99003", None)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/commands/demo");
    let text = std::fs::read_to_string(folder.join("caseload.toml"))
        .unwrap()
        .replace("priya.nair@", "priya@")
        .replace("tom.whitaker@", "tom@")
        .replace("steady-ground", "south-yorkshire");
    let mapping = toml::from_str::<Mapping>(&text).unwrap().checked().unwrap();
    let table = read_table(&folder.join("caseload.csv")).unwrap();
    let options = Options {
        author: Some("leila@handrail.example".to_owned()),
        ..applied()
    };
    let results = import_cases(&app.app, &table, &mapping, &options, &ProgressBar::hidden())
        .await
        .unwrap();
    for r in results.iter().filter(|r| !r.reason.is_empty()) {
        println!("{} {:?} {}", r.row, r.outcome, r.reason);
    }
    let count = |o| results.iter().filter(|r| r.outcome == o).count();
    assert_eq!(count(Outcome::Skipped), 1);
    // In the file: 2 impossible births, 3 lines without a name, 4 repeated numbers, 12 people who are there twice.
    assert_eq!(
        (count(Outcome::Imported), count(Outcome::Refused)),
        (379, 21)
    );
    assert_eq!(app.count("cases").await, count(Outcome::Imported) as i64);
    assert_eq!(
        app.count("persons WHERE name = 'Wilfred Newbould'").await,
        1
    );
    assert_eq!(app.count("persons WHERE name = 'Zoë Benbow'").await, 1);
    let again = import_cases(&app.app, &table, &mapping, &options, &ProgressBar::hidden())
        .await
        .unwrap();
    assert!(again.iter().all(|r| r.outcome != Outcome::Imported));
}
