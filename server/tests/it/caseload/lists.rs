//! Lists: filtered, sorted, paged by key, and planned so that no growing table is scanned.

use axum::http::StatusCode;
use handrail::{
    features::caseload::{
        list::{Asked, Sort, Whose, list_sql},
        words_sql,
    },
    platform::db::Db,
    rules::{Choice, caseload::Status},
};

use crate::support::{TestApp, event_names};

#[tokio::test]
async fn everybody_in_the_team_sees_all_cases_and_can_narrow_them_to_a_worker() {
    let app = TestApp::new().await;
    app.case("Maya Okonkwo", "priya").await;
    app.case("Tom Hadley", "tom").await;
    for who in ["priya", "leila"] {
        let browser = app.browser(who).await;
        let all = browser.get("/cases?status=waiting").await.ok();
        assert!(
            all.says("Maya Okonkwo") && all.says("Tom Hadley") && all.says("Waiting (2)"),
            "{who}"
        );
        let toms = browser
            .get(&format!("/cases?status=waiting&worker={}", app.id("tom")))
            .await
            .ok();
        assert!(
            !toms.says("Maya Okonkwo") && toms.says("Tom Hadley") && toms.says("Waiting (1)"),
            "{who}"
        );
        assert!(
            toms.body.contains(&format!("worker={}", app.id("tom"))),
            "the filter stays in the address of the tabs"
        );
        let worker = "data-label=\"Worker\"";
        assert!(all.body.contains(worker));
        assert!(!toms.body.contains(worker), "all rows would say the same");
    }
    assert!(
        app.browser("leila")
            .await
            .get("/cases?worker=none&status=waiting")
            .await
            .ok()
            .says("Nobody here just now")
    );
    assert_eq!(event_names(&app, 1).await, ["case.listed"]);
}

#[tokio::test]
async fn another_teams_people_are_on_no_list() {
    let app = TestApp::new().await;
    app.case("Maya Okonkwo", "priya").await;
    let nobody = app.browser("nobody").await;
    for path in [
        "/cases?status=waiting".to_owned(),
        "/people?status=waiting".to_owned(),
        "/closed".to_owned(),
        format!("/cases?status=waiting&worker={}", app.id("priya")),
    ] {
        assert!(!nobody.get(&path).await.ok().says("Maya"), "{path}");
    }
    for who in ["ruth", "marta", "ines"] {
        for path in [
            "/cases",
            "/people",
            "/closed",
            "/search",
            "/workload",
            "/leave",
            "/hand-over",
        ] {
            let shown = app.browser(who).await.get(path).await;
            assert_eq!(shown.status, StatusCode::FORBIDDEN, "{who} {path}");
        }
    }
}

#[tokio::test]
async fn pages_follow_each_other_without_a_gap_or_a_repeat() {
    let app = TestApp::new().await;
    for n in 0..30 {
        app.case(&format!("Person {n:02}"), "priya").await;
    }
    let priya = app.browser("priya").await;
    for sort in ["name", "next", "referred"] {
        let first = priya
            .get(&format!("/people?status=waiting&sort={sort}"))
            .await
            .ok();
        let next = first
            .body
            .split("href=\"")
            .filter_map(|p| p.split('"').next())
            .find(|h| h.contains("after_id="))
            .unwrap()
            .replace("&amp;", "&")
            .replace("&#38;", "&");
        let second = priya.get(&format!("/people{next}")).await.ok();
        let on = |body: &str, n: usize| body.contains(&format!("Person {n:02}<"));
        for n in 0..30 {
            assert_eq!(
                usize::from(on(&first.body, n)) + usize::from(on(&second.body, n)),
                1,
                "{sort}: Person {n:02}"
            );
        }
        assert_eq!(
            (0..30).filter(|n| on(&first.body, *n)).count(),
            25,
            "{sort}"
        );
        assert!(second.body.contains("Back to the beginning"));
    }
}

#[tokio::test]
async fn a_cursor_that_makes_no_sense_is_no_page() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let shown = app
        .browser("priya")
        .await
        .get(&format!(
            "/people?status=waiting&sort=next&after=yesterday&after_id={case}"
        ))
        .await;
    assert_eq!(shown.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn no_list_and_no_search_scans_the_cases() {
    let app = TestApp::new().await;
    let mut tx = app.app.read(&app.actor("priya").await).await.unwrap();
    let (priya, team, today) = (app.id("priya"), app.team, tx.today());
    let mut statements = vec![("search".to_owned(), words_sql(team, "maya ok").unwrap())];
    for whose in [
        Whose::Worker(team, priya),
        Whose::Team(team),
        Whose::Nobody(team),
        Whose::Covered(priya, today),
    ] {
        for status in Status::ALL {
            for sort in Sort::of(*status) {
                for after in [None, Some(("2026-11-20T09:00:00+00:00", priya.to_string()))] {
                    let asked = Asked {
                        sort: sort.code().to_owned(),
                        after: after.as_ref().map(|a| a.0.to_owned()).unwrap_or_default(),
                        after_id: after.map(|a| a.1).unwrap_or_default(),
                        ..Asked::default()
                    };
                    statements.push((
                        format!("{whose:?} {status:?} {sort:?}"),
                        list_sql(whose, *status, &asked).unwrap(),
                    ));
                }
            }
        }
    }
    for (name, statement) in statements {
        let plan = Db::plan(&mut tx, statement).await.unwrap();
        assert!(
            plan.contains("USING") || plan.contains("Index"),
            "{name}: {plan}"
        );
        for line in plan.lines() {
            let line = line.trim();
            let scans = line.starts_with("SCAN c")
                || line.starts_with("SCAN w")
                || line.starts_with("SCAN p")
                || line.contains("Seq Scan");
            assert!(!scans, "{name}: {plan}");
        }
        if !name.starts_with("Covered") && !name.starts_with("Nobody") {
            assert!(
                !plan.contains("TEMP B-TREE") && !plan.contains("Sort Key"),
                "{name} sorts what an index could give in order: {plan}"
            );
        }
    }
}
