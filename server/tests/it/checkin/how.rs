//! How things are, every four weeks: on the person's own pages, and whether they felt pushed is for the mentor alone.

use axum::http::StatusCode;
use chrono::Duration;
use handrail::{
    features::caseload::store as cases,
    platform::db::sql,
    rules::{
        Choice,
        checkin::{Kind, State},
        id::{CaseId, CheckinId},
        permission::{Action, Reach, Role, may},
    },
};

use super::{agreed, all, happened};
use crate::{
    permissions,
    portal::{own_pages, set_word},
    support::{Browser, TestApp},
};

/// What nobody but a mentor may read.
const SECRET: &str = "Zebra crossing on Monday or else";

/// Four weeks and three days after Maya agreed: Monday 21 December 2026. The question about 20 November to 17 December has come.
async fn asked() -> (TestApp, CaseId, CheckinId) {
    let (app, case) = agreed().await;
    set_word(&app, case).await;
    app.clock.advance(Duration::days(31));
    app.run_jobs().await;
    let how = how_of(&app, case).await;
    (app, case, how)
}

async fn how_of(app: &TestApp, case: CaseId) -> CheckinId {
    let asked = all(app, case).await;
    let how: Vec<_> = asked
        .iter()
        .filter(|k| k.kind == Kind::HowThingsAre)
        .collect();
    assert_eq!(how.len(), 1);
    assert_eq!(
        (how[0].from.to_string(), how[0].until.to_string()),
        ("2026-11-20".to_owned(), "2026-12-17".to_owned())
    );
    how[0].id
}

async fn stands(app: &TestApp, case: CaseId) -> State {
    let id = how_of(app, case).await;
    let asked = all(app, case).await;
    asked.iter().find(|k| k.id == id).unwrap().state
}

#[tokio::test]
async fn how_things_are_is_asked_every_four_weeks_and_once_more() {
    let (app, case, _) = asked().await;
    for _ in 0..3 {
        app.clock.advance(Duration::hours(1));
        app.run_jobs().await;
    }
    assert_eq!(app.count("checkins WHERE kind = 'how_things_are'").await, 1);
    assert_eq!(app.count("messages WHERE template = 'how-things'").await, 1);
    app.clock.advance(Duration::days(2));
    app.run_jobs().await;
    assert_eq!(
        app.count("messages WHERE template = 'how-things'").await,
        2,
        "and one reminder"
    );
    let phone = own_pages(&app, case).await;
    assert!(phone.get("/me").await.ok().says("How things are"));
}

#[tokio::test]
async fn whoever_has_no_word_for_their_pages_is_asked_when_they_next_speak() {
    let (app, case) = agreed().await;
    app.clock.advance(Duration::days(31));
    app.run_jobs().await;
    let how = how_of(&app, case).await;
    assert_eq!(stands(&app, case).await, State::ForAPerson);
    assert_eq!(
        app.count("messages WHERE template = 'how-things'").await,
        0,
        "without a word their pages do not open, and no link is sent"
    );
    let priya = app.browser("priya").await;
    let case_page = priya.get(&format!("/cases/{case}")).await.ok();
    assert!(case_page.says("to be asked when you next speak"));
    assert!(
        !priya.get("/today").await.ok().says("How things are"),
        "it does not fill the day"
    );
    let list = format!("/cases/{case}/checkins");
    let here = format!("{list}/{how}");
    let page = priya.get(&here).await.ok();
    assert!(page.says("How likely do you think it is that you will be back at work?"));
    assert!(page.says("Whether they felt pushed is for a mentor to ask"));
    assert!(!page.body.contains(" checked") && !page.body.contains("name=\"pushed\""));
    let nothing = priya.fill(&here, &[("confidence", "11")]).await;
    assert_eq!(nothing.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(
        nothing.error("confidence").as_deref(),
        Some("Choose a number from 0 to 10")
    );
    let nothing = priya.fill(&here, &[]).await;
    assert_eq!(
        nothing.error("expectation").as_deref(),
        Some("Answer at least one question, or close this page")
    );
    // What a form of the person's own has, and this one has not, is not listened to.
    let told = [
        ("expectation", "4"),
        ("news", "Her sister drives her now"),
        ("pushed", "yes"),
        ("pushed_words", SECRET),
    ];
    priya.fill(&here, &told).await.went_to(&list);
    assert_eq!(app.count("checkin_pressure").await, 0);
    assert_eq!(stands(&app, case).await, State::Answered);
    let said = "Likely to be back at work: 4 of 10.";
    let page = priya.get(&list).await.ok();
    assert!(page.says(said) && page.says("Her sister drives her now"));
    assert!(page.says("Told to a worker, Priya Nair."));
    let why = priya.fill(&here, &[("expectation", "5")]).await;
    assert_eq!(
        why.error("reason").as_deref(),
        Some("Say why, in a sentence")
    );
    let again = [("expectation", "5"), ("reason", "I had misheard")];
    priya.fill(&here, &again).await.went_to(&list);
    let page = priya.get(&list).await.ok();
    assert!(page.says("Likely to be back at work: 5 of 10.") && page.says("I had misheard"));
}

/// Makes somebody the worker of a case.
async fn give(app: &TestApp, case: CaseId, who: &str) {
    let mut tx = app.write("leila").await;
    let found = cases::find_for(&mut tx, Action::AssignCase, case, None)
        .await
        .unwrap();
    handrail::features::caseload::assign_case(&mut tx, found, app.id(who), None)
        .await
        .unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn a_mentor_who_calls_may_ask_whether_they_felt_pushed_and_the_worker_sees_nothing_of_it() {
    let (app, case) = agreed().await;
    app.clock.advance(Duration::days(31));
    app.run_jobs().await;
    let how = how_of(&app, case).await;
    let list = format!("/cases/{case}/checkins");
    let here = format!("{list}/{how}");
    let leila = app.browser("leila").await;
    let page = leila.get(&here).await.ok();
    assert!(page.says("did you feel pushed to go back to work before you were ready?"));
    assert!(!page.body.contains(" checked"));
    let unclear = leila.fill(&here, &[("pushed_words", SECRET)]).await;
    assert_eq!(unclear.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(unclear.error("pushed").is_some() && unclear.body.contains(SECRET));
    let told = [("pushed", "yes"), ("pushed_words", SECRET)];
    leila.fill(&here, &told).await.went_to(&list);
    assert_eq!(app.count("checkin_pressure WHERE felt = 'yes'").await, 1);
    assert_eq!(app.count("complaints WHERE kind = 'pushed'").await, 1);
    // An answer to that question alone leaves the check-in as it was, so that nothing tells the worker.
    assert_eq!(stands(&app, case).await, State::ForAPerson);
    assert!(leila.get("/complaints").await.ok().says("Maya Okonkwo"));
    let priya = app.browser("priya").await;
    for page in pages_of(case).iter().chain([&list, &here]) {
        let shown = priya.get(page).await;
        assert!(!shown.says(SECRET), "{page}");
    }
    assert!(!priya.get("/complaints").await.says("Maya Okonkwo"));
    // It stands as they said it.
    assert!(
        leila
            .get(&here)
            .await
            .ok()
            .says("They said before that they felt pushed.")
    );
    let again = [("expectation", "4"), ("pushed", "no")];
    leila.fill(&here, &again).await.went_to(&list);
    assert_eq!(app.count("checkin_pressure").await, 1);

    // Her worker wrote the rest down: what a mentor asks takes the place of nothing, and needs no reason.
    let (app, case) = agreed().await;
    app.clock.advance(Duration::days(31));
    app.run_jobs().await;
    let here = format!("/cases/{case}/checkins/{}", how_of(&app, case).await);
    let priya = app.browser("priya").await;
    priya
        .fill(&here, &[("expectation", "4")])
        .await
        .went_to(&format!("/cases/{case}/checkins"));
    let leila = app.browser("leila").await;
    leila
        .fill(&here, &[("pushed", "a_little")])
        .await
        .went_to(&format!("/cases/{case}/checkins"));
    assert_eq!(app.count("checkin_pressure").await, 1);
    assert_eq!(app.count("checkin_answers").await, 1);

    // What was said of a mentor who supported them is not hers to know, whoever supports them now.
    let (app, case, how) = asked().await;
    give(&app, case, "leila").await;
    let phone = own_pages(&app, case).await;
    phone
        .fill(&format!("/me/checkins/{how}"), &[("pushed", "yes")])
        .await
        .went_to("/me");
    give(&app, case, "priya").await;
    let here = format!("/cases/{case}/checkins/{how}");
    let page = app.browser("leila").await.get(&here).await.ok();
    assert!(!page.says("They said before") && !page.body.contains("id=\"pressure\""));

    // A mentor who supports somebody herself does not ask that of them.
    let (app, case) = agreed().await;
    app.clock.advance(Duration::days(31));
    app.run_jobs().await;
    let how = how_of(&app, case).await;
    give(&app, case, "leila").await;
    let here = format!("/cases/{case}/checkins/{how}");
    let leila = app.browser("leila").await;
    assert!(!leila.get(&here).await.ok().body.contains("name=\"pushed\""));
    leila
        .fill(&here, &[("expectation", "4"), ("pushed", "yes")])
        .await
        .went_to(&format!("/cases/{case}/checkins"));
    assert_eq!(app.count("checkin_pressure").await, 0);
}

#[tokio::test]
async fn what_they_tell_is_seen_by_their_team_with_what_it_was_before() {
    let (app, case, how) = asked().await;
    let phone = own_pages(&app, case).await;
    let here = format!("/me/checkins/{how}");
    let page = phone.get(&here).await.ok();
    assert!(page.says("How likely do you think it is that you will be back at work?"));
    assert!(page.says("May Priya Nair see this answer?"));
    assert!(page.says("the mentor is never Priya Nair"));
    assert!(
        !page.body.contains(" checked"),
        "nothing is chosen for them"
    );

    let fields = [
        ("expectation", "6"),
        ("confidence", "4"),
        ("news", "A new manager since Monday"),
    ];
    phone.fill(&here, &fields).await.went_to("/me");
    assert_eq!(happened(&app, "checkin.answered").await, 1);
    assert_eq!(
        app.count("audit_events WHERE name = 'checkin.answered' AND actor = 'person'")
            .await,
        1
    );
    let priya = app.browser("priya").await;
    let said = "Likely to be back at work: 6 of 10; confident about going back: 4 of 10.";
    let today = priya.get("/today").await.ok();
    assert!(today.says(&format!("{said} “A new manager since Monday”")));
    let case_page = priya.get(&format!("/cases/{case}")).await.ok();
    assert!(case_page.says(said) && case_page.says("A new manager since Monday"));
    let list = priya.get(&format!("/cases/{case}/checkins")).await.ok();
    assert!(list.says(said) && list.says("A new manager since Monday"));

    // What they wrote is theirs to change.
    let write = format!("/cases/{case}/checkins/{how}");
    assert!(!list.body.contains(&format!("href=\"{write}\"")));
    assert_eq!(priya.get(&write).await.status, StatusCode::NOT_FOUND);
    assert_eq!(
        priya.post(&write, &[("expectation", "9")]).await.status,
        StatusCode::CONFLICT
    );

    // Four weeks later, the same again: what it was the time before is said.
    app.clock.advance(Duration::days(28));
    app.run_jobs().await;
    let newest = all(&app, case)
        .await
        .into_iter()
        .find(|k| k.kind == Kind::HowThingsAre)
        .unwrap();
    let phone = own_pages(&app, case).await;
    phone
        .fill(
            &format!("/me/checkins/{}", newest.id),
            &[("expectation", "8")],
        )
        .await
        .went_to("/me");
    let case_page = app
        .browser("priya")
        .await
        .get(&format!("/cases/{case}"))
        .await
        .ok();
    assert!(case_page.says("The time before: likely to be back at work 6."));
}

#[tokio::test]
async fn what_needs_another_look_keeps_everything_typed() {
    let (app, case, how) = asked().await;
    let phone = own_pages(&app, case).await;
    let here = format!("/me/checkins/{how}");
    let long = "é".repeat(30_000);
    for (fields, field, sentence) in [
        (
            vec![],
            "expectation",
            "Answer at least one question, or close this page",
        ),
        (
            vec![("expectation", "11"), ("news", "kept")],
            "expectation",
            "Choose a number from 0 to 10",
        ),
        (
            vec![("pushed", "perhaps"), ("news", "kept")],
            "pushed",
            "Choose whether you felt pushed",
        ),
        (
            vec![("pushed_words", SECRET), ("news", "kept")],
            "pushed",
            "Choose whether you felt pushed",
        ),
        (
            vec![("pushed", "no"), ("pushed_words", SECRET), ("news", "kept")],
            "pushed_words",
            "You chose no. Choose “a little” or “yes” if you felt pushed, or write this under “Is there anything new?”",
        ),
    ] {
        let page = phone.fill(&here, &fields).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{sentence}");
        assert_eq!(page.error(field).as_deref(), Some(sentence));
        for (_, typed) in fields
            .iter()
            .filter(|(name, _)| ["news", "pushed_words"].contains(name))
        {
            assert!(page.body.contains(typed), "{typed}");
        }
    }
    let page = phone.fill(&here, &[("news", long.as_str())]).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.error("news").unwrap().contains("characters or fewer"));
    for table in ["checkin_answers", "checkin_pressure", "complaints"] {
        let rows = sql("SELECT 1 AS one FROM ").and(table);
        assert!(app.app.db.look(rows).await.unwrap().is_empty(), "{table}");
    }
}

/// Every address of staff that is about a case or about nobody in particular.
fn pages_of(case: CaseId) -> Vec<String> {
    let case = case.to_string();
    permissions::addresses()
        .map(|address| match address.strip_prefix("/cases/{id}") {
            Some(rest) => format!("/cases/{case}{rest}"),
            None => address.to_owned(),
        })
        .filter(|address| !address.contains('{') && !address.starts_with("/me"))
        .collect()
}

/// Where somebody reads that it was so.
async fn tells(browser: &Browser, case: CaseId) -> Vec<String> {
    let mut found = vec![];
    let mut seen = 0;
    for path in pages_of(case) {
        let page = browser.get(&path).await;
        seen += usize::from(page.status == StatusCode::OK);
        // The form for recording one names every kind, and so do the definitions of what is counted.
        let names_the_kind = page.says("Felt pushed to go back before they were ready")
            && !path.ends_with("/complaints/new");
        if page.says(SECRET) || names_the_kind {
            found.push(path);
        }
    }
    assert!(seen > 40, "the addresses are right: {seen}");
    found
}

#[tokio::test]
async fn the_worker_concerned_sees_nothing_of_it_anywhere_and_the_mentor_does() {
    let (app, case, how) = asked().await;
    let phone = own_pages(&app, case).await;
    let priya = app.browser("priya").await;
    let before = (
        priya.get(&format!("/cases/{case}")).await.ok().body,
        priya
            .get(&format!("/cases/{case}/checkins"))
            .await
            .ok()
            .body,
        priya.get("/today").await.ok().body,
    );
    let here = format!("/me/checkins/{how}");
    let fields = [("pushed", "yes"), ("pushed_words", SECRET)];
    phone.fill(&here, &fields).await.went_to("/me");
    assert_eq!(happened(&app, "complaint.recorded").await, 1);
    assert_eq!(happened(&app, "complaint.pressure_told").await, 1);
    assert_eq!(
        app.count("complaints WHERE kind = 'pushed' AND recorded_by IS NULL AND NOT worker_may_see AND about_worker IS NOT NULL")
            .await,
        1
    );
    // For the team nothing has happened: not even that something was answered.
    assert_eq!(stands(&app, case).await, State::Asked);
    assert_eq!(happened(&app, "checkin.answered").await, 0);
    let after = (
        priya.get(&format!("/cases/{case}")).await.ok().body,
        priya
            .get(&format!("/cases/{case}/checkins"))
            .await
            .ok()
            .body,
        priya.get("/today").await.ok().body,
    );
    let same = |page: &str| {
        // Drafts and the page's own ids differ from one look to the next.
        page.split(['"', '\''])
            .filter(|part| part.len() != 36)
            .collect::<Vec<_>>()
            .join("\"")
    };
    assert_eq!(same(&before.0), same(&after.0));
    assert_eq!(same(&before.1), same(&after.1));
    assert_eq!(same(&before.2), same(&after.2));

    assert_eq!(tells(&priya, case).await, Vec::<String>::new());
    for who in ["tom", "nobody", "ruth", "marta", "ines"] {
        let browser = app.browser(who).await;
        for path in pages_of(case) {
            assert!(!browser.get(&path).await.says(SECRET), "{who} {path}");
        }
    }
    let leila = app.browser("leila").await;
    let list = leila.get("/complaints").await.ok();
    assert!(list.says(SECRET) && list.says("About Priya Nair."));
    assert!(leila.get("/today").await.ok().says("People told us"));
    let complaint = list
        .body
        .split("href=\"")
        .find_map(|rest| {
            rest.split('"')
                .next()
                .filter(|a| a.starts_with("/complaints/"))
        })
        .unwrap()
        .to_owned();
    let page = leila.get(&complaint).await.ok();
    assert!(page.says(SECRET) && page.says("on their own pages."));
    assert!(page.says(">the mentor<"), "and nobody else: {}", page.body);
    assert_eq!(priya.get(&complaint).await.status, StatusCode::NOT_FOUND);
    leila
        .fill(&complaint, &[("answer", "Called, and slowed down")])
        .await
        .went_to(&complaint);

    // A reminder that did not come would tell the team: it comes. The person is not asked it again.
    app.clock.advance(Duration::days(3));
    app.run_jobs().await;
    assert_eq!(app.count("messages WHERE template = 'how-things'").await, 2);
    let phone = own_pages(&app, case).await;
    let page = phone.get(&here).await.ok();
    assert!(
        page.says("You told us on Monday 21 December 2026 that you felt pushed."),
        "{}",
        page.body
    );
    assert!(!page.body.contains("name=\"pushed\""));
    let forged = [
        ("pushed", "yes"),
        ("pushed_words", "again"),
        ("news", "Fine"),
    ];
    phone.fill(&here, &forged).await.went_to("/me");
    assert_eq!(app.count("complaints").await, 1);
    assert_eq!(stands(&app, case).await, State::Answered);
    // A copy of everything that the mentor looks through for them has it; the shared copy that a worker could ask for has not.
    assert!(!phone.get("/me/record/copy.html").await.ok().says(SECRET));
}

#[tokio::test]
async fn the_worker_sees_it_only_where_the_person_says_so() {
    for (may_see, sees) in [("yes", true), ("no", false), ("", false)] {
        let (app, case, how) = asked().await;
        let phone = own_pages(&app, case).await;
        let fields = [
            ("pushed", "a_little"),
            ("pushed_words", SECRET),
            ("worker_may_see", may_see),
        ];
        phone
            .fill(&format!("/me/checkins/{how}"), &fields)
            .await
            .went_to("/me");
        let list = app.browser("priya").await.get("/complaints").await.ok();
        assert_eq!(list.says(SECRET), sees, "{may_see:?}");
        let tom = app.browser("tom").await.get("/complaints").await.ok();
        assert!(!tom.says(SECRET), "it is not about Tom");
    }
}

#[tokio::test]
async fn a_mentor_whom_it_is_about_does_not_see_it() {
    let (mut app, case, how) = asked().await;
    let team = app.team;
    app.add("musa", "Musa Bello", Role::Mentor, team).await;
    // Leila works with Maya herself now.
    give(&app, case, "leila").await;
    let phone = own_pages(&app, case).await;
    let here = format!("/me/checkins/{how}");
    assert!(
        phone
            .get(&here)
            .await
            .ok()
            .says("the mentor is never Leila Haddad")
    );
    phone
        .fill(&here, &[("pushed", "yes"), ("pushed_words", SECRET)])
        .await
        .went_to("/me");
    let leila = app.browser("leila").await;
    assert_eq!(tells(&leila, case).await, Vec::<String>::new());
    let other = app.browser("musa").await;
    assert!(other.get("/complaints").await.ok().says(SECRET));
    let said = other.get("/today").await.ok();
    assert!(said.says("About Leila Haddad."));
}

#[tokio::test]
async fn who_was_not_pushed_makes_no_complaint_and_the_answer_is_no_worker_s_either() {
    let (app, case, how) = asked().await;
    let phone = own_pages(&app, case).await;
    let here = format!("/me/checkins/{how}");
    phone.fill(&here, &[("pushed", "no")]).await.went_to("/me");
    assert_eq!(app.count("complaints").await, 0);
    assert_eq!(app.count("checkin_pressure WHERE felt = 'no'").await, 1);
    assert_eq!(stands(&app, case).await, State::Asked);
    // Later it was otherwise: that is told.
    phone
        .fill(&here, &[("pushed", "yes"), ("expectation", "0")])
        .await
        .went_to("/me");
    assert_eq!(app.count("complaints").await, 1);
    let words = sql("SELECT words FROM complaints");
    let words: String = app.app.db.look(words).await.unwrap()[0]
        .get("words")
        .unwrap();
    assert!(
        words.ends_with("they answered: yes. They said nothing more."),
        "{words}"
    );
}

#[tokio::test]
async fn a_worrying_word_goes_to_whoever_is_on_duty_and_takes_no_secret_with_it() {
    let (app, case, how) = asked().await;
    let phone = own_pages(&app, case).await;
    let here = format!("/me/checkins/{how}");
    let words = format!("{SECRET}. I can’t go on");
    phone
        .fill(&here, &[("pushed", "yes"), ("pushed_words", &words)])
        .await
        .went_to("/me");
    assert_eq!(happened(&app, "safety.raised").await, 1);
    assert_eq!(app.stored_case(case).await.open_concerns, 1);
    let concern = sql("SELECT what FROM concerns");
    let what: String = app.app.db.look(concern).await.unwrap()[0]
        .get("what")
        .unwrap();
    assert!(
        what.contains("cant go on") && !what.contains("Zebra") && !what.contains("push"),
        "{what}"
    );
    assert_eq!(
        tells(&app.browser("priya").await, case).await,
        Vec::<String>::new()
    );
    // What is for the team goes with its words.
    phone
        .fill(&here, &[("news", "Some days I want to die")])
        .await
        .went_to("/me");
    assert_eq!(happened(&app, "safety.raised").await, 2);
}

#[tokio::test]
async fn a_form_that_is_sent_twice_counts_once_and_anothers_question_is_nobodys() {
    let (app, case, how) = asked().await;
    let phone = own_pages(&app, case).await;
    let here = format!("/me/checkins/{how}");
    let draft = phone.get(&here).await.ok().value("draft");
    let fields = [
        ("draft", draft.as_str()),
        ("pushed", "yes"),
        ("confidence", "3"),
    ];
    for _ in 0..2 {
        phone.post(&here, &fields).await.went_to("/me");
    }
    assert_eq!(app.count("complaints").await, 1);
    assert_eq!(app.count("checkin_answers").await, 1);
    let dan = app.case("Dan Price", "tom").await;
    let dan = own_pages(&app, dan).await;
    assert_eq!(dan.get(&here).await.status, StatusCode::NOT_FOUND);
    assert_eq!(
        dan.post(&here, &[("pushed", "yes")]).await.status,
        StatusCode::NOT_FOUND
    );
    assert_eq!(
        app.stranger().get(&here).await.status,
        StatusCode::SEE_OTHER
    );
    assert_eq!(app.count("complaints").await, 1);
}

#[test]
fn only_whoever_reads_complaints_of_the_whole_team_is_a_mentor() {
    let whole: Vec<Role> = Role::ALL
        .iter()
        .copied()
        .filter(|role| may(*role, Action::SeeComplaints) == Reach::Scope)
        .collect();
    assert_eq!(whole, [Role::Mentor]);
}
