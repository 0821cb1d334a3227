//! Practices, programmes, wordings, referral links.

use axum::http::StatusCode;
use handrail::{
    features::organisation::store,
    platform::{db::sql, random::token_hash},
};

use crate::support::{TestApp, event_names};

#[tokio::test]
async fn the_fifteen_regions_are_there_with_what_became_of_them() {
    let app = TestApp::new().await;
    let page = app
        .browser("ines")
        .await
        .get("/organisation/regions")
        .await
        .ok();
    // ../shared/data/regions.csv, from public code lists.
    assert_eq!(page.body.matches("<th scope=\"row\">").count(), 15);
    for words in [
        "South Yorkshire",
        "Birmingham and Solihull",
        "QHL",
        "E54000055",
        "Central East E54000065. It ended on 31 Mar 2026.",
    ] {
        assert!(page.says(words), "{words}");
    }
}

#[tokio::test]
async fn a_practice_is_added_and_changed_and_its_code_is_its_own() {
    let app = TestApp::new().await;
    let ines = app.browser("ines").await;
    let mut tx = app.write("ines").await;
    let region = store::region_named(&mut tx, "South Yorkshire")
        .await
        .unwrap()
        .to_string();
    drop(tx);
    let made = ines
        .fill(
            "/organisation/practices/new",
            &[
                ("name", "Orchard Surgery"),
                ("ods_code", "y99003"),
                ("region", &region),
                ("phone", ""),
            ],
        )
        .await;
    assert_eq!(made.status, StatusCode::SEE_OTHER);
    assert_eq!(event_names(&app, 1).await, ["organisation.changed"]);
    let here = made.location;
    let version = ines.get(&here).await.ok().value("version");
    assert!(
        ines.get("/organisation/practices")
            .await
            .ok()
            .says("Y99003")
    );

    let shown = ines
        .fill(
            &here,
            &[
                ("name", ""),
                ("ods_code", "Y99001"),
                ("region", "elsewhere"),
            ],
        )
        .await;
    assert_eq!(shown.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(shown.error("name").is_some() && shown.error("region").is_some());
    assert_eq!(
        shown.error("ods_code").as_deref(),
        Some("Another practice has this code already")
    );

    ines.fill(
        &here,
        &[
            ("name", "Orchard Surgery"),
            ("ods_code", "Y99003"),
            ("region", &region),
            ("phone", "01632 960001"),
        ],
    )
    .await
    .went_to(&here);
    assert_eq!(
        app.count("audit_events WHERE name = 'organisation.changed' AND fields = 'phone'")
            .await,
        1
    );
    let late = ines
        .post(
            &here,
            &[
                ("version", &version),
                ("name", "Other"),
                ("ods_code", "Y99003"),
                ("region", &region),
            ],
        )
        .await;
    assert_eq!(late.status, StatusCode::CONFLICT);
    assert!(late.says("You changed this while you had it open"));
    assert!(late.says("Organisation changed by you, today, 09:00."));
    let pair = |typed: &str, now: &str| Some((typed.to_owned(), now.to_owned()));
    assert_eq!(late.both("Name"), pair("Other", "Orchard Surgery"));
    assert_eq!(late.both("Telephone"), pair("nothing", "01632 960001"));
    assert_eq!(late.both("Region"), None, "it does not differ");
    assert_eq!(late.value("name"), "Other");
    let (draft, version) = (late.value("draft"), late.value("version"));
    ines.post(
        &here,
        &[
            ("draft", &draft),
            ("version", &version),
            ("name", "Other"),
            ("ods_code", "Y99003"),
            ("region", &region),
        ],
    )
    .await
    .went_to(&here);
    assert_eq!(
        app.count("audit_events WHERE name = 'organisation.changed' AND fields = 'name,phone'")
            .await,
        1
    );
}

#[tokio::test]
async fn a_team_is_added_under_its_provider() {
    let app = TestApp::new().await;
    let ines = app.browser("ines").await;
    ines.fill(
        "/organisation/teams/new",
        &[("provider", "Steady Ground"), ("name", "Second team")],
    )
    .await
    .went_to("/organisation");
    assert_eq!(event_names(&app, 1).await, ["organisation.changed"]);
    assert_eq!(app.count("providers WHERE name = 'Steady Ground'").await, 1);
    let shown = ines.fill("/organisation/teams/new", &[]).await;
    assert!(shown.error("provider").is_some() && shown.error("name").is_some());
}

/// The fields of a programme's form as its page holds them.
pub async fn programme_fields(app: &TestApp, here: &str) -> Vec<(&'static str, String)> {
    let page = app.browser("ines").await.get(here).await.ok();
    let mut fields: Vec<(&'static str, String)> = [
        "draft",
        "version",
        "name",
        "slug",
        "minimum_age",
        "absent_at_least_days",
        "absent_at_most_days",
        "maximum_weeks",
        "first_contact_working_days",
        "quiet_days",
        "tries_before_no_contact",
        "duty_minutes",
        "reopen_days",
        "capacity",
        "note_gap_days",
        "sustained_weeks",
        "days_off_weeks",
        "how_weeks",
        "afterwards_days",
    ]
    .into_iter()
    .map(|name| (name, page.value(name)))
    .collect();
    fields.extend([
        ("team", app.team.to_string()),
        ("needs_paid_work", "yes".to_owned()),
        ("routes", "practice".to_owned()),
        ("routes", "self".to_owned()),
        ("employed_by", "provider".to_owned()),
        ("plan_types", "return".to_owned()),
        ("what_to_do_now", "Call 01632 960999".to_owned()),
        (
            "worrying_words",
            handrail::rules::checkin::Settings::default()
                .worrying_words
                .join("\n"),
        ),
    ]);
    fields
}

pub async fn send(
    app: &TestApp,
    here: &str,
    fields: &[(&'static str, String)],
) -> crate::support::Shown {
    let fields: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (*n, v.as_str())).collect();
    app.browser("ines").await.post(here, &fields).await
}

#[tokio::test]
async fn a_programmes_parameters_are_changed_and_the_event_names_them() {
    let app = TestApp::new().await;
    let here = format!("/organisation/programmes/{}", app.programme);
    let mut fields = programme_fields(&app, &here).await;
    let set = |fields: &mut Vec<(&'static str, String)>, name: &str, to: &str| {
        for field in fields.iter_mut().filter(|(n, _)| *n == name) {
            field.1 = to.to_owned();
        }
    };
    app.clock.advance(chrono::Duration::minutes(1));
    set(&mut fields, "first_contact_working_days", "5");
    send(&app, &here, &fields).await.went_to(&here);
    assert_eq!(event_names(&app, 1).await, ["programme.changed"]);
    assert_eq!(
        app.count("audit_events WHERE name = 'programme.changed' AND fields = 'routes,plan_types,first_contact_working_days,what_to_do_now'").await,
        1
    );
    let mut tx = app.write("ines").await;
    let programme = store::programme(&mut tx, app.programme).await.unwrap();
    assert_eq!(programme.parameters.first_contact_working_days, 5);
    assert_eq!(programme.parameters.what_to_do_now, "Call 01632 960999");
    drop(tx);

    // The version that was shown first is not the newest any more.
    set(&mut fields, "capacity", "30");
    let late = send(&app, &here, &fields[1..]).await;
    assert_eq!(late.status, StatusCode::CONFLICT);
    assert!(late.says("Programme changed by you, today, 09:01."));
    assert_eq!(
        late.both("Cases in support that one worker has room for"),
        Some(("30".to_owned(), "25".to_owned()))
    );
    assert_eq!(
        late.body.matches("data-label=\"How it is now\"").count(),
        1,
        "what does not differ is not shown"
    );
    assert_eq!(late.value("capacity"), "30");
    set(&mut fields, "draft", &late.value("draft"));
    set(&mut fields, "version", &late.value("version"));
    send(&app, &here, &fields).await.went_to(&here);
    assert_eq!(
        app.count("audit_events WHERE name = 'programme.changed' AND fields = 'capacity'")
            .await,
        1
    );

    let mut fields = programme_fields(&app, &here).await;
    for (name, to) in [
        ("duty_minutes", "0"),
        ("absent_at_least_days", "200"),
        ("absent_at_most_days", "100"),
        ("slug", "Not An Address"),
        ("capacity", "many"),
    ] {
        set(&mut fields, name, to);
    }
    let shown = send(&app, &here, &fields).await;
    assert_eq!(shown.status, StatusCode::UNPROCESSABLE_ENTITY);
    for field in ["duty_minutes", "absent_at_most_days", "slug", "capacity"] {
        assert!(shown.error(field).is_some(), "{field}");
    }
    assert_eq!(shown.value("capacity"), "many");
}

#[tokio::test]
async fn a_programme_is_added_with_usual_values_and_covers_nothing_until_it_is_told() {
    let app = TestApp::new().await;
    let mut fields = programme_fields(&app, "/organisation/programmes/new").await;
    for field in &mut fields {
        match field.0 {
            "name" => field.1 = "Work and health, second".to_owned(),
            "slug" => field.1 = "second".to_owned(),
            _ => {}
        }
    }
    let made = send(&app, "/organisation/programmes/new", &fields).await;
    assert_eq!(made.status, StatusCode::SEE_OTHER, "{}", made.body);
    let ines = app.browser("ines").await;
    assert!(
        ines.get(&made.location)
            .await
            .ok()
            .says("Nothing yet, so nobody can refer to it.")
    );

    let covers = format!("{}/covers", made.location);
    let elm = app.elm.to_string();
    ines.fill(
        &covers,
        &[
            ("practice", &elm),
            ("from_day", "1"),
            ("from_month", "12"),
            ("from_year", "2026"),
        ],
    )
    .await
    .went_to(&covers);
    assert_eq!(event_names(&app, 1).await, ["programme.changed"]);
    let mut tx = app.write("ines").await;
    let today = store::programmes_for(&mut tx, app.elm).await.unwrap();
    assert_eq!(today.len(), 1, "it begins on 1 December");
    drop(tx);
    let twice = ines
        .fill(
            &covers,
            &[
                ("practice", &elm),
                ("from_day", "3"),
                ("from_month", "12"),
                ("from_year", "2026"),
            ],
        )
        .await;
    assert!(twice.error("practice").is_some());
    let neither = ines
        .fill(
            &covers,
            &[
                ("from_day", "31"),
                ("from_month", "2"),
                ("from_year", "2027"),
            ],
        )
        .await;
    assert!(neither.error("practice").is_some() && neither.error("from").is_some());
    ines.post(
        &format!("{covers}/end"),
        &[("id", &elm), ("from", "2026-12-01")],
    )
    .await
    .went_to(&covers);
    assert!(
        ines.get(&covers)
            .await
            .ok()
            .says("1 Dec 2026 to 1 Dec 2026")
    );
}

#[tokio::test]
async fn a_new_wording_is_a_new_version_and_the_earlier_one_stays() {
    let app = TestApp::new().await;
    let ines = app.browser("ines").await;
    let here = format!("/organisation/programmes/{}/wordings/limits", app.programme);
    for words in [
        "We keep <b>what you say</b> to ourselves.",
        "We keep what you say in the team.",
    ] {
        ines.fill(&here, &[("words", words)]).await.went_to(&here);
        assert_eq!(event_names(&app, 1).await, ["programme.changed"]);
    }
    let page = ines.get(&here).await.ok();
    assert!(page.says("We keep <b>what you say</b> to ourselves.") && page.says("Version 2"));
    let same = ines
        .fill(&here, &[("words", "We keep what you say in the team.")])
        .await;
    assert!(same.error("words").is_some());
    let late = ines
        .post(&here, &[("version", "1"), ("words", "Mine")])
        .await;
    assert_eq!(late.status, StatusCode::CONFLICT);
    assert_eq!(
        late.both("What is read out or shown"),
        Some((
            "Mine".to_owned(),
            "We keep what you say in the team.".to_owned()
        ))
    );
    assert!(late.body.contains("Mine</textarea>"));
    let (draft, version) = (late.value("draft"), late.value("version"));
    ines.post(
        &here,
        &[("draft", &draft), ("version", &version), ("words", "Mine")],
    )
    .await
    .went_to(&here);
    assert_eq!(event_names(&app, 1).await, ["programme.changed"]);
    assert!(ines.get(&here).await.ok().says("Version 3"));
    assert_eq!(
        ines.get(&here.replace("limits", "nonsense")).await.status,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn a_referral_link_is_shown_once_kept_as_a_hash_and_revoked() {
    let app = TestApp::new().await;
    let ines = app.browser("ines").await;
    let here = format!("/organisation/practices/{}/links", app.elm);
    let programme = app.programme.to_string();
    let made = ines
        .fill(&here, &[("label", "reception"), ("programme", &programme)])
        .await
        .ok();
    assert_eq!(event_names(&app, 1).await, ["referral_link.made"]);
    let address = made.body.split("id=\"link\">").nth(1).unwrap();
    let address = address.split('<').next().unwrap().replace("&#x2F;", "/");
    let token = address.rsplit('/').next().unwrap();
    assert!(
        address.starts_with("http://") && address.contains("/r/"),
        "{address}"
    );
    // 256 bits are 43 signs of base 64.
    assert_eq!(token.len(), 43);
    let kept = app
        .app
        .db
        .look(sql("SELECT id, token_hash FROM referral_links"))
        .await
        .unwrap();
    assert_eq!(
        kept[0].get::<String>("token_hash").unwrap(),
        token_hash(token)
    );
    let list = ines.get(&here).await.ok();
    assert!(list.says("reception") && !list.says(token));

    let id: uuid::Uuid = kept[0].get("id").unwrap();
    let elsewhere = format!("/organisation/practices/{}/links/{id}/revoke", app.mill);
    assert_eq!(
        ines.post(&elsewhere, &[]).await.status,
        StatusCode::NOT_FOUND
    );
    ines.post(&format!("{here}/{id}/revoke"), &[])
        .await
        .went_to(&here);
    assert_eq!(event_names(&app, 1).await, ["referral_link.revoked"]);
    ines.post(&format!("{here}/{id}/revoke"), &[])
        .await
        .went_to(&here);
    assert_eq!(
        app.count("audit_events WHERE name = 'referral_link.revoked'")
            .await,
        1
    );

    let shown = ines.fill(&here, &[("label", ""), ("programme", "")]).await;
    assert!(shown.error("label").is_some() && shown.error("programme").is_some());
}
