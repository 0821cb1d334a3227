//! Complaints and harms.

use axum::http::StatusCode;
use handrail::{
    features::organisation::store as organisations,
    platform::db::sql,
    rules::{
        id::{CaseId, ComplaintId},
        permission::Role,
    },
};

use crate::support::{TestApp, event_names};

pub async fn recorded(app: &TestApp, by: &str, case: CaseId, fields: &[(&str, &str)]) -> String {
    app.browser(by)
        .await
        .fill(&format!("/cases/{case}/complaints/new"), fields)
        .await
        .went_to(&format!("/cases/{case}"));
    assert_eq!(event_names(app, 1).await, ["complaint.recorded"]);
    let newest = sql("SELECT id FROM complaints ORDER BY recorded_at DESC, id DESC LIMIT 1");
    let id: ComplaintId = app.app.db.look(newest).await.unwrap()[0].get("id").unwrap();
    format!("/complaints/{id}")
}

#[tokio::test]
async fn the_worker_concerned_does_not_see_that_somebody_felt_pushed() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let priya_id = app.id("priya").to_string();
    let complaint = recorded(
        &app,
        "tom",
        case,
        &[
            ("kind", "pushed"),
            ("words", "She wanted me back by Monday"),
            ("about_worker", &priya_id),
        ],
    )
    .await;
    let priya = app.browser("priya").await;
    assert_eq!(priya.get(&complaint).await.status, StatusCode::NOT_FOUND);
    for path in [
        "/complaints".to_owned(),
        "/safety".to_owned(),
        "/people".to_owned(),
        format!("/cases/{case}"),
        format!("/cases/{case}/safety"),
        format!("/cases/{case}/complaints/new"),
    ] {
        let page = priya.get(&path).await.ok();
        assert!(!page.says("back by Monday"), "{path}");
        assert!(!page.says("not answered yet"), "{path}");
    }
    for who in ["tom", "leila"] {
        let browser = app.browser(who).await;
        assert!(
            browser.get("/complaints").await.ok().says("back by Monday"),
            "{who}"
        );
        assert!(
            browser.get(&complaint).await.ok().says("back by Monday"),
            "{who}"
        );
    }
    let page = app
        .browser("leila")
        .await
        .get(&format!("/cases/{case}"))
        .await
        .ok();
    assert!(
        !page.says("back by Monday"),
        "it is never part of the story"
    );
}

#[tokio::test]
async fn the_worker_concerned_sees_it_when_the_person_says_so() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let priya_id = app.id("priya").to_string();
    let complaint = recorded(
        &app,
        "leila",
        case,
        &[
            ("kind", "complaint"),
            ("words", "Tell her that I felt hurried"),
            ("about_worker", &priya_id),
            ("worker_may_see", "yes"),
        ],
    )
    .await;
    assert!(
        app.browser("priya")
            .await
            .get(&complaint)
            .await
            .ok()
            .says("felt hurried")
    );
    let tom = app.browser("tom").await;
    assert_eq!(tom.get(&complaint).await.status, StatusCode::NOT_FOUND);
    assert!(!tom.get("/complaints").await.ok().says("felt hurried"));
}

#[tokio::test]
async fn the_mentor_answers_once() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let complaint = recorded(
        &app,
        "priya",
        case,
        &[("kind", "harm"), ("words", "I slept worse <script>")],
    )
    .await;
    let (priya, leila) = (app.browser("priya").await, app.browser("leila").await);
    let draft = app.draft("priya").await;
    let fields = [
        ("draft", draft.as_str()),
        ("version", "1"),
        ("answer", "Mine"),
    ];
    assert_eq!(
        priya.post(&complaint, &fields).await.status,
        StatusCode::FORBIDDEN
    );
    let shown = leila.fill(&complaint, &[("answer", "  ")]).await;
    assert_eq!(
        shown.error("answer").as_deref(),
        Some("Write what was done about it")
    );
    let before = leila.get(&complaint).await.ok();
    leila
        .fill(&complaint, &[("answer", "We called and slowed down")])
        .await
        .went_to(&complaint);
    assert_eq!(event_names(&app, 1).await, ["complaint.answered"]);
    let another = app.draft("leila").await;
    let again = [
        ("draft", another.as_str()),
        ("version", &before.value("version")),
        ("answer", "Again"),
    ];
    let late = leila.post(&complaint, &again).await;
    assert_eq!(late.status, StatusCode::CONFLICT);
    assert!(late.says("Leila Haddad changed this while you had it open"));
    assert_eq!(
        late.both("What was done"),
        Some(("Again".to_owned(), "We called and slowed down".to_owned()))
    );
    assert!(late.says("It is not asked twice."));
    assert_eq!(
        app.count("audit_events WHERE name = 'complaint.answered'")
            .await,
        1
    );
    assert!(
        priya
            .get(&complaint)
            .await
            .ok()
            .says("We called and slowed down")
    );
}

#[tokio::test]
async fn what_needs_another_look_is_said_beside_its_field() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let priya = app.browser("priya").await;
    let here = format!("/cases/{case}/complaints/new");
    let page = priya.fill(&here, &[("worker_may_see", "yes")]).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    for field in ["kind", "words", "about_worker"] {
        assert!(page.error(field).is_some(), "{field}");
    }
    let other = app.id("nobody").to_string();
    let page = priya
        .fill(
            &here,
            &[("kind", "harm"), ("words", "x"), ("about_worker", &other)],
        )
        .await;
    assert_eq!(
        page.error("about_worker").as_deref(),
        Some("Worker: choose one of the names shown")
    );
    assert_eq!(app.count("complaints").await, 0);
}

#[tokio::test]
async fn complaints_stay_inside_the_team() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let complaint = recorded(
        &app,
        "priya",
        case,
        &[("kind", "harm"), ("words", "Slept worse")],
    )
    .await;
    for who in ["ruth", "marta", "ines", "nobody"] {
        let browser = app.browser(who).await;
        let status = browser.get(&complaint).await.status;
        assert!(
            matches!(status, StatusCode::NOT_FOUND | StatusCode::FORBIDDEN),
            "{who}"
        );
        assert!(
            !browser.get("/complaints").await.says("Slept worse"),
            "{who}"
        );
        let form = browser.get(&format!("/cases/{case}/complaints/new")).await;
        assert_eq!(form.status, StatusCode::NOT_FOUND, "{who}");
    }
}

/// Tom records what Maya said about Leila, the mentor of her team.
async fn about_leila(app: &TestApp) -> String {
    let case = app.case("Maya Okonkwo", "priya").await;
    let leila_id = app.id("leila").to_string();
    recorded(
        app,
        "tom",
        case,
        &[
            ("kind", "complaint"),
            ("words", "She talked over me"),
            ("about_worker", &leila_id),
        ],
    )
    .await
}

/// Whether somebody is told of it: on Today, in the list, on its own page.
async fn sees(app: &TestApp, who: &str, complaint: &str) -> (bool, bool, StatusCode) {
    let browser = app.browser(who).await;
    (
        browser.get("/today").await.ok().says("People told us"),
        browser
            .get("/complaints")
            .await
            .ok()
            .says("She talked over me"),
        browser.get(complaint).await.status,
    )
}

const TOLD: (bool, bool, StatusCode) = (true, true, StatusCode::OK);
const NOT_TOLD: (bool, bool, StatusCode) = (false, false, StatusCode::NOT_FOUND);

#[tokio::test]
async fn a_complaint_about_a_mentor_goes_to_another_mentor_of_the_team() {
    let mut app = TestApp::new().await;
    let team = app.team;
    app.add("olu", "Olu Balogun", Role::Mentor, team).await;
    let complaint = about_leila(&app).await;
    assert_eq!(sees(&app, "leila", &complaint).await, NOT_TOLD);
    assert_eq!(sees(&app, "olu", &complaint).await, TOLD);
    let draft = app.draft("leila").await;
    let answer = [
        ("draft", draft.as_str()),
        ("version", "1"),
        ("answer", "All is well"),
    ];
    let leila = app.browser("leila").await;
    assert_eq!(
        leila.post(&complaint, &answer).await.status,
        StatusCode::NOT_FOUND
    );
    let olu = app.browser("olu").await;
    assert!(
        olu.get(&complaint)
            .await
            .ok()
            .says("another mentor, not Leila Haddad, and Tom Whitaker")
    );
    olu.fill(&complaint, &[("answer", "Olu rang her")])
        .await
        .went_to(&complaint);
    assert_eq!(event_names(&app, 1).await, ["complaint.answered"]);
}

#[tokio::test]
async fn a_mentor_who_may_read_what_is_about_her_may_still_not_answer_it() {
    let mut app = TestApp::new().await;
    let team = app.team;
    app.add("olu", "Olu Balogun", Role::Mentor, team).await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let leila_id = app.id("leila").to_string();
    let complaint = recorded(
        &app,
        "leila",
        case,
        &[
            ("kind", "complaint"),
            ("words", "She talked over me"),
            ("about_worker", &leila_id),
            ("worker_may_see", "yes"),
        ],
    )
    .await;
    let leila = app.browser("leila").await;
    let page = leila.get(&complaint).await.ok();
    assert!(page.says("Another mentor answers this."), "{}", page.body);
    assert!(!page.says("Save answer"));
    let draft = app.draft("leila").await;
    let answer = [
        ("draft", draft.as_str()),
        ("version", "1"),
        ("answer", "All is well"),
    ];
    assert_eq!(
        leila.post(&complaint, &answer).await.status,
        StatusCode::FORBIDDEN
    );
    assert!(!leila.get("/today").await.ok().says("People told us"));
}

#[tokio::test]
async fn where_the_team_has_no_other_mentor_it_goes_to_the_providers_other_teams() {
    let mut app = TestApp::new().await;
    let mut tx = app.write("ines").await;
    let north = organisations::add_team(&mut tx, "Steady Ground", "North team")
        .await
        .unwrap();
    let elsewhere = organisations::add_team(&mut tx, "Elsewhere", "Other team")
        .await
        .unwrap();
    tx.commit().await.unwrap();
    app.add("olu", "Olu Balogun", Role::Mentor, north).await;
    app.add("sid", "Sid Marsh", Role::Mentor, elsewhere).await;
    let complaint = about_leila(&app).await;
    assert_eq!(sees(&app, "leila", &complaint).await, NOT_TOLD);
    assert_eq!(sees(&app, "olu", &complaint).await, TOLD);
    assert_eq!(
        sees(&app, "sid", &complaint).await,
        NOT_TOLD,
        "another provider's mentor"
    );
    let case = app.count("cases").await;
    assert_eq!(case, 1);
    let page = app.browser("olu").await.get(&complaint).await.ok();
    assert!(
        !page.body.contains("href=\"/cases/"),
        "the case itself is not theirs to open"
    );
    // What is about a worker stays with the team.
    app.clock.advance(chrono::Duration::minutes(1));
    let other = app.case("Daniel Reid", "priya").await;
    let priya_id = app.id("priya").to_string();
    let complaint = recorded(
        &app,
        "tom",
        other,
        &[
            ("kind", "harm"),
            ("words", "It hurt"),
            ("about_worker", &priya_id),
        ],
    )
    .await;
    let olu = app.browser("olu").await;
    assert_eq!(olu.get(&complaint).await.status, StatusCode::NOT_FOUND);
    // With a second mentor in the team it goes to them and leaves the other team.
    let team = app.team;
    app.add("zoe", "Zoe Lamb", Role::Mentor, team).await;
    assert!(
        app.browser("zoe")
            .await
            .get("/complaints")
            .await
            .ok()
            .says("She talked over me")
    );
    assert!(!olu.get("/complaints").await.ok().says("She talked over me"));
}

#[tokio::test]
async fn where_nobody_else_can_read_it_whoever_records_it_is_told_so() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let leila_id = app.id("leila").to_string();
    let complaint = recorded(
        &app,
        "tom",
        case,
        &[
            ("kind", "complaint"),
            ("words", "She talked over me"),
            ("about_worker", &leila_id),
        ],
    )
    .await;
    assert_eq!(sees(&app, "leila", &complaint).await, NOT_TOLD);
    let page = app.browser("tom").await.get(&complaint).await.ok();
    for words in [
        "no mentor yet, and Tom Whitaker",
        "Nobody may answer yet: this is about the only mentor of the service. Tell the programme manager",
    ] {
        assert!(page.says(words), "{words} {}", page.body);
    }
}

const WAITS: &str = "Something that a person told us waits for somebody independent.";

#[tokio::test]
async fn a_programme_manager_is_told_that_something_waits_for_somebody_independent_and_of_nobody() {
    let mut app = TestApp::new().await;
    let manager = async |app: &TestApp| app.browser("marta").await.get("/programme").await.ok();
    let case = app.case("Daniel Reid", "priya").await;
    let words = [("kind", "harm"), ("words", "It hurt")];
    recorded(&app, "tom", case, &words).await;
    assert!(!manager(&app).await.says(WAITS), "the mentor may answer it");

    app.clock.advance(chrono::Duration::minutes(1));
    let complaint = about_leila(&app).await;
    let page = manager(&app).await;
    assert!(
        page.says(WAITS) && page.says("Ask Ines Duarte."),
        "{}",
        page.body
    );
    for hidden in [
        "talked over",
        "Maya",
        "Daniel",
        "Leila",
        "Tom",
        "/complaints",
    ] {
        assert!(!page.says(hidden), "{hidden}");
    }

    // A second mentor may answer: it is theirs, and the manager's page says nothing more of it.
    let team = app.team;
    app.add("olu", "Olu Balogun", Role::Mentor, team).await;
    assert!(!manager(&app).await.says(WAITS));
    assert_eq!(sees(&app, "olu", &complaint).await, TOLD);
}

#[tokio::test]
async fn where_a_team_has_no_mentor_at_all_the_programme_manager_is_told_too() {
    let app = TestApp::new().await;
    let case = app.case("Daniel Reid", "priya").await;
    let words = [("kind", "pushed"), ("words", "It was too fast")];
    let complaint = recorded(&app, "tom", case, &words).await;
    let leila = app.id("leila");
    app.browser("ines")
        .await
        .post(&format!("/accounts/{leila}/disable"), &[("version", "1")])
        .await
        .went_to(&format!("/accounts/{leila}"));
    let marta = app.browser("marta").await;
    assert!(marta.get("/programme").await.ok().says(WAITS));
    assert_eq!(marta.get(&complaint).await.status, StatusCode::FORBIDDEN);
}
