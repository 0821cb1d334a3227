//! The pages themselves: what the person reads there and what they can change.

use axum::http::StatusCode;
use chrono::Duration;
use handrail::{platform::db::sql, rules::id::CaseId};

use super::own_pages;
use crate::{
    consent::agree,
    support::{Browser, TestApp, event_names, event_names_of_one_moment},
};

/// Priya writes something to try into the plan, and it is found on the person's page.
async fn to_try(priya: &Browser, phone: &Browser, case: CaseId) -> String {
    priya
        .fill(
            &format!("/cases/{case}/plan/actions/new"),
            &[("what", "Walk to the shop"), ("who", "person")],
        )
        .await
        .went_to(&format!("/cases/{case}/plan"));
    let plan = phone.get("/me/plan").await.ok();
    assert!(plan.says("Walk to the shop"));
    plan.body
        .split("href=\"")
        .filter_map(|rest| rest.split('"').next())
        .find(|href| href.starts_with("/me/plan/actions/"))
        .unwrap()
        .to_owned()
}

#[tokio::test]
async fn what_a_person_tried_stands_in_the_plan_as_their_own_word() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let phone = own_pages(&app, case).await;
    let priya = app.browser("priya").await;
    let action = to_try(&priya, &phone, case).await;
    let again = phone.fill(&action, &[("words", "Twice round")]).await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(again.error("tried").is_some() && again.says("Twice round"));
    phone
        .fill(
            &action,
            &[
                ("tried", "tried"),
                ("went", "helped_a_little"),
                ("words", "Slow, and <b>fine</b>"),
            ],
        )
        .await
        .went_to("/me/plan");
    assert_eq!(
        event_names_of_one_moment(&app, 2).await,
        ["plan.action_step_recorded", "portal.asked"]
    );
    let to_read = "Walk to the shop. Slow, and <b>fine</b>";
    assert!(priya.get("/today").await.ok().says(to_read));
    assert_eq!(
        app.count("plan_action_steps WHERE author_id IS NULL AND state = 'tried'")
            .await,
        1
    );
    assert!(
        phone
            .get("/me/plan")
            .await
            .ok()
            .says("Slow, and <b>fine</b>")
    );
    let story = priya.get(&format!("/cases/{case}")).await.ok();
    assert!(story.says("Slow, and <b>fine</b>") && story.says("The person, on their own pages"));
    assert!(!story.body.contains("<b>fine</b>"));
}

#[tokio::test]
async fn what_was_recorded_in_error_may_be_somebody_elses_and_is_not_there() {
    let app = TestApp::new().await;
    let dan = app.case("Dan Price", "priya").await;
    let his = own_pages(&app, dan).await;
    let priya = app.browser("priya").await;
    let there = priya
        .fill(
            &format!("/cases/{dan}/questionnaires/new/nhs-fft"),
            &[
                ("mode", "telephone"),
                ("a_experience", "good"),
                ("a_why", "They rang my sister"),
            ],
        )
        .await
        .location;
    let root = there.rsplit('/').next().unwrap();
    let own = format!("/me/questionnaires/{root}");
    assert!(his.get(&own).await.ok().says("They rang my sister"));
    priya
        .fill(
            &format!("{there}/mark"),
            &[("standing", "wrong"), ("reason", "Another person’s")],
        )
        .await
        .went_to(&there);
    assert!(!his.get("/me/questionnaires").await.ok().body.contains(root));
    for path in [own.clone(), format!("{own}/file")] {
        let shown = his.get(&path).await;
        assert_eq!(shown.status, StatusCode::NOT_FOUND, "{path}");
        assert!(!shown.says("They rang my sister"));
    }
}

#[tokio::test]
async fn what_is_another_persons_is_not_there() {
    let app = TestApp::new().await;
    let maya = app.case("Maya Okonkwo", "priya").await;
    let dan = app.case("Dan Price", "priya").await;
    let (hers, his) = (own_pages(&app, maya).await, own_pages(&app, dan).await);
    let priya = app.browser("priya").await;
    let action = to_try(&priya, &his, dan).await;
    priya
        .fill(
            &format!("/cases/{dan}/questionnaires/new/nhs-fft"),
            &[
                ("mode", "telephone"),
                ("a_experience", "good"),
                ("blank_why", "yes"),
            ],
        )
        .await;
    let list = his.get("/me/questionnaires").await.ok();
    let response = list
        .body
        .split("href=\"")
        .filter_map(|rest| rest.split('"').next())
        .find(|href| href.starts_with("/me/questionnaires/"))
        .unwrap()
        .to_owned();
    his.get(&response).await.ok();
    let file = his.get(&format!("{response}/file")).await.ok();
    assert!(file.body.contains("QuestionnaireResponse"));
    his.fill("/me/record", &[]).await.went_to("/me/record");
    let rows = app
        .app
        .db
        .look(sql("SELECT id FROM access_requests"))
        .await
        .unwrap();
    let request: uuid::Uuid = rows[0].get("id").unwrap();
    for path in [
        action.clone(),
        response.clone(),
        format!("{response}/file"),
        format!("/me/record/requests/{request}"),
    ] {
        assert_eq!(
            hers.get(&path).await.status,
            StatusCode::NOT_FOUND,
            "{path}"
        );
    }
    let sent = hers.post(&action, &[("tried", "tried")]).await;
    assert_eq!(sent.status, StatusCode::NOT_FOUND);
    assert_eq!(app.count("plan_action_steps").await, 0);
    for path in [
        "/me",
        "/me/plan",
        "/me/seen",
        "/me/record",
        "/me/record/copy.html",
        "/me/record/copy.json",
    ] {
        assert!(!hers.get(path).await.ok().says("Dan Price"), "{path}");
    }
}

#[tokio::test]
async fn a_person_changes_how_to_be_reached_and_nothing_else() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let phone = own_pages(&app, case).await;
    phone
        .fill(
            "/me/details",
            &[
                ("safe_text", "yes"),
                ("safe_voicemail", "no"),
                ("phone", "07700 900456"),
                ("who_else", "My sister"),
                ("name", "Somebody Else"),
                ("nhs_number", "999 000 0018"),
            ],
        )
        .await
        .went_to("/me");
    assert_eq!(
        event_names_of_one_moment(&app, 2).await,
        ["person.changed", "portal.asked"]
    );
    assert_eq!(
        app.count("persons WHERE name = 'Maya Okonkwo' AND phone = '07700 900456' AND who_else = 'My sister' AND nhs_number IS NULL")
            .await,
        1
    );
    let wrong = phone.fill("/me/details", &[("phone", "none")]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.error("phone").is_some());

    // Priya changes it while the page is open.
    let open = phone.get("/me/details").await.ok();
    let priya = app.browser("priya").await;
    let path = format!("/cases/{case}/person");
    let page = priya.get(&path).await.ok();
    let fields: Vec<(&str, String)> = ["name", "phone", "version", "draft"]
        .iter()
        .map(|name| (*name, page.value(name)))
        .collect();
    let mut fields: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (*n, v.as_str())).collect();
    fields.push(("language", "Polish"));
    priya.post(&path, &fields).await;
    let (draft, version) = (open.value("draft"), open.value("version"));
    let meanwhile = phone
        .post(
            "/me/details",
            &[
                ("draft", &draft),
                ("version", &version),
                ("phone", "07700 900789"),
            ],
        )
        .await;
    assert_eq!(meanwhile.status, StatusCode::CONFLICT, "{}", meanwhile.body);
    assert!(meanwhile.says("07700 900789") && meanwhile.says("Somebody changed this"));
}

#[tokio::test]
async fn the_person_sees_who_looked_at_their_record_and_as_what() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let phone = own_pages(&app, case).await;
    let tom = app.browser("tom").await;
    tom.get(&format!("/cases/{case}")).await.ok();
    tom.get(&format!("/cases/{case}/plan")).await.ok();
    // Views are committed beside the answer.
    let seen = phone.get("/me/seen").await.ok();
    for words in [
        "Tom Whitaker, support worker, Steady Ground",
        "Looked at your record",
        "Looked at your plan",
        "GP and practice staff, Elm Street Surgery",
        "Sent your referral",
    ] {
        assert!(seen.says(words), "{words}: {}", seen.body);
    }
    assert!(
        !seen.says("Ruth Adeyemi"),
        "a practice is shown, not its people"
    );
    assert_eq!(event_names(&app, 1).await, ["portal.viewed"]);
    // Many more: the list goes on another page, and nothing is lost.
    app.clock.advance(Duration::minutes(1));
    for _ in 0..35 {
        tom.get(&format!("/cases/{case}")).await.ok();
        tom.get(&format!("/cases/{case}/plan")).await.ok();
    }
    let first = phone.get("/me/seen").await.ok();
    let next = first
        .body
        .split("href=\"")
        .filter_map(|rest| rest.split('"').next())
        .find(|href| href.starts_with("/me/seen?"))
        .unwrap()
        .replace("&amp;", "&")
        .replace("&#38;", "&");
    assert!(phone.get(&next).await.ok().says("Sent your referral"));
    assert_eq!(
        phone
            .get("/me/seen?after=x&after_id=00000000-0000-7000-8000-000000000001")
            .await
            .status,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn consent_is_given_and_taken_back_online_and_counts_at_once() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let phone = own_pages(&app, case).await;
    // What has to be told first is on the page, and nothing is ticked.
    let page = phone.get("/me/consents/take_part").await.ok();
    assert!(page.says("serious harm") && !page.body.contains(" checked"));
    let (draft, wordings) = (page.value("draft"), page.value("wordings"));
    let unread = phone
        .post(
            "/me/consents/take_part",
            &[
                ("draft", &draft),
                ("wordings", &wordings),
                ("decision", "yes"),
            ],
        )
        .await;
    assert_eq!(unread.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(unread.error("read").is_some());
    phone
        .post(
            "/me/consents/take_part",
            &[
                ("draft", &draft),
                ("wordings", &wordings),
                ("decision", "yes"),
                ("read", "yes"),
            ],
        )
        .await
        .went_to("/me/consents");
    assert_eq!(event_names(&app, 1).await, ["consent.recorded"]);
    assert_eq!(
        app.count("consents WHERE mode = 'online' AND decision = 'given' AND taken_by IS NULL")
            .await,
        3
    );
    let priya = app.browser("priya").await;
    let story = priya.get(&format!("/cases/{case}")).await.ok();
    assert!(story.says("Online. The person, on their own pages"));

    agree(&priya, case, &["share_employer"]).await;
    let page = phone.get("/me/consents/take_part").await.ok();
    assert!(page.says("Speaking with your employer"), "it ends with it");
    phone
        .fill("/me/consents/take_part", &[("decision", "withdraw")])
        .await
        .went_to("/me/consents");
    assert_eq!(event_names(&app, 1).await, ["consent.withdrawn"]);
    let refused = priya
        .fill(
            &format!("/cases/{case}/contacts/new"),
            &[("outcome", "done"), ("with_whom", "manager")],
        )
        .await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    for path in ["/me/consents/limits", "/me/consents/nothing"] {
        assert_eq!(phone.get(path).await.status, StatusCode::NOT_FOUND);
    }
}

#[tokio::test]
async fn words_that_were_changed_meanwhile_are_not_agreed_to() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let phone = own_pages(&app, case).await;
    let page = phone.get("/me/consents/research").await.ok();
    let draft = page.value("draft");
    let shown = phone
        .post(
            "/me/consents/research",
            &[
                ("draft", &draft),
                ("wordings", "older"),
                ("decision", "yes"),
            ],
        )
        .await;
    assert_eq!(shown.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(app.count("consents").await, 0);
}

#[tokio::test]
async fn a_call_that_is_asked_for_stands_on_the_workers_today_until_somebody_saw_to_it() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let phone = own_pages(&app, case).await;
    let wrong = phone.fill("/me/call", &[("words", "About Monday")]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.error("when").is_some() && wrong.says("About Monday"));
    let page = phone.get("/me/call").await.ok();
    let draft = page.value("draft");
    let fields = [
        ("draft", draft.as_str()),
        ("when", "morning"),
        ("words", "About Monday"),
    ];
    phone.post("/me/call", &fields).await.went_to("/me");
    assert_eq!(event_names(&app, 1).await, ["portal.asked"]);
    phone.post("/me/call", &fields).await.went_to("/me");
    assert_eq!(app.count("portal_asks").await, 1, "pressed twice");

    let priya = app.browser("priya").await;
    let today = priya.get("/today").await.ok();
    assert!(today.says("Asked for a call") && today.says("About Monday"));
    assert!(
        !app.browser("tom")
            .await
            .get("/today")
            .await
            .ok()
            .says("About Monday")
    );
    let own = priya.get(&format!("/cases/{case}/portal")).await.ok();
    assert!(own.says("In the morning. About Monday"));
    let seen = own
        .body
        .split("action=\"")
        .filter_map(|rest| rest.split('"').next())
        .find(|action| action.ends_with("/seen"))
        .unwrap()
        .to_owned();
    let noel = app.browser("nobody").await;
    assert_eq!(noel.post(&seen, &[]).await.status, StatusCode::NOT_FOUND);
    let dan = app.case("Dan Price", "priya").await;
    let elsewhere = seen.replace(&case.to_string(), &dan.to_string());
    assert_eq!(
        priya.post(&elsewhere, &[]).await.status,
        StatusCode::NOT_FOUND
    );
    priya
        .post(&seen, &[])
        .await
        .went_to(&format!("/cases/{case}/portal"));
    assert_eq!(event_names(&app, 1).await, ["portal.ask_seen"]);
    assert!(!priya.get("/today").await.ok().says("About Monday"));
}

#[tokio::test]
async fn what_a_person_tells_is_read_by_their_worker() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let phone = own_pages(&app, case).await;
    let blank = phone.fill("/me/tell", &[("words", "  ")]).await;
    assert_eq!(blank.status, StatusCode::UNPROCESSABLE_ENTITY);
    phone
        .fill("/me/tell", &[("words", "Two good days 😀")])
        .await
        .went_to("/me");
    assert_eq!(event_names(&app, 1).await, ["portal.asked"]);
    let (priya, leila) = (app.browser("priya").await, app.browser("leila").await);
    assert!(priya.get("/today").await.ok().says("Two good days 😀"));
    assert!(!leila.get("/today").await.ok().says("Two good days 😀"));
    // Friday's words are to be read by the end of Monday. On Tuesday they are late, and a mentor sees them too.
    app.clock.advance(Duration::days(3));
    let leila = app.browser("leila").await;
    assert!(!leila.get("/today").await.ok().says("Two good days 😀"));
    app.clock.advance(Duration::days(1));
    let leila = app.browser("leila").await;
    let today = leila.get("/today").await.ok();
    assert!(today.says("nobody has seen to it") && today.says("Two good days 😀"));
}

#[tokio::test]
async fn a_worrying_word_on_any_of_their_pages_goes_to_whoever_is_on_duty() {
    for path in ["/me/tell", "/me/call", "/me/stop"] {
        let app = TestApp::new().await;
        let case = app.case("Maya Okonkwo", "priya").await;
        agree(&app.browser("priya").await, case, &["share_employer"]).await;
        let phone = own_pages(&app, case).await;
        let fields = [("words", "I cannot go on like this"), ("when", "any")];
        phone.fill(path, &fields).await.went_to("/me");
        assert_eq!(app.stored_case(case).await.open_concerns, 1, "{path}");
    }
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let phone = own_pages(&app, case).await;
    let fields = [
        ("phone", "07700 900123"),
        ("who_else", "My brother. I cannot go on like this"),
    ];
    phone.fill("/me/details", &fields).await.went_to("/me");
    assert_eq!(app.stored_case(case).await.open_concerns, 1, "/me/details");
    // The same words once more are no other concern.
    let fields = [fields[1], ("phone", "07700 900124")];
    phone.fill("/me/details", &fields).await.went_to("/me");
    assert_eq!(app.stored_case(case).await.open_concerns, 1);
}

#[tokio::test]
async fn stopping_takes_the_agreement_back_at_once_and_is_not_argued_with() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let priya = app.browser("priya").await;
    agree(&priya, case, &["share_employer"]).await;
    let phone = own_pages(&app, case).await;
    let page = phone.get("/me/stop").await.ok();
    for harsh in ["sure", "regret", " lose", "fail"] {
        assert!(!page.says(harsh), "{harsh}");
    }
    phone.fill("/me/stop", &[]).await.went_to("/me");
    assert_eq!(
        event_names_of_one_moment(&app, 2).await,
        ["consent.withdrawn", "portal.asked"]
    );
    let today = priya.get("/today").await.ok();
    assert!(today.says("No longer wants to take part"));
    // Their pages are still theirs to read.
    phone.get("/me/plan").await.ok();
}

#[tokio::test]
async fn where_the_support_has_ended_the_pages_are_there_to_read_and_not_to_change() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let phone = own_pages(&app, case).await;
    let priya = app.browser("priya").await;
    let closed = priya
        .fill(
            &format!("/cases/{case}/close"),
            &[("reason", "declined"), ("work_status", "off")],
        )
        .await;
    if closed.status != StatusCode::SEE_OTHER {
        panic!("{}", closed.body);
    }
    for path in [
        "/me",
        "/me/plan",
        "/me/days",
        "/me/questionnaires",
        "/me/seen",
        "/me/consents",
        "/me/record",
    ] {
        phone.get(path).await.ok();
    }
    let call = phone.get("/me/call").await;
    assert_eq!(call.status, StatusCode::CONFLICT);
    assert!(call.says("The support has ended"));
    assert!(!call.says("Reopen"));
}

#[tokio::test]
async fn every_page_says_that_nobody_watches_it() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let phone = own_pages(&app, case).await;
    for path in [
        "/p",
        "/p/x",
        "/me/word",
        "/me/closed",
        "/me",
        "/me/plan",
        "/me/days",
        "/me/questionnaires",
        "/me/details",
        "/me/messages",
        "/me/consents",
        "/me/consents/take_part",
        "/me/seen",
        "/me/call",
        "/me/tell",
        "/me/stop",
        "/me/record",
        "/me/record/copy.html",
    ] {
        let page = phone.get(path).await.ok();
        assert!(
            page.says("Nobody watches these pages for emergencies. In danger, call 999."),
            "{path}"
        );
        assert_eq!(page.body.matches("<h1").count(), 1, "{path}");
        assert_eq!(page.headers["cache-control"], "no-store", "{path}");
    }
}

#[tokio::test]
async fn the_shared_record_is_taken_away_at_once_as_a_page_a_pdf_and_as_data() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let phone = own_pages(&app, case).await;
    let priya = app.browser("priya").await;
    to_try(&priya, &phone, case).await;
    priya
        .fill(
            &format!("/cases/{case}/contacts/new"),
            &[
                ("outcome", "done"),
                ("shared_note", "We talked about the stairs"),
            ],
        )
        .await;
    let html = phone.get("/me/record/copy.html").await.ok();
    assert_eq!(event_names(&app, 1).await, ["portal.downloaded"]);
    let disposition = html.headers["content-disposition"].to_str().unwrap();
    assert_eq!(disposition, "attachment; filename=\"copy.html\"");
    for words in ["Friday 2 March 1984", "Not written down"] {
        assert!(html.says(words), "{words}");
    }
    let json = phone.get("/me/record/copy.json").await.ok();
    let data: serde_json::Value = serde_json::from_str(&json.body).unwrap();
    assert_eq!(data["name"], "Maya Okonkwo");
    let pdf = phone.get("/me/record/copy.pdf").await.ok();
    assert_eq!(event_names(&app, 1).await, ["portal.downloaded"]);
    assert_eq!(pdf.headers["content-type"], "application/pdf");
    let name = pdf.headers["content-disposition"].to_str().unwrap();
    assert_eq!(name, "attachment; filename=\"copy.pdf\"");
    let large = phone.get("/me/record/copy.pdf?print=large").await.ok();
    assert_ne!(pdf.bytes, large.bytes);
    let (pdf, large) = (pdf.words_of_the_file(), large.words_of_the_file());
    for words in [
        "Walk to the shop",
        "We talked about the stairs",
        "07700 900123",
    ] {
        assert!(html.says(words), "{words}");
        assert!(json.body.contains(words), "{words}");
        assert!(pdf.contains(words) && large.contains(words), "{words}");
    }
    // Every word of the data stands in the file.
    for part in data["parts"].as_array().unwrap() {
        for item in part["items"].as_array().unwrap() {
            for words in [&item["title"], &item["text"]] {
                for word in words.as_str().unwrap().split_whitespace() {
                    assert!(pdf.contains(word), "{word} of {item}");
                }
            }
        }
    }
}

#[tokio::test]
async fn what_was_typed_when_the_pages_closed_is_given_back_after_the_word() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let phone = own_pages(&app, case).await;
    let page = phone.get("/me/tell").await.ok();
    let draft = page.value("draft");
    app.clock.advance(chrono::Duration::minutes(31));
    let fields = [
        ("draft", draft.as_str()),
        ("words", "It took me long to write this"),
    ];
    phone
        .post("/me/tell", &fields)
        .await
        .went_to("/me/word?next=%2Fme%2Ftell");
    assert_eq!(app.count("portal_asks").await, 0);
    // Somebody else's browser is given nothing.
    let dan = app.case("Dan Price", "priya").await;
    let other = own_pages(&app, dan).await;
    assert!(!other.get("/me/tell").await.ok().says("long to write"));
    let stolen = other.post("/me/tell", &fields).await;
    assert_eq!(stolen.status, StatusCode::NOT_FOUND);

    phone
        .post("/me/word", &[("word", super::WORD), ("next", "/me/tell")])
        .await
        .went_to("/me/tell");
    let page = phone.get("/me/tell").await.ok();
    assert!(page.says("It took me long to write this") && page.says("It has not been sent"));
    assert_eq!(page.value("draft"), draft);
    phone.post("/me/tell", &fields).await.went_to("/me");
    assert_eq!(app.count("portal_asks").await, 1);
    assert!(!phone.get("/me/tell").await.ok().says("long to write"));
}
