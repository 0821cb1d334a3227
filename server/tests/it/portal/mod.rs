//! A person's own pages.

mod access;
mod leaks;
mod open;
mod pages;
mod staff;

use handrail::{
    features::{
        caseload::store as cases,
        identity::password,
        portal::{LeadsTo, Life, make_portal_link, set_portal_word},
    },
    rules::{id::CaseId, permission::Action, portal::folded_word},
};

use crate::support::{Browser, Shown, TestApp};

pub const WORD: &str = "blue kettle";

/// Priya sets the person's word.
pub async fn set_word(app: &TestApp, case: CaseId) {
    let hash = password::hash(&app.app.random, folded_word(WORD))
        .await
        .unwrap();
    let mut tx = app.write("priya").await;
    let case = cases::find_for(&mut tx, Action::KeepPortal, case, None)
        .await
        .unwrap();
    set_portal_word(&mut tx, &case, hash).await.unwrap();
    tx.commit().await.unwrap();
}

/// A link to the person's pages, as an address below this service.
pub async fn link(app: &TestApp, case: CaseId, leads_to: LeadsTo) -> String {
    let mut tx = app.write("priya").await;
    let address = make_portal_link(&mut tx, "", case, (leads_to, Life::Now))
        .await
        .unwrap();
    tx.commit().await.unwrap();
    address
}

/// Presses "Open my pages" and gives a word.
pub async fn open(browser: &Browser, link: &str, word: &str) -> Shown {
    browser
        .post(link, &[("what", "open")])
        .await
        .went_to("/me/word");
    browser.post("/me/word", &[("word", word)]).await
}

/// A browser in which the person's own pages are open.
pub async fn own_pages(app: &TestApp, case: CaseId) -> Browser {
    set_word(app, case).await;
    let browser = app.stranger();
    let link = link(app, case, LeadsTo::Home).await;
    open(&browser, &link, WORD).await.went_to("/me");
    browser
}
