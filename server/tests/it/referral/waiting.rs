//! Referrals that wait for the team.

use handrail::{
    features::referral::{After, waiting_sql},
    platform::db::{Db, sql},
    rules::id::ReferralId,
};

use crate::support::TestApp;

/// Ticks a red flag on a referral that waits, as its sender.
pub async fn flag(app: &TestApp, id: ReferralId) {
    let ruth = app.browser("ruth").await;
    let here = format!("/sent/{id}/amend");
    let page = ruth.get(&here).await.ok();
    let (name, version) = (page.value("name"), page.value("version"));
    ruth.post(
        &here,
        &[
            ("version", &*version),
            ("name", &*name),
            ("born_on", "2 3 1984"),
            ("phone", "07700 900123"),
            ("red_flags", "chest_pain"),
            ("decision", "not_dealt_with"),
        ],
    )
    .await
    .went_to(&format!("/sent/{id}"));
}

/// Where the names stand on the page, in its order.
fn order<'a>(body: &str, names: &[&'a str]) -> Vec<&'a str> {
    let mut found: Vec<(usize, &str)> = names
        .iter()
        .filter_map(|name| Some((body.find(*name)?, *name)))
        .collect();
    found.sort_unstable();
    found.into_iter().map(|(_, name)| name).collect()
}

#[tokio::test]
async fn an_open_red_flag_comes_before_those_who_have_waited_longer() {
    let app = TestApp::new().await;
    let mut ids = vec![];
    for name in ["Ada First", "Ben Second", "Cal Third"] {
        ids.push(app.referral(name).await);
        app.clock.advance(chrono::Duration::hours(1));
    }
    let names = ["Ada First", "Ben Second", "Cal Third"];
    let priya = app.browser("priya").await;
    let page = priya.get("/waiting").await.ok();
    assert_eq!(order(&page.body, &names), names);
    assert!(!page.says("red flag, not dealt with"));

    flag(&app, ids[2]).await;
    let page = priya.get("/waiting").await.ok();
    assert_eq!(
        order(&page.body, &names),
        ["Cal Third", "Ada First", "Ben Second"]
    );
    assert!(page.says("red flag, not dealt with"));

    // Once a clinician says that it is dealt with, the order is that of waiting again.
    let here = format!("/referrals/{}", ids[2]);
    let version = priya.get(&here).await.ok().value("version");
    priya
        .post(
            &format!("{here}/red-flags"),
            &[("version", &version), ("confirmed_by", "Dr Ruth Adeyemi")],
        )
        .await
        .went_to(&here);
    let page = priya.get("/waiting").await.ok();
    assert_eq!(order(&page.body, &names), names);
}

#[tokio::test]
async fn the_pages_go_on_from_red_flags_to_the_others_without_a_gap_or_a_repeat() {
    let app = TestApp::new().await;
    let mut ids = vec![];
    for n in 0..28 {
        ids.push(app.referral(&format!("Person {n:02}")).await);
        app.clock.advance(chrono::Duration::seconds(1));
    }
    // 26 with a flag: the page's edge of 25 lies among them.
    for id in &ids[2..] {
        flag(&app, *id).await;
    }
    let priya = app.browser("priya").await;
    let (mut path, mut seen) = ("/waiting".to_owned(), vec![]);
    loop {
        let page = priya.get(&path).await.ok();
        let names: Vec<String> = (0..28).map(|n| format!("Person {n:02}")).collect();
        let here: Vec<&str> = names.iter().map(String::as_str).collect();
        seen.extend(order(&page.body, &here).into_iter().map(str::to_owned));
        let next = page
            .body
            .split("href=\"")
            .find(|h| h.starts_with("/waiting?"));
        match next.and_then(|h| h.split('"').next()) {
            Some(next) => path = next.replace("&amp;", "&").replace("&#38;", "&"),
            None => break,
        }
    }
    let expected: Vec<String> = (2..28)
        .chain(0..2)
        .map(|n| format!("Person {n:02}"))
        .collect();
    assert_eq!(seen, expected);
}

#[tokio::test]
async fn the_list_is_read_from_one_index() {
    let app = TestApp::new().await;
    let mut tx = app.app.read(&app.actor("priya").await).await.unwrap();
    let later = After {
        queue: "1".to_owned(),
        after: "2026-11-20T09:00:00+00:00".to_owned(),
        after_id: app.elm.to_string(),
    };
    for after in [After::default(), later] {
        let statement = waiting_sql(app.team, &after).unwrap();
        let plan = Db::plan(&mut tx, statement).await.unwrap();
        assert!(plan.contains("referrals_queue"), "{plan}");
        for sorts in ["SCAN r", "TEMP B-TREE", "Seq Scan", "Sort Key"] {
            assert!(!plan.contains(sorts), "{sorts}: {plan}");
        }
    }
}

#[tokio::test]
async fn a_key_that_is_no_key_is_not_there() {
    let app = TestApp::new().await;
    let priya = app.browser("priya").await;
    let id = app.referral("Ada First").await;
    for key in ["", "first", "9999999999999999999999"] {
        let path = format!("/waiting?queue={key}&after=2026-11-20T09:00:00Z&after_id={id}");
        assert_eq!(priya.get(&path).await.status, 404, "{key}");
    }
    let rows = app
        .app
        .db
        .look(sql("SELECT queue FROM referrals"))
        .await
        .unwrap();
    assert_eq!(rows[0].get::<i64>("queue").unwrap(), 1);
}
