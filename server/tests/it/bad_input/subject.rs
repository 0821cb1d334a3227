//! What a form is about, made before it is opened. A mark in braces in its address says what: `/cases/{closed}/reopen`.

use axum::http::StatusCode;
use handrail::{
    features::{
        caseload::store as cases, checkin, organisation::store as organisations, portal::LeadsTo,
    },
    platform::db::sql,
    rules::{
        checkin::{Due, Kind},
        id::CaseId,
        permission::Action,
    },
};

use crate::{
    assessment,
    fit_note::photos,
    identity,
    plan::{self, returning},
    portal, referral, release, safety,
    support::{Browser, TestApp},
};

/// The pages of a self-referral in order, answered.
const SELF_REFERRAL: [(&str, &[(&str, &str)]); 7] = [
    ("name", &[("name", "Maya Okonkwo")]),
    (
        "date-of-birth",
        &[
            ("birth_day", "2"),
            ("birth_month", "3"),
            ("birth_year", "1984"),
        ],
    ),
    ("contact", &[("phone", "07700 900123")]),
    ("work", &[("employment", "employed")]),
    (
        "time-off",
        &[
            ("off", "yes"),
            ("since_day", "16"),
            ("since_month", "10"),
            ("since_year", "2026"),
        ],
    ),
    ("fit-note", &[("fit_note", "no")]),
    ("help", &[("help", "Going back")]),
];

/// The form that makes a thing, below a case, by the table that the thing is in and the column by which it is known.
type Made = (
    &'static str,
    &'static str,
    &'static str,
    &'static [(&'static str, &'static str)],
);

/// What a worker writes down by one form. The mark is its table: `{obstacles}`.
const MADE: &[Made] = &[
    (
        "plan_goals",
        "root_id",
        "plan/goals/new",
        &[("words", "Be back")],
    ),
    (
        "plan_actions",
        "root_id",
        "plan/actions/new",
        &[("what", "Walk"), ("who", "person")],
    ),
    (
        "adjustments",
        "root_id",
        "plan/adjustments/new",
        &[("kind", "time"), ("what", "Start later")],
    ),
    (
        "obstacles",
        "root_id",
        "assessment/obstacles/new",
        &[
            ("words", "The stairs"),
            ("kind", "workplace"),
            ("in_the_way", "2"),
        ],
    ),
    (
        "strengths",
        "root_id",
        "assessment/strengths/new",
        &[("words", "My sister")],
    ),
    (
        "contacts",
        "root_id",
        "contacts/new",
        &[("outcome", "done")],
    ),
    (
        "shared_notes",
        "root_id",
        "notes/new",
        &[("shared_note", "Words")],
    ),
    (
        "fit_notes",
        "root_id",
        "fit-notes/new",
        &[
            ("profession", "doctor"),
            ("source", "shown"),
            ("seen", "recorder"),
            ("length_unit", "weeks"),
            ("fitness", "not_fit"),
            ("assessed_day", "2"),
            ("assessed_month", "11"),
            ("assessed_year", "2026"),
            ("until_day", "29"),
            ("until_month", "11"),
            ("until_year", "2026"),
        ],
    ),
    (
        "questionnaire_responses",
        "root_id",
        "questionnaires/new/nhs-fft",
        &[
            ("mode", "paper"),
            ("a_experience", "good"),
            ("blank_why", "yes"),
        ],
    ),
    (
        "absence_facts",
        "id",
        "absence/new",
        &[
            ("what", "off"),
            ("who", "person"),
            ("from_day", "2"),
            ("from_month", "11"),
            ("from_year", "2026"),
        ],
    ),
    ("access_requests", "id", "access", &[("how", "spoken")]),
];

/// An answer that names somebody or something of the story.
pub async fn said(app: &TestApp, answer: &str) -> String {
    match answer {
        "{tom}" => app.id("tom").to_string(),
        "{programme}" => app.programme.to_string(),
        "{manchester}" => {
            let mut tx = app.write("ines").await;
            let region = organisations::region_named(&mut tx, "Greater Manchester").await;
            region.unwrap().to_string()
        }
        words => words.to_owned(),
    }
}

/// Somebody who sends a form.
pub struct Sender {
    pub browser: Browser,
    /// Their own, of a person on their own pages.
    own_case: Option<CaseId>,
}

impl Sender {
    /// `who` is somebody of the story, "me" for a person on their own pages, or nobody.
    pub async fn new(app: &TestApp, who: &str, path: &str) -> Self {
        if matches!(path, "/sign-in" | "/account/password") {
            identity::with_password(app, "priya").await;
        }
        let (browser, own_case) = match who {
            "" => (app.stranger(), None),
            "me" => {
                let case = app.case("Maya Okonkwo", "priya").await;
                (portal::own_pages(app, case).await, Some(case))
            }
            who => (app.browser(who).await, None),
        };
        walk_to(app, &browser, path).await;
        Self { browser, own_case }
    }

    /// Makes what the form at an address is about, and gives the address.
    pub async fn address(&self, app: &TestApp, path: &str) -> String {
        if path == "/hand-over" || path.starts_with("/cases/assign") {
            app.case("Maya Okonkwo", "priya").await;
        }
        let mut case = self.own_case;
        let mut here = path.to_owned();
        while let Some((front, rest)) = here.split_once('{') {
            let (mark, rest) = rest.split_once('}').unwrap();
            let id = match mark {
                "opened" => {
                    let (_, _, link, code) = release::released(app).await;
                    self.browser.post(&link, &[("code", &code)]).await;
                    last(&link)
                }
                mark => made(app, &mut case, front, mark).await,
            };
            here = format!("{front}{id}{rest}");
        }
        here
    }
}

/// The pages that come before one, for a stranger.
async fn walk_to(app: &TestApp, browser: &Browser, path: &str) {
    if path == "/me/word" {
        let case = app.case("Maya Okonkwo", "priya").await;
        portal::set_word(app, case).await;
        let link = portal::link(app, case, LeadsTo::Home).await;
        browser.post(&link, &[("what", "open")]).await;
    }
    let home = "/self-referral/south-yorkshire";
    let before = SELF_REFERRAL
        .iter()
        .take_while(|(step, _)| format!("{home}/{step}") != path);
    for (step, fields) in before.filter(|_| path.starts_with(home)) {
        let answer = browser.fill(&format!("{home}/{step}"), fields).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    }
}

/// Makes one thing and gives its id. The marks that make a case come first in an address, and what follows is about that case.
async fn made(app: &TestApp, case: &mut Option<CaseId>, front: &str, mark: &str) -> String {
    let priya = app.browser("priya").await;
    if let Some(of) = a_case(app, &priya, mark).await {
        *case = Some(of);
        return of.to_string();
    }
    let of = *case;
    if let Some((table, id, form, fields)) = MADE.iter().find(|(table, ..)| *table == mark) {
        let form = format!("/cases/{}/{form}", of.unwrap());
        let made = priya.fill(&form, fields).await;
        assert_eq!(made.status, StatusCode::SEE_OTHER, "{form}: {}", made.body);
        return newest(app, id, table, of.unwrap()).await;
    }
    match mark {
        "account" | "worker" => app.id("tom").to_string(),
        "priya" => app.id("priya").to_string(),
        "practice" => app.elm.to_string(),
        "programme" => app.programme.to_string(),
        "referral" => app.referral("Maya Okonkwo").await.to_string(),
        "self_referral" => app.self_referral("Maya Okonkwo").await.to_string(),
        "flagged" => {
            let referral = app.referral("Maya Okonkwo").await;
            referral::waiting::flag(app, referral).await;
            referral.to_string()
        }
        "link" => referral::link::link(app).await.1,
        "concern" => {
            let about = app.case("Maya Okonkwo", "priya").await;
            let concern = safety::raised(app, "priya", about).await;
            app.browser("leila").await.fill(&concern, &[]).await;
            last(&concern)
        }
        "complaint" => {
            let about = app.case("Maya Okonkwo", "priya").await;
            let words = [("kind", "pushed"), ("words", "Back by Monday")];
            last(&safety::complaints::recorded(app, "tom", about, &words).await)
        }
        "photo" => {
            let png = photos::picture(image::ImageFormat::Png);
            let added = priya
                .fill_with_file(&format!("{front}new"), &[], ("photo", "a.png", &png))
                .await;
            assert_eq!(added.status, StatusCode::SEE_OTHER, "{}", added.body);
            newest(app, "id", "fit_note_photos", of.unwrap()).await
        }
        "document" | "offered" | "looked_at" => {
            release::with_a_plan(&priya, of.unwrap()).await;
            let document = release::prepare(&priya, of.unwrap(), &release::FOR_RUTH).await;
            match mark {
                "offered" => drop(priya.fill(&document, &[("act", "offer")]).await),
                "looked_at" => {
                    let asks = release::asks(&priya, &document).await;
                    release::look(&priya, &document, &asks).await;
                }
                _ => {}
            }
            last(&document)
        }
        "posted" => {
            release::with_a_plan(&priya, of.unwrap()).await;
            last(&release::sent::posted(&priya, of.unwrap()).await)
        }
        "released" => last(&release::released(app).await.2),
        "days_off" => asked(app, of.unwrap(), Kind::DaysOff).await,
        "how" => asked(app, of.unwrap(), Kind::HowThingsAre).await,
        "afterwards" => asked(app, of.unwrap(), Kind::Afterwards).await,
        other => panic!("nobody knows how to make {{{other}}}"),
    }
}

/// A case as its mark says it stands. Nothing for a mark of something else.
async fn a_case(app: &TestApp, priya: &Browser, mark: &str) -> Option<CaseId> {
    const MARKS: [&str; 8] = [
        "case",
        "agreed",
        "planned",
        "closed",
        "with_goal",
        "goal_agreed",
        "returning",
        "assessed",
    ];
    if !MARKS.contains(&mark) {
        return None;
    }
    let case = app.case("Maya Okonkwo", "priya").await;
    let home = format!("/cases/{case}");
    let send = async |form: &str, fields: &[(&str, &str)]| {
        let answer = priya.fill(&format!("{home}/{form}"), fields).await;
        assert_eq!(
            answer.status,
            StatusCode::SEE_OTHER,
            "{form}: {}",
            answer.body
        );
    };
    match mark {
        "agreed" => release::agreed(priya, case).await,
        "planned" => {
            let next = [
                ("outcome", "done"),
                ("next_day", "27"),
                ("next_month", "11"),
                ("next_year", "2026"),
                ("next_time", "10:30"),
            ];
            send("contacts/new", &next).await;
        }
        "closed" => {
            let why = [("reason", "goals_met"), ("work_status", "full")];
            send("close", &why).await;
        }
        "with_goal" => drop(plan::goal(priya, case, "Be back").await),
        "goal_agreed" => {
            plan::goal(priya, case, "Be back").await;
            send("plan/agree", &[("how", "spoken")]).await;
        }
        "returning" => {
            let mut weeks = returning::with(&returning::ROWS);
            weeks.extend([
                ("starts_day", "9"),
                ("starts_month", "11"),
                ("starts_year", "2026"),
            ]);
            send("plan/return", &weeks).await;
        }
        "assessed" => {
            assessment::report::register(app, "priya").await;
            let demands = format!("{home}/assessment/demands");
            let lifting = ["Residents", "Pain", "Two carers"];
            assessment::demands::table(priya, &demands, lifting, ["", "", ""]).await;
        }
        _ => {}
    }
    Some(case)
}

/// A question about the two weeks that end today. It is asked once.
async fn asked(app: &TestApp, case: CaseId, kind: Kind) -> String {
    let today = app.now().date_naive();
    let due = Due {
        kind,
        from: today - chrono::Days::new(13),
        until: today,
        ask_on: today,
    };
    let mut tx = app.write("priya").await;
    let stored = cases::find_for(&mut tx, Action::SeeCase, case, None)
        .await
        .unwrap();
    let of = (case, stored.person_id);
    checkin::ask_checkin(&mut tx, &app.app, of, &due)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    newest(app, "id", "checkins", case).await
}

async fn newest(app: &TestApp, column: &'static str, table: &'static str, case: CaseId) -> String {
    let of = sql("SELECT ")
        .and(column)
        .and(" FROM ")
        .and(table)
        .and(" WHERE case_id = ? ORDER BY id DESC LIMIT 1")
        .bind(case);
    let rows = app.app.db.look(of).await.unwrap();
    let id: uuid::Uuid = rows[0].get(column).unwrap();
    id.to_string()
}

/// The id at the end of an address.
fn last(address: &str) -> String {
    address.rsplit('/').next().unwrap().to_owned()
}
