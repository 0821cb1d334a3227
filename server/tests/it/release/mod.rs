mod file;
mod kinds;
pub mod mine;
mod prepare;
mod recipient;
mod seen;
pub mod sent;
mod spoken;
mod way;

use handrail::rules::id::{CaseId, DocumentId};

use crate::support::{Browser, Shown, TestApp};

/// Three things that Maya asks for, in the order in which they are written.
pub const ASKS: [&str; 3] = [
    "No late shift until week 4",
    "East wing on Tuesdays",
    "A chair with arms",
];

/// Maya's case with a plan, a goal, three adjustments and a working note, and consent to speak with her employer.
pub async fn maya(app: &TestApp, priya: &Browser) -> CaseId {
    let case = app.case("Maya Okonkwo", "priya").await;
    with_a_plan(priya, case).await;
    case
}

/// A document of a case that was released to Ruth Dawes, by its id.
pub async fn released_on(app: &TestApp, case: CaseId) -> DocumentId {
    let priya = app.browser("priya").await;
    with_a_plan(&priya, case).await;
    let document = prepare(&priya, case, &FOR_RUTH).await;
    let keys = asks(&priya, &document).await;
    release(&priya, &document, &keys).await;
    document.rsplit('/').next().unwrap().parse().unwrap()
}

/// A plan with a goal, three adjustments and a working note, and consent to speak with the employer.
pub async fn with_a_plan(priya: &Browser, case: CaseId) {
    agreed(priya, case).await;
    let plan = format!("/cases/{case}/plan");
    priya
        .fill(
            &format!("{plan}/about"),
            &[("kind", "return"), ("wants", "To be back by spring")],
        )
        .await
        .went_to(&plan);
    priya
        .fill(
            &format!("{plan}/goals/new"),
            &[("words", "Sleep through the night")],
        )
        .await
        .went_to(&plan);
    for what in ASKS {
        priya
            .fill(
                &format!("{plan}/adjustments/new"),
                &[("what", what), ("kind", "time")],
            )
            .await
            .went_to(&plan);
    }
    priya
        .fill(
            &format!("/cases/{case}/contacts/new"),
            &[
                ("outcome", "done"),
                ("shared_note", "Talked about the corridor smell"),
                ("working_note", "Her sister presses her to resign"),
            ],
        )
        .await
        .went_to(&format!("/cases/{case}"));
}

/// Consent to take part and to speak with the employer.
pub async fn agreed(priya: &Browser, case: CaseId) {
    let here = format!("/cases/{case}/consent");
    let read_out = priya.get(&here).await.ok().value("read_out");
    priya
        .fill(
            &here,
            &[
                ("read_out", &read_out),
                ("checked_who", "yes"),
                ("safe_to_talk", "yes"),
                ("mode", "spoken"),
                ("privacy_notice", "yes"),
                ("limits", "yes"),
                ("take_part", "yes"),
                ("share_employer", "yes"),
            ],
        )
        .await
        .went_to(&format!("/cases/{case}"));
}

/// A plan for Ruth Dawes, by a link.
pub const FOR_RUTH: [(&str, &str); 11] = [
    ("kind", "return_plan"),
    ("recipient_kind", "employer"),
    ("recipient_name", "Ruth Dawes"),
    ("recipient_org", "Elm Lodge"),
    ("way", "link"),
    ("send_to", "ruth.dawes@elmlodge.example"),
    ("code_to", "07700 900456"),
    ("purpose", "So that we can plan my first weeks"),
    ("days", "30"),
    ("can_do", "I can lift up to 5 kg"),
    ("condition", "Asthma, since the spring"),
];

/// Prepares a document and gives its address.
pub async fn prepare(priya: &Browser, case: CaseId, fields: &[(&str, &str)]) -> String {
    let shown = priya
        .fill(&format!("/cases/{case}/documents/new"), fields)
        .await;
    assert!(
        shown
            .location
            .starts_with(&format!("/cases/{case}/documents/")),
        "{} {}",
        shown.status,
        shown.body
    );
    shown.location
}

/// The key of the tick whose label holds these words.
pub fn key_of(page: &Shown, words: &str) -> String {
    let before = page
        .body
        .split(words)
        .next()
        .filter(|before| before.len() < page.body.len())
        .unwrap_or_else(|| panic!("no {words} in {}", page.body));
    before
        .rsplit("name=\"items\" value=\"")
        .next()
        .and_then(|rest| rest.split('"').next())
        .unwrap()
        .to_owned()
}

/// What the person says when it is read out to them.
pub const HER_WORD: [(&str, &str); 2] = [("spoken_how", "telephone"), ("read_back", "yes")];

const FOR_WHAT: [(&str, &str); 2] = [
    ("purpose", "So that we can plan my first weeks"),
    ("days", "30"),
];

/// Ticks, shows exactly this, and releases it at the person's word.
pub async fn release(priya: &Browser, document: &str, keys: &[String]) {
    look(priya, document, keys).await;
    choose(priya, document, keys, "release", &HER_WORD).await;
}

/// Ticks, and shows exactly this.
pub async fn look(priya: &Browser, document: &str, keys: &[String]) {
    choose(priya, document, keys, "look", &[]).await;
}

async fn choose(
    priya: &Browser,
    document: &str,
    keys: &[String],
    act: &str,
    more: &[(&str, &str)],
) {
    let ticks = keys.iter().map(|key| ("items", key.as_str()));
    let fields: Vec<(&str, &str)> = ticks
        .chain(FOR_WHAT)
        .chain(more.iter().copied())
        .chain([("act", act)])
        .collect();
    priya.fill(document, &fields).await.went_to(document);
}

/// The keys of everything Maya asks for.
pub async fn asks(priya: &Browser, document: &str) -> Vec<String> {
    let page = priya.get(document).await.ok();
    ASKS.iter().map(|words| key_of(&page, words)).collect()
}

/// Makes a link and gives its path and its code.
pub async fn link(priya: &Browser, document: &str) -> (String, String) {
    let page = priya
        .post(&format!("{document}/go-on"), &[("act", "link")])
        .await
        .ok();
    let token = page.body.split("/d/").nth(1).unwrap();
    let token = token.split('<').next().unwrap();
    let code = page.body.split("hr-num\">").nth(1).unwrap();
    let code = code.split('<').next().unwrap().replace(' ', "");
    assert_eq!(code.len(), 6);
    (format!("/d/{token}"), code)
}

/// What Maya asks for, released to Ruth: the worker, the document, the link and its code.
pub async fn released(app: &TestApp) -> (Browser, String, String, String) {
    let priya = app.browser("priya").await;
    let case = maya(app, &priya).await;
    let document = prepare(&priya, case, &FOR_RUTH).await;
    let keys = asks(&priya, &document).await;
    release(&priya, &document, &keys).await;
    let (path, code) = link(&priya, &document).await;
    (priya, document, path, code)
}
