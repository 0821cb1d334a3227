//! The row of a case knows which parts of it are written, on either database.

use std::collections::BTreeMap;

use crate::support::TestApp;

/// The tables whose first row sets a bit, as a migration names them.
fn tables<'a>(migration: &'a str, bit_after: &str) -> BTreeMap<&'a str, i64> {
    migration
        .lines()
        .filter(|line| line.starts_with("CREATE TRIGGER "))
        .map(|line| {
            let (_, table) = line.split_once(" ON ").unwrap();
            let (_, bit) = line.split_once(bit_after).unwrap();
            let digits = bit.split(|c: char| !c.is_ascii_digit()).next().unwrap();
            (table.split(' ').next().unwrap(), digits.parse().unwrap())
        })
        .collect()
}

#[test]
fn both_databases_set_the_same_bits_with_the_same_tables() {
    let sqlite = tables(
        include_str!("../../../migrations/0029_written.sqlite.sql"),
        "written | ",
    );
    let postgres = tables(
        include_str!("../../../migrations/0029_written.postgres.sql"),
        "handrail_written(",
    );
    assert_eq!(sqlite, postgres);
    assert_eq!(sqlite.len(), 22);
}

#[tokio::test]
async fn what_is_written_first_sets_a_bit_of_the_case_and_leaves_its_version() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    // The referral told of time off. The assessment comes first here.
    let off = "cases WHERE written = 32 AND version = 1";
    assert_eq!(app.count(off).await, 1);
    let home = format!("/cases/{case}/assessment");
    let strength = [("words", "She knows everybody there")];
    let priya = app.browser("priya").await;
    let new = format!("{home}/strengths/new");
    priya.fill(&new, &strength).await.went_to(&home);
    let both = "cases WHERE written = 36 AND version = 1";
    assert_eq!(app.count(both).await, 1);
}
