//! What a practice sees of what it sent.

use axum::http::{Method, StatusCode};
use handrail::{
    features::{
        audit,
        referral::{self, After, sent_sql},
    },
    platform::db::{Db, Sql, sql},
    rules::{
        Choice,
        consent::Kind,
        id::{CaseId, ReferralId},
        permission::Action,
    },
};

use super::{case_of, referral_text};
use crate::support::{Shown, TestApp, event_names, form};

/// The person says yes or withdraws: sharing with the GP.
async fn share(app: &TestApp, case: CaseId, decision: &str) {
    app.clock.advance(chrono::Duration::minutes(1));
    let person = app.stored_case(case).await.person_id;
    let mut tx = app.write("priya").await;
    let (id, now, by) = (tx.new_uuid(), tx.now(), app.id("priya"));
    tx.change(Sql::insert(
        "consents",
        [
            ("id", id.into()),
            ("case_id", case.into()),
            ("person_id", person.into()),
            ("kind", Kind::ShareWithGp.code().into()),
            ("decision", decision.into()),
            ("mode", "spoken".into()),
            ("taken_by", by.into()),
            ("taken_at", now.into()),
        ],
    ))
    .await
    .unwrap();
    let entry =
        handrail::platform::audit::Entry::of(handrail::rules::event::Event::ConsentRecorded);
    tx.record(entry.case(case)).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn a_gp_hears_no_more_than_received_until_the_person_agrees() {
    let app = TestApp::new().await;
    let id = app.referral("Maya Okonkwo").await;
    let ruth = app.browser("ruth").await;
    assert!(ruth.get("/sent").await.ok().says("Received"));
    assert_eq!(event_names(&app, 1).await, ["referral.listed"]);
    let priya = app.browser("priya").await;
    let version = priya
        .get(&format!("/referrals/{id}"))
        .await
        .ok()
        .value("version");
    priya
        .post(&format!("/referrals/{id}/accept"), &[("version", &version)])
        .await;
    let case = case_of(&app, id).await;
    priya
        .fill(
            &format!("/cases/{case}/contacts/new"),
            &[("outcome", "done"), ("shared_note", "Secret words")],
        )
        .await;
    for path in ["/sent".to_owned(), format!("/sent/{id}")] {
        let page = ruth.get(&path).await.ok();
        assert!(page.says("Received") && !page.says("In support"), "{path}");
        assert!(!page.says("Secret words") && !page.says("Priya"), "{path}");
    }
    share(&app, case, "given").await;
    assert!(ruth.get("/sent").await.ok().says("In support"));
    assert!(
        ruth.get(&format!("/sent/{id}"))
            .await
            .ok()
            .says("In support")
    );
    share(&app, case, "withdrawn").await;
    let page = ruth.get("/sent").await.ok();
    assert!(
        page.says("Received") && !page.says("In support"),
        "withdrawn at once"
    );
}

/// A page as its sender reads it, without what differs from one referral to the next.
fn read(shown: &Shown, id: ReferralId, reference: &str) -> String {
    let mut words = format!("{} {}\n{}", shown.status, shown.location, shown.body)
        .replace(&id.to_string(), "ID")
        .replace(reference, "REFERENCE");
    let mark = "name=\"draft\" value=\"";
    while let Some(at) = words.find(mark) {
        let end = at + mark.len() + 36;
        words.replace_range(at..=end, "DRAFT");
    }
    // The request's own number.
    if let Some(at) = words.find("\"instance\":\"") {
        words.replace_range(at..at + 26, "");
    }
    words = words
        .split("data-draft=\"")
        .enumerate()
        .map(|(n, part)| if n == 0 { part } else { &part[36..] })
        .collect();
    words
}

/// Maya's referral as her GP types it again.
const AGAIN: [(&str, &str); 10] = [
    ("name", "Maya Okonkwo"),
    ("born_on", "2 3 1984"),
    ("phone", "07700 900456"),
    ("employment", "employed"),
    ("job", "Care home assistant"),
    ("absent_since", "9 10 2026"),
    ("fit_note", "yes"),
    ("fit_note_until_on", "11 12 2026"),
    ("reason", "Struggling with the thought of going back"),
    ("avoid", "text"),
];

#[tokio::test]
async fn a_sender_cannot_tell_a_referral_that_waits_from_one_that_was_accepted() {
    let app = TestApp::new().await;
    let waits = app.referral("Maya Okonkwo").await;
    let accepted = app.referral("Maya Okonkwo").await;
    let priya = app.browser("priya").await;
    let here = format!("/referrals/{accepted}");
    // The service answers what is not known, accepts, and talks with her.
    let version = priya.get(&here).await.ok().value("version");
    priya
        .post(
            &format!("{here}/eligibility"),
            &[("version", &version), ("age", "yes"), ("paid_work", "no")],
        )
        .await
        .went_to(&here);
    let version = priya.get(&here).await.ok().value("version");
    priya
        .post(&format!("{here}/accept"), &[("version", &version)])
        .await;
    let case = case_of(&app, accepted).await;
    priya
        .fill(
            &format!("/cases/{case}/contacts/new"),
            &[("outcome", "done"), ("shared_note", "Secret words")],
        )
        .await;
    app.clock.advance(chrono::Duration::hours(1));

    let ruth = app.browser("ruth").await;
    let mut seen: Vec<Vec<(String, String)>> = vec![];
    for id in [waits, accepted] {
        let reference = referral_text(&app, id, "reference").await.unwrap();
        let mut pages = vec![];
        let at = format!("/sent/{id}");
        let (amend, withdraw, sent) = (
            format!("{at}/amend"),
            format!("{at}/withdraw"),
            format!("/refer/sent/{id}"),
        );
        let keep = |pages: &mut Vec<(String, String)>, what: &str, shown: &Shown| {
            pages.push((what.to_owned(), read(shown, id, &reference)));
        };
        for (what, path) in [
            ("page", &at),
            ("amend", &amend),
            ("withdraw", &withdraw),
            ("after sending", &sent),
        ] {
            keep(&mut pages, what, &ruth.get(path).await.ok());
        }
        let wrong = ruth
            .fill(&amend, &[("name", ""), ("born_on", "soon")])
            .await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
        keep(&mut pages, "amend with mistakes", &wrong);
        let stale = [&AGAIN[..], &[("version", "0")]].concat();
        keep(
            &mut pages,
            "amend what is older",
            &ruth.post(&amend, &stale).await,
        );
        let flagged = [&AGAIN[..], &[("red_flags", "self_harm")]].concat();
        keep(&mut pages, "interrupt", &ruth.fill(&amend, &flagged).await);
        keep(
            &mut pages,
            "amended",
            &ruth.fill(&amend, &AGAIN).await.went_to(&at),
        );
        keep(&mut pages, "page then", &ruth.get(&at).await.ok());
        let answer = [("decision", "not_dealt_with"), ("red_flags", "self_harm")];
        let flagged = [&AGAIN[..], &answer].concat();
        let answer = ruth.fill(&amend, &flagged).await;
        keep(&mut pages, "red flag", &answer.went_to(&at));
        for (what, path) in [("page with a flag", &at), ("what to do", &sent)] {
            let shown = ruth.get(path).await.ok();
            assert!(shown.says("not dealt with yet"), "{what}");
            keep(&mut pages, what, &shown);
        }
        let answer = ruth.fill(&sent, &[("confirmed_by", "")]).await;
        keep(&mut pages, "confirm nobody", &answer);
        let answer = ruth
            .fill(&sent, &[("confirmed_by", "Dr Ruth Adeyemi")])
            .await;
        keep(&mut pages, "confirm", &answer.went_to(&sent));
        keep(&mut pages, "confirmed", &ruth.get(&at).await.ok());
        let list = ruth.get("/sent").await.ok();
        let row = list.body.split("<tr>").find(|row| row.contains(&reference));
        let row = Shown {
            body: row.unwrap().split("</tr>").next().unwrap().to_owned(),
            ..list
        };
        keep(&mut pages, "its line in the list", &row);
        keep(&mut pages, "not sure", &ruth.fill(&withdraw, &[]).await);
        let stale = [("version", "0"), ("sure", "yes")];
        keep(
            &mut pages,
            "withdraw what is older",
            &ruth.post(&withdraw, &stale).await,
        );
        let answer = ruth.fill(&withdraw, &[("sure", "yes")]).await;
        keep(&mut pages, "withdrawn", &answer.went_to(&at));
        for (what, path) in [
            ("page at last", &at),
            ("amend at last", &amend),
            ("withdraw at last", &withdraw),
            ("after sending at last", &sent),
        ] {
            keep(&mut pages, what, &ruth.get(path).await);
        }
        let json = [("accept", "application/json")];
        for (what, path, body) in [
            ("amend, for a program", &amend, form(&AGAIN)),
            (
                "withdraw, for a program",
                &withdraw,
                form(&[("sure", "yes")]),
            ),
            (
                "confirm, for a program",
                &sent,
                form(&[("confirmed_by", "x")]),
            ),
        ] {
            let answer = ruth.send(Method::POST, path, body, &json).await;
            assert_eq!(answer.status, StatusCode::CONFLICT, "{what}");
            keep(&mut pages, what, &answer);
        }
        seen.push(pages);
    }
    let second = seen.pop().unwrap();
    for ((what, waits), (_, accepted)) in seen.pop().unwrap().into_iter().zip(second) {
        let request = |words: &str| -> Vec<String> {
            words
                .lines()
                .filter(|line| !line.contains("request"))
                .map(str::to_owned)
                .collect()
        };
        assert_eq!(request(&waits), request(&accepted), "{what}");
    }
    let status = |id| referral_text(&app, id, "status");
    assert_eq!(status(waits).await.as_deref(), Some("withdrawn"));
    assert_eq!(status(accepted).await.as_deref(), Some("accepted"));
}

#[tokio::test]
async fn what_a_sender_says_after_acceptance_is_read_by_the_worker_and_changes_nothing_by_itself() {
    let app = TestApp::new().await;
    let id = app.referral("Maya Okonkwo").await;
    let mut tx = app.write("priya").await;
    let referral = referral::store::find_for(&mut tx, Action::DecideReferral, id, None)
        .await
        .unwrap();
    let case = referral::accept_referral(&mut tx, referral, Some(app.id("priya")))
        .await
        .unwrap();
    tx.commit().await.unwrap();
    app.clock.advance(chrono::Duration::hours(1));
    let ruth = app.browser("ruth").await;
    ruth.fill(&format!("/sent/{id}/amend"), &AGAIN)
        .await
        .went_to(&format!("/sent/{id}"));
    let names = event_names(&app, 5).await;
    assert!(names.contains(&"referral.amended".to_owned()), "{names:?}");
    let rows = app
        .app
        .db
        .look(sql("SELECT phone, safe_text FROM persons"))
        .await
        .unwrap();
    assert_eq!(rows[0].get::<String>("phone").unwrap(), "07700 900123");
    assert_eq!(rows[0].get::<String>("safe_text").unwrap(), "not_known");
    // Evidence: the end of the note, where no note is kept, and the first day off.
    let stored = app.stored_case(case).await;
    assert_eq!(stored.note_until_on.unwrap().to_string(), "2026-12-11");
    assert_eq!(
        app.count("absence_facts WHERE taken_back_at IS NULL").await,
        1
    );
    assert_eq!(
        app.count(
            "absence_facts WHERE taken_back_at IS NULL AND CAST(said AS TEXT) LIKE '%2026-10-09%'"
        )
        .await,
        1
    );
    let priya = app.browser("priya").await;
    let today = priya.get("/today").await.ok();
    assert!(today.says("The referrer changed:"));
    let page = priya.get(&format!("/cases/{case}")).await.ok();
    assert!(page.says("07700 900456") && page.says("This is what the referrer says."));
    let page = priya.get(&format!("/referrals/{id}")).await.ok();
    assert!(page.says("The person’s details are as they were"));

    // A red flag that comes late is before somebody on duty, on the case, at once.
    let flagged = [
        &AGAIN[..],
        &[("red_flags", "self_harm"), ("decision", "not_dealt_with")],
    ]
    .concat();
    ruth.fill(&format!("/sent/{id}/amend"), &flagged).await;
    assert_eq!(app.count("concerns WHERE case_id IS NOT NULL").await, 1);
    assert_eq!(app.stored_case(case).await.open_concerns, 1);

    ruth.fill(&format!("/sent/{id}/withdraw"), &[("sure", "yes")])
        .await
        .went_to(&format!("/sent/{id}"));
    assert_eq!(event_names(&app, 1).await, ["referral.withdrawn"]);
    let page = ruth.get(&format!("/sent/{id}")).await.ok();
    assert!(page.says("Withdrawn by") && page.says("Dr Ruth Adeyemi, today, 10:00"));
    assert_eq!(
        app.stored_case(case).await.status,
        handrail::rules::caseload::Status::Waiting
    );
    let today = priya.get("/today").await.ok();
    assert!(today.says("The referrer withdrew the referral."));
    let page = priya.get(&format!("/cases/{case}")).await.ok();
    assert!(page.says("The support is the person’s own and goes on as they wish."));
}

#[tokio::test]
async fn what_a_sender_says_of_a_case_that_is_nobodys_or_closed_is_read_by_the_mentor() {
    let app = TestApp::new().await;
    let id = app.referral("Maya Okonkwo").await;
    let leila = app.browser("leila").await;
    let accept = [("version", "1"), ("worker", "nobody")];
    let case = leila
        .post(&format!("/referrals/{id}/accept"), &accept)
        .await
        .location;
    let ruth = app.browser("ruth").await;
    let amend = format!("/sent/{id}/amend");
    ruth.fill(&amend, &AGAIN)
        .await
        .went_to(&format!("/sent/{id}"));
    let told = async |who| {
        let today = app.browser(who).await.get("/today").await.ok();
        today.says("Answers to read") && today.says("The referrer changed: Telephone;")
    };
    assert!(told("leila").await && !told("priya").await);

    // Priya takes it on, and it is hers to read; once she has closed the case it is the mentor's again.
    let priya_id = app.id("priya").to_string();
    leila
        .fill(&format!("{case}/assign"), &[("worker", &priya_id)])
        .await
        .went_to(&case);
    assert!(!told("leila").await && told("priya").await);
    let priya = app.browser("priya").await;
    let close = [("reason", "not_ready"), ("work_status", "off")];
    priya
        .fill(&format!("{case}/close"), &close)
        .await
        .went_to(&case);
    assert!(told("leila").await && !told("priya").await);
    let page = leila.get(&format!("/referrals/{id}")).await.ok();
    leila
        .post(
            &format!("/referrals/{id}/read"),
            &[("version", &page.value("version"))],
        )
        .await
        .went_to(&format!("/referrals/{id}"));
    assert_eq!(event_names(&app, 1).await, ["referral.amendment_read"]);
    assert!(!told("leila").await, "it has been read");
}

#[tokio::test]
async fn the_services_own_pages_of_a_referral_are_not_there_for_a_practice() {
    let app = TestApp::new().await;
    let id = app.referral("Maya Okonkwo").await;
    for who in ["ruth", "amir"] {
        let browser = app.browser(who).await;
        let page = browser.get(&format!("/referrals/{id}")).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{who}");
        for act in ["accept", "decline", "read", "red-flags", "eligibility"] {
            let fields = [("version", "1"), ("confirmed_by", "x")];
            let answer = browser
                .post(&format!("/referrals/{id}/{act}"), &fields)
                .await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{who} {act}");
        }
    }
}

#[tokio::test]
async fn a_gp_sees_what_was_sent_and_not_what_the_service_learnt_since() {
    let app = TestApp::new().await;
    let id = app.referral("Maya Okonkwo").await;
    let mut tx = app.write("priya").await;
    tx.change(sql(
        "UPDATE persons SET phone = '07700 900999', name = 'Maya Bello', job = 'Baker'",
    ))
    .await
    .unwrap();
    let entry = handrail::platform::audit::Entry::of(handrail::rules::event::Event::PersonChanged);
    tx.record(entry).await.unwrap();
    tx.commit().await.unwrap();
    let ruth = app.browser("ruth").await;
    for path in [
        "/sent".to_owned(),
        format!("/sent/{id}"),
        format!("/refer/sent/{id}"),
        format!("/sent/{id}/amend"),
        format!("/sent/{id}/withdraw"),
    ] {
        let page = ruth.get(&path).await.ok();
        assert!(page.says("Maya Okonkwo"), "{path}");
        for words in ["900999", "Bello", "Baker"] {
            assert!(!page.says(words), "{path} {words}");
        }
    }
}

#[tokio::test]
async fn another_practice_finds_nothing() {
    let app = TestApp::new().await;
    let id = app.referral("Maya Okonkwo").await;
    let amir = app.browser("amir").await;
    let list = amir.get("/sent").await.ok();
    assert!(list.says("Nothing sent yet.") && !list.says("Maya"));
    for path in [
        format!("/sent/{id}"),
        format!("/sent/{id}/amend"),
        format!("/sent/{id}/withdraw"),
        format!("/refer/sent/{id}"),
    ] {
        let shown = amir.get(&path).await;
        assert_eq!(shown.status, StatusCode::NOT_FOUND, "{path}");
        assert!(!shown.says("Maya"));
        let fields = [("version", "1"), ("sure", "yes"), ("confirmed_by", "x")];
        if !path.ends_with(&id.to_string()) || path.starts_with("/refer") {
            assert_eq!(
                amir.post(&path, &fields).await.status,
                StatusCode::NOT_FOUND,
                "{path}"
            );
        }
    }
    for who in ["priya", "marta", "ines"] {
        let browser = app.browser(who).await;
        assert_eq!(
            browser.get("/sent").await.status,
            StatusCode::FORBIDDEN,
            "{who}"
        );
    }
    assert_eq!(
        referral_text(&app, id, "status").await.as_deref(),
        Some("sent")
    );
}

#[tokio::test]
async fn a_referral_is_withdrawn_while_it_waits_and_only_on_purpose() {
    let app = TestApp::new().await;
    let id = app.referral("Maya Okonkwo").await;
    let ruth = app.browser("ruth").await;
    let here = format!("/sent/{id}/withdraw");
    let page = ruth.fill(&here, &[]).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(
        page.error("sure").as_deref(),
        Some("Tick to say that you want to withdraw it")
    );
    ruth.fill(&here, &[("sure", "yes")])
        .await
        .went_to(&format!("/sent/{id}"));
    assert_eq!(event_names(&app, 1).await, ["referral.withdrawn"]);
    let page = ruth.get(&format!("/sent/{id}")).await.ok();
    for words in ["Withdrawn by", "Dr Ruth Adeyemi, today, 09:00"] {
        assert!(page.says(words), "{words}");
    }
    assert!(!page.says("/withdraw") && !page.says("/amend"));
    let list = ruth.get("/sent").await.ok();
    assert!(list.says("Withdrawn</span> <span class=\"hr-quiet\">Friday 20 November"));
    assert_eq!(
        ruth.get(&here).await.status,
        StatusCode::CONFLICT,
        "no longer waiting"
    );
    assert!(
        !app.browser("priya")
            .await
            .get("/waiting")
            .await
            .ok()
            .says("Maya")
    );
}

#[tokio::test]
async fn what_was_declined_and_what_was_accepted_leave_the_senders_pages_on_one_day() {
    let app = TestApp::new().await;
    let names = ["Maya Okonkwo", "Dan Price", "Sam Field"];
    let mut sent = vec![];
    for name in names {
        sent.push(app.referral(name).await);
    }
    let [declined, accepted, taken_back] = sent[..] else {
        unreachable!()
    };
    let leila = app.browser("leila").await;
    let decline = [("reason", "other"), ("note", "Not now")];
    leila
        .fill(&format!("/referrals/{declined}/decline"), &decline)
        .await
        .went_to("/waiting");
    for id in [accepted, taken_back] {
        let accept = [("version", "1"), ("worker", "nobody")];
        let answer = leila
            .post(&format!("/referrals/{id}/accept"), &accept)
            .await;
        assert!(answer.location.starts_with("/cases/"), "{}", answer.body);
    }
    app.browser("ruth")
        .await
        .fill(&format!("/sent/{taken_back}/withdraw"), &[("sure", "yes")])
        .await
        .went_to(&format!("/sent/{taken_back}"));

    // Sent and decided on Friday 20 November 2026; the shortest period is 12 months. On 19 November 2027 everything is there.
    app.clock.advance(chrono::Duration::days(364));
    referral_pages(&app, &sent, StatusCode::OK).await;
    let list = app.browser("ruth").await.get("/sent").await.ok();
    assert!(names.iter().all(|name| list.says(name)));
    assert!(list.says("A referral leaves this list 12 months after it was sent"));

    // On 20 November 2027 nothing is, before anything was disposed of and after.
    app.clock.advance(chrono::Duration::days(1));
    for disposed in [false, true] {
        if disposed {
            let gone = audit::dispose_due(&app.app).await.unwrap();
            assert_eq!((gone.cases, gone.referrals), (0, 1));
        }
        let list = app.browser("ruth").await.get("/sent").await.ok();
        assert!(names.iter().all(|name| !list.says(name)));
        referral_pages(&app, &sent, StatusCode::NOT_FOUND).await;
    }
}

/// Each of the sender's pages of these referrals answers so.
async fn referral_pages(app: &TestApp, sent: &[ReferralId], status: StatusCode) {
    let ruth = app.browser("ruth").await;
    for id in sent {
        for page in [format!("/sent/{id}"), format!("/refer/sent/{id}")] {
            assert_eq!(ruth.get(&page).await.status, status, "{page}");
        }
        if status == StatusCode::NOT_FOUND {
            for form in [
                "/sent/{id}/amend",
                "/sent/{id}/withdraw",
                "/refer/sent/{id}",
            ] {
                let form = form.replace("{id}", &id.to_string());
                assert_eq!(ruth.post(&form, &[]).await.status, status, "{form}");
            }
        }
    }
}

#[tokio::test]
async fn the_list_goes_on_from_page_to_page_newest_first() {
    let app = TestApp::new().await;
    for n in 0..26 {
        app.referral(&format!("Person {n:02}")).await;
        app.clock.advance(chrono::Duration::seconds(1));
    }
    let ruth = app.browser("ruth").await;
    let page = ruth.get("/sent").await.ok();
    assert!(page.says("Person 25") && !page.says("Person 00"));
    let next = page
        .body
        .split("href=\"")
        .find(|h| h.starts_with("/sent?"))
        .unwrap();
    let next = next
        .split('"')
        .next()
        .unwrap()
        .replace("&amp;", "&")
        .replace("&#38;", "&");
    let page = ruth.get(&next).await.ok();
    assert!(page.says("Person 00") && !page.says("Person 01"));
}

#[tokio::test]
async fn the_list_of_what_was_sent_is_read_from_one_index() {
    let app = TestApp::new().await;
    let mut tx = app.app.read(&app.actor("ruth").await).await.unwrap();
    let later = After {
        after: "2026-11-20T09:00:00+00:00".to_owned(),
        after_id: app.elm.to_string(),
        ..After::default()
    };
    for after in [After::default(), later] {
        let statement = sent_sql(app.elm, app.now(), &after).unwrap();
        let plan = Db::plan(&mut tx, statement).await.unwrap();
        assert!(plan.contains("referrals_practice"), "{plan}");
        for sorts in ["SCAN r", "TEMP B-TREE", "Seq Scan", "Sort Key"] {
            assert!(!plan.contains(sorts), "{sorts}: {plan}");
        }
    }
}
