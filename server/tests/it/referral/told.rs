//! The team changes or withdraws a referral for a sender who has no pages here.

use axum::http::StatusCode;
use handrail::{
    features::identity::{disable_account, enable_account},
    platform::db::sql,
};

use super::{MAYA, link::link, newest, referral_text};
use crate::support::{TestApp, event_names};

/// What the page that amends sends, with other answers to some of it.
fn with(changed: &[(&'static str, &'static str)]) -> Vec<(&'static str, &'static str)> {
    [
        ("name", "Maya Okonkwo"),
        ("born_on", "2 3 1984"),
        ("phone", "07700 900123"),
        ("employment", "employed"),
        ("job", "Care home assistant"),
        ("absent_since", "16 10 2026"),
        ("fit_note", "yes"),
        ("fit_note_until_on", "4 12 2026"),
        ("reason", "Struggling with the thought of going back"),
    ]
    .into_iter()
    .filter(|(name, _)| changed.iter().all(|(other, _)| other != name))
    .chain(changed.iter().copied())
    .collect()
}

#[tokio::test]
async fn what_a_person_says_of_their_own_referral_is_written_down_by_the_team() {
    let app = TestApp::new().await;
    let id = app.self_referral("Maya Okonkwo").await;
    let priya = app.browser("priya").await;
    let there = format!("/referrals/{id}");
    let page = priya.get(&there).await.ok();
    assert!(page.says("If the person gets in touch"));
    let here = format!("{there}/amend");
    let open = priya.get(&here).await.ok();
    assert!(open.says("Write down what the person tells you."));
    assert_eq!(open.value("phone"), "07700 900123");
    let version = open.value("version");
    priya
        .fill(&here, &with(&[("phone", "07700 900456")]))
        .await
        .went_to(&there);
    assert_eq!(event_names(&app, 1).await, ["referral.amended"]);
    let page = priya.get(&there).await.ok();
    for words in ["07700 900123", "07700 900456", "Priya Nair for the person"] {
        assert!(page.says(words), "{words}");
    }
    assert!(!page.says("not read yet"), "the team wrote it");
    let rows = app.app.db.look(sql("SELECT phone FROM persons")).await;
    assert_eq!(
        rows.unwrap()[0].get::<String>("phone").unwrap(),
        "07700 900456",
        "the person's own record follows"
    );

    // A colleague who had the page open sees both.
    let leila = app.browser("leila").await;
    let mut stale = with(&[("phone", "07700 900789")]);
    stale.push(("version", &version));
    let clash = leila.post(&here, &stale).await;
    assert_eq!(clash.status, StatusCode::CONFLICT);
    assert!(clash.says("Referral amended by Priya Nair, today, 09:00."));
    assert_eq!(
        clash.both("Telephone"),
        Some(("07700 900789".to_owned(), "07700 900456".to_owned()))
    );

    // The story of the case tells it, once there is one.
    let accept = priya.get(&there).await.ok();
    let accepted = priya
        .post(
            &format!("{there}/accept"),
            &[("version", &accept.value("version"))],
        )
        .await;
    let story = priya.get(&accepted.location).await.ok();
    assert!(story.says("Referral changed for the person, by your team"));
    assert_eq!(
        priya.get(&here).await.status,
        StatusCode::CONFLICT,
        "from then on the details are the person's"
    );
    let again = priya.get(&there).await.ok();
    assert!(!again.says("If the person gets in touch"));
}

#[tokio::test]
async fn a_person_who_asks_for_it_back_waits_no_longer() {
    let app = TestApp::new().await;
    let id = app.self_referral("Maya Okonkwo").await;
    let priya = app.browser("priya").await;
    let there = format!("/referrals/{id}");
    let here = format!("{there}/withdraw");
    let asked = priya.fill(&here, &[]).await;
    assert_eq!(asked.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(
        asked.error("sure").as_deref(),
        Some("Tick to say that you want to withdraw it")
    );
    priya.fill(&here, &[("sure", "yes")]).await.went_to(&there);
    assert_eq!(event_names(&app, 1).await, ["referral.withdrawn"]);
    assert_eq!(
        referral_text(&app, id, "status").await.as_deref(),
        Some("withdrawn")
    );
    assert!(!priya.get("/waiting").await.ok().says("Maya Okonkwo"));
    let page = priya.get(&there).await.ok();
    assert!(page.says("Withdrawn") && page.says("Priya Nair for the person"));
    let late = priya
        .post(&here, &[("sure", "yes"), ("version", "2")])
        .await;
    assert_eq!(late.status, StatusCode::CONFLICT);
}

#[tokio::test]
async fn what_changed_while_the_page_was_open_is_looked_at_before_it_is_withdrawn() {
    let app = TestApp::new().await;
    let id = app.self_referral("Maya Okonkwo").await;
    let priya = app.browser("priya").await;
    let here = format!("/referrals/{id}/withdraw");
    let shown = priya.get(&here).await.ok().value("version");
    let leila = app.browser("leila").await;
    leila
        .fill(
            &format!("/referrals/{id}/amend"),
            &with(&[("phone", "07700 900456")]),
        )
        .await;
    let late = priya
        .post(&here, &[("sure", "yes"), ("version", &shown)])
        .await;
    assert_eq!(late.status, StatusCode::CONFLICT);
    assert_eq!(
        referral_text(&app, id, "status").await.as_deref(),
        Some("sent")
    );
}

#[tokio::test]
async fn a_red_flag_that_the_person_tells_of_later_interrupts_and_a_worker_is_not_asked_to_be_a_clinician()
 {
    let app = TestApp::new().await;
    let id = app.self_referral("Maya Okonkwo").await;
    let priya = app.browser("priya").await;
    let there = format!("/referrals/{id}");
    let here = format!("{there}/amend");
    let interrupt = priya
        .fill(&here, &with(&[("red_flags", "chest_pain")]))
        .await;
    assert!(interrupt.says("Before this change is saved"));
    assert!(interrupt.says("call 999"));
    assert!(!interrupt.says("I am a clinician"));
    assert_eq!(app.count("referral_amendments").await, 0);
    // Whoever sends it all the same has confirmed nothing.
    let forged = with(&[
        ("red_flags", "chest_pain"),
        ("decision", "dealt_with"),
        ("confirmed_by", "Priya Nair"),
    ]);
    assert!(
        priya
            .fill(&here, &forged)
            .await
            .says("Before this change is saved")
    );
    priya
        .fill(
            &here,
            &with(&[("red_flags", "chest_pain"), ("decision", "not_dealt_with")]),
        )
        .await
        .went_to(&there);
    let page = priya.get(&there).await.ok();
    assert!(page.says("Red flag, not dealt with yet"));
    assert!(page.says("It can be accepted once a clinician says that the red flag is dealt with."));
    assert_eq!(
        app.count("concerns WHERE closed_at IS NULL").await,
        1,
        "whoever is on duty is told"
    );

    // Nor is it the worker who says that it is over.
    let without = priya.fill(&here, &with(&[])).await;
    assert_eq!(without.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(
        without.error("red_flags").as_deref(),
        Some(
            "Red flags: tick “Chest pain or new trouble breathing” again. A clinician says when a red flag is dealt with"
        )
    );
    let page = priya.get(&there).await.ok();
    assert!(page.says("Red flag, not dealt with yet"));
    assert!(
        page.says("It can be withdrawn once a clinician says that the red flag is dealt with.")
    );
    let withdraw = format!("{there}/withdraw");
    assert_eq!(priya.get(&withdraw).await.status, StatusCode::CONFLICT);
    let version = page.value("version");
    let sure = [("sure", "yes"), ("version", version.as_str())];
    let refused = priya.post(&withdraw, &sure).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    priya
        .post(
            &format!("{there}/red-flags"),
            &[("confirmed_by", "Dr Ruth Adeyemi"), ("version", &version)],
        )
        .await
        .went_to(&there);
    // Another one, told of later, is open again, and somebody on duty is told again.
    let both = [
        ("red_flags", "chest_pain"),
        ("red_flags", "self_harm"),
        ("decision", "not_dealt_with"),
    ];
    let before = app.count("concerns").await;
    priya.fill(&here, &with(&both)).await.went_to(&there);
    let page = priya.get(&there).await.ok();
    assert!(page.says("Red flag, not dealt with yet"));
    assert_eq!(app.count("concerns").await, before + 1);
}

/// What the team writes into a practice's referral, the practice would read: it could be what the person told the worker alone.
#[tokio::test]
async fn the_team_does_not_write_into_what_a_practice_can_change_itself() {
    let app = TestApp::new().await;
    let id = app.referral("Maya Okonkwo").await;
    let priya = app.browser("priya").await;
    let page = priya.get(&format!("/referrals/{id}")).await.ok();
    assert!(page.says("The practice changes or withdraws the referral on its own pages."));
    for page in ["amend", "withdraw"] {
        let here = format!("/referrals/{id}/{page}");
        assert_eq!(priya.get(&here).await.status, StatusCode::CONFLICT);
        let sent = [("version", "1"), ("sure", "yes"), ("phone", "07700 900456")];
        let sent = [&MAYA[..], &sent[..]].concat();
        assert_eq!(priya.post(&here, &sent).await.status, StatusCode::CONFLICT);
    }
    assert_eq!(app.count("referral_amendments").await, 0);
}

#[tokio::test]
async fn a_practice_that_has_only_its_link_tells_the_team() {
    let app = TestApp::new().await;
    let (_, token) = link(&app).await;
    let sender = [("sender_name", "Dr Jo Webb"), ("sender_role", "Locum GP")];
    app.stranger()
        .fill(&format!("/r/{token}"), &[&MAYA[..], &sender[..]].concat())
        .await;
    let id = newest(&app).await;
    let priya = app.browser("priya").await;
    let here = format!("/referrals/{id}/withdraw");
    assert_eq!(priya.get(&here).await.status, StatusCode::CONFLICT);
    let ruth = app.actor("ruth").await.account_id().unwrap();
    let mut tx = app.write("ines").await;
    disable_account(&mut tx, ruth).await.unwrap();
    tx.commit().await.unwrap();
    let page = priya.get(&format!("/referrals/{id}")).await.ok();
    assert!(page.says("If the practice gets in touch"));
    let amend = priya.get(&format!("/referrals/{id}/amend")).await.ok();
    assert!(amend.says("and the practice once somebody there has an account"));
    assert!(amend.says("say nothing of what becomes of the referral"));
    priya
        .fill(&here, &[("sure", "yes")])
        .await
        .went_to(&format!("/referrals/{id}"));
    assert_eq!(event_names(&app, 1).await, ["referral.withdrawn"]);

    // Once somebody there may sign in again, they see who did it for them.
    let mut tx = app.write("ines").await;
    enable_account(&mut tx, ruth).await.unwrap();
    tx.commit().await.unwrap();
    let theirs = app
        .browser("ruth")
        .await
        .get(&format!("/sent/{id}"))
        .await
        .ok();
    assert!(theirs.says("Priya Nair of the support service, for your practice, today, 09:00"));
}

#[tokio::test]
async fn another_team_and_a_practice_find_nothing_to_change() {
    let app = TestApp::new().await;
    let id = app.self_referral("Maya Okonkwo").await;
    let sent = [("version", "1"), ("sure", "yes")];
    let sent = [&with(&[])[..], &sent[..]].concat();
    for who in ["ruth", "amir", "nobody"] {
        let browser = app.browser(who).await;
        for page in ["amend", "withdraw"] {
            let here = format!("/referrals/{id}/{page}");
            let seen = browser.get(&here).await.status;
            assert_eq!(seen, StatusCode::NOT_FOUND, "{who} {here}");
            let done = browser.post(&here, &sent).await.status;
            assert_eq!(done, StatusCode::NOT_FOUND, "{who} {here}");
        }
    }
    for who in ["marta", "ines"] {
        let browser = app.browser(who).await;
        for page in ["amend", "withdraw"] {
            let here = format!("/referrals/{id}/{page}");
            let done = browser.post(&here, &sent).await.status;
            assert!(done.is_client_error(), "{who} {here}: {done}");
        }
    }
    assert_eq!(app.count("referral_amendments").await, 0);
    assert_eq!(
        referral_text(&app, id, "status").await.as_deref(),
        Some("sent")
    );
}
