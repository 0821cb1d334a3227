//! Changing a person's details.

use axum::http::StatusCode;

use crate::support::{TestApp, event_names};

#[tokio::test]
async fn a_worker_changes_how_to_reach_somebody_and_it_is_found_by_the_new_name() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let priya = app.browser("priya").await;
    priya
        .fill(
            &format!("/cases/{case}/person"),
            &[
                ("name", "Maya Adeleke"),
                ("known_as", "May"),
                ("phone", "07700 900456"),
                ("nhs_number", "999 000 0018"),
                ("safe_say_who", "no"),
                ("employer", "Rosebank Care"),
            ],
        )
        .await
        .went_to(&format!("/cases/{case}"));
    assert_eq!(event_names(&app, 1).await, ["person.changed"]);
    let page = priya.get(&format!("/cases/{case}")).await.ok();
    for words in ["Maya Adeleke", "May", "07700 900456", "999 000 0018"] {
        assert!(page.says(words), "{words}");
    }
    let found = priya.post("/search", &[("words", "adel")]).await;
    assert!(priya.get(&found.location).await.ok().says("Maya Adeleke"));
    let list = priya.get("/people?status=waiting").await.ok();
    assert!(list.says("Maya Adeleke") && !list.says("Maya Okonkwo"));
    let gone = priya.post("/search", &[("words", "okonkwo")]).await;
    assert!(!priya.get(&gone.location).await.ok().says("Maya Adeleke"));
}

#[tokio::test]
async fn two_people_who_change_it_at_once_both_see_what_the_other_wrote() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let (priya, tom) = (app.browser("priya").await, app.browser("tom").await);
    let here = format!("/cases/{case}/person");
    let open = priya.get(&here).await.ok();
    tom.fill(
        &here,
        &[("name", "Maya Okonkwo"), ("phone", "07700 900456")],
    )
    .await
    .went_to(&format!("/cases/{case}"));
    let (draft, version) = (open.value("draft"), open.value("version"));
    let clash = priya
        .post(
            &here,
            &[
                ("draft", &draft),
                ("version", &version),
                ("name", "Maya Okonkwo"),
                ("phone", "07700 900789"),
                ("safe_say_who", "not_known"),
                ("safe_voicemail", "not_known"),
                ("safe_text", "not_known"),
                ("safe_letter", "not_known"),
                ("employment", "not_known"),
            ],
        )
        .await;
    assert_eq!(clash.status, StatusCode::CONFLICT);
    assert!(clash.says("07700 900456") && clash.says("07700 900789"));
    assert!(clash.says("Tom Whitaker changed this while you had it open"));
    assert_eq!(
        app.count("persons WHERE phone = '07700 900456'").await,
        1,
        "nothing is written over"
    );

    let (draft, version, settle) = (
        clash.value("draft"),
        clash.value("version"),
        clash.value("settle"),
    );
    assert_eq!(settle, "phone");
    let fields = [
        ("draft", draft.as_str()),
        ("version", version.as_str()),
        ("settle", settle.as_str()),
        ("name", "Maya Okonkwo"),
        ("phone", "07700 900789"),
        ("safe_say_who", "not_known"),
        ("safe_voicemail", "not_known"),
        ("safe_text", "not_known"),
        ("safe_letter", "not_known"),
        ("employment", "not_known"),
    ];
    let unsettled = priya.post(&here, &fields).await;
    assert_eq!(unsettled.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(
        unsettled.error("keep_phone").as_deref(),
        Some("Telephone: choose which to keep")
    );
    let settled: Vec<(&str, &str)> = fields
        .iter()
        .copied()
        .chain([("keep_phone", "typed")])
        .collect();
    priya
        .post(&here, &settled)
        .await
        .went_to(&format!("/cases/{case}"));
    assert_eq!(app.count("persons WHERE phone = '07700 900789'").await, 1);
}

#[tokio::test]
async fn what_cannot_be_right_is_said_beside_its_field_and_nothing_is_lost() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let page = app
        .browser("priya")
        .await
        .fill(
            &format!("/cases/{case}/person"),
            &[
                ("name", ""),
                ("nhs_number", "999 000 0019"),
                ("born_on_day", "30"),
                ("born_on_month", "2"),
                ("born_on_year", "1984"),
                ("job", "<script>alert(1)</script> 🌱"),
            ],
        )
        .await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(page.error("name").as_deref(), Some("Enter their full name"));
    assert_eq!(
        page.error("nhs_number").as_deref(),
        Some("This NHS number is not valid. Check the digits, or leave it blank.")
    );
    assert!(page.error("born_on").is_some());
    assert!(page.says("<script>alert(1)</script> 🌱") && !page.body.contains("<script>alert"));
    assert_eq!(app.stored_case(case).await.person_name, "Maya Okonkwo");
}

#[tokio::test]
async fn names_in_any_writing_are_kept_as_given_without_what_cannot_be_seen() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let priya = app.browser("priya").await;
    let here = format!("/cases/{case}/person");
    for (typed, kept) in [
        ("مايا الحسن", "مايا الحسن"),
        ("Maya 🌻 Okonkwo", "Maya 🌻 Okonkwo"),
        ("Maya\0 Okon\0kwo", "Maya Okonkwo"),
    ] {
        priya
            .fill(&here, &[("name", typed)])
            .await
            .went_to(&format!("/cases/{case}"));
        assert_eq!(app.stored_case(case).await.person_name, kept);
        assert!(priya.get(&format!("/cases/{case}")).await.ok().says(kept));
    }
}

#[tokio::test]
async fn a_hundred_thousand_letters_are_refused_and_never_cut() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let long = "a".repeat(100_000);
    let page = app
        .browser("priya")
        .await
        .fill(
            &format!("/cases/{case}/person"),
            &[("name", &long), ("address", &long)],
        )
        .await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(
        page.error("name").as_deref(),
        Some("Name: use 200 characters or fewer. You have used 100000.")
    );
    assert_eq!(
        page.error("address").as_deref(),
        Some("Address: use 20000 characters or fewer. You have used 100000.")
    );
    assert!(page.says(&long), "what was typed is given back whole");
    assert_eq!(app.stored_case(case).await.person_name, "Maya Okonkwo");
}

#[tokio::test]
async fn details_are_for_the_team_alone() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    for who in ["ruth", "amir", "marta", "ines", "nobody"] {
        let browser = app.browser(who).await;
        let path = format!("/cases/{case}/person");
        for shown in [
            browser.get(&path).await,
            browser.post(&path, &[("name", "Somebody Else")]).await,
        ] {
            assert_eq!(shown.status, StatusCode::NOT_FOUND, "{who}");
            assert!(!shown.says("Maya"), "{who}");
        }
    }
}
