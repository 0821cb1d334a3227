//! Somebody refers themselves: a start page, one question a page, answers to check, send. Saved as typed for that browser alone.

use askama::Template;
use axum::{
    extract::{Path, Query, State},
    http::HeaderMap,
    response::{Html, IntoResponse, Response},
};
use serde::Deserialize;

use super::{
    public::count_press,
    self_form::{Answered, STEPS, SelfForm, flag_help, flag_words, met_words, work_words},
    send::send_referral,
};
use crate::{
    app::App,
    features::{
        identity::Visitor,
        organisation::store::{Programme, programme_by_slug},
    },
    platform::{
        Error, Result,
        db::Reader,
        drafts::{self, Draft},
        limits::Limit,
        messages::said,
        random::token_hash,
        web::{Form, Page, cookie, cookie_value, see_other},
    },
    rules::{
        Choice,
        field::FieldErrors,
        id::{DraftId, PersonId},
        organisation::Route,
        person::{Answer, Employment},
        referral::{Met, RedFlag},
    },
};

/// The browser that a public form is typed in.
pub(super) const COOKIE: &str = "handrail_public";
/// Pages sent from one address in ten minutes: about fifteen whole requests, so that people who share an address are not in each other's way.
const PAGES: Limit = Limit::per_minutes(150, 10);
/// Requests sent from one address in an hour.
const SENDS: Limit = Limit::per_minutes(20, 60);

/// The programme, if people may refer themselves to it.
async fn open(tx: &mut Reader, slug: &str) -> Result<Option<Programme>> {
    let programme = programme_by_slug(tx, slug).await?;
    let open = programme.parameters.routes.contains(&Route::SelfReferral);
    Ok(open.then_some(programme))
}

fn home(slug: &str) -> String {
    format!("/self-referral/{slug}")
}

/// How this browser's drafts are known: by the hash of its cookie.
pub(super) fn owner(headers: &HeaderMap) -> Option<String> {
    cookie_value(headers, COOKIE)
        .filter(|token| !token.is_empty())
        .map(token_hash)
}

async fn typed(
    tx: &mut Reader,
    headers: &HeaderMap,
    slug: &str,
) -> Result<Option<(Draft, SelfForm)>> {
    let Some(owner) = owner(headers) else {
        return Ok(None);
    };
    let draft = drafts::find_public(tx, &owner, &home(slug)).await?;
    Ok(draft.and_then(|d| Some((d.clone(), serde_html_form::from_str(&d.body).ok()?))))
}

#[derive(Template)]
#[template(path = "referral/self_start.html")]
struct StartPage {
    page: Page,
    slug: String,
    programme: Option<String>,
    lost: bool,
}

#[derive(Template)]
#[template(path = "referral/self_question.html")]
struct QuestionPage {
    page: Page,
    slug: String,
    step: &'static str,
    back: String,
    before: String,
    form: SelfForm,
    errors: FieldErrors,
    draft: DraftId,
}

#[derive(Template)]
#[template(path = "referral/self_urgent.html")]
struct UrgentPage {
    page: Page,
    slug: String,
    /// Each that was ticked, and what to do about it.
    flags: Vec<(&'static str, &'static str)>,
}

#[derive(Template)]
#[template(path = "referral/self_check.html")]
struct CheckPage {
    page: Page,
    slug: String,
    answers: Vec<Answered>,
    draft: DraftId,
}

macro_rules! speaks {
    ($($page:ty),+) => { $(impl $page {
        fn m(&self, key: &str) -> &'static str {
            said(key)
        }
    })+ };
}
speaks!(StartPage, QuestionPage, UrgentPage, CheckPage);

impl QuestionPage {
    fn safes(&self) -> Vec<(&'static str, &'static str, &str)> {
        vec![
            (
                "safe_say_who",
                said("contact.say_who"),
                &self.form.safe_say_who,
            ),
            (
                "safe_voicemail",
                said("contact.voicemail"),
                &self.form.safe_voicemail,
            ),
            ("safe_text", said("contact.text"), &self.form.safe_text),
        ]
    }
    fn yes_no(&self) -> Vec<(&'static str, &'static str)> {
        [Answer::Yes, Answer::No]
            .iter()
            .map(|a| (a.code(), said(&format!("answer.{}", a.code()))))
            .collect()
    }
    fn works(&self) -> Vec<(&'static str, &'static str)> {
        Employment::ALL
            .iter()
            .map(|e| (e.code(), work_words(e.code())))
            .collect()
    }
    fn mets(&self, part: &str) -> Vec<(&'static str, &'static str)> {
        Met::ALL
            .iter()
            .map(|m| (m.code(), met_words(part, m.code())))
            .collect()
    }
    fn flags(&self) -> Vec<(&'static str, &'static str)> {
        RedFlag::ALL
            .iter()
            .map(|f| (f.code(), flag_words(*f)))
            .collect()
    }
}

fn title_key(step: &str) -> &'static str {
    match step {
        "name" => "name.title",
        "date-of-birth" => "birth.title",
        "contact" => "contact.title",
        "work" => "work.title",
        "time-off" => "absence.title",
        "fit-note" => "note.title",
        "help" => "help.title",
        "safety" => "safety.title",
        _ => "agree.title",
    }
}

fn question(
    slug: String,
    number: usize,
    back: String,
    form: SelfForm,
    errors: FieldErrors,
    draft: DraftId,
) -> QuestionPage {
    let step = STEPS[number].0;
    let before = match (back.as_str(), number) {
        ("check", _) => format!("{}/check", home(&slug)),
        (_, 0) => home(&slug),
        (_, n) => format!("{}/{}", home(&slug), STEPS[n - 1].0),
    };
    QuestionPage {
        page: Page {
            has_errors: !errors.is_empty(),
            ..Page::public(said(title_key(step)))
        },
        slug,
        step,
        back,
        before,
        form,
        errors,
        draft,
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    back: String,
    lost: String,
    /// `yes` where what was typed needs another look: a page that is opened, not sent, so that a browser can go back to it.
    wrong: String,
}

pub async fn start(
    State(app): State<App>,
    visitor: Visitor,
    Path(slug): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response> {
    let mut tx = app.read(&visitor.actor).await?;
    let programme = open(&mut tx, &slug).await?;
    tx.finish().await?;
    let page = StartPage {
        page: Page::public(said("start.title")),
        slug,
        programme: programme.map(|p| p.name),
        lost: asked.lost == "yes",
    };
    Ok(Html(page.render()?).into_response())
}

pub async fn ask(
    State(app): State<App>,
    visitor: Visitor,
    headers: HeaderMap,
    Path((slug, step)): Path<(String, String)>,
    Query(asked): Query<Asked>,
) -> Result<Response> {
    let mut tx = app.read(&visitor.actor).await?;
    open(&mut tx, &slug).await?.ok_or(Error::NotFound)?;
    let found = typed(&mut tx, &headers, &slug).await?;
    let (new_draft, person): (DraftId, PersonId) = (tx.new_id(), tx.new_id());
    let today = tx.today();
    tx.finish().await?;
    let number = STEPS.iter().position(|(name, _)| *name == step);
    let (draft, form) = match (found, number) {
        (Some((draft, form)), _) => (draft.id, form),
        (None, Some(0)) => (new_draft, SelfForm::default()),
        (None, _) => return Ok(see_other(format!("{}?lost=yes", home(&slug))).into_response()),
    };
    let html = match (number, step.as_str()) {
        (Some(number), _) => {
            let back = if asked.back == "check" { "check" } else { "" };
            let errors = if asked.wrong == "yes" {
                form.check_step(STEPS[number].1, person, today)
            } else {
                FieldErrors::default()
            };
            question(slug, number, back.to_owned(), form, errors, draft).render()?
        }
        (None, "urgent") => UrgentPage {
            page: Page::public(said("urgent.title")),
            slug,
            flags: form
                .flags()
                .into_iter()
                .map(|flag| (flag_words(flag), flag_help(flag)))
                .collect(),
        }
        .render()?,
        (None, "check") => {
            check_page(slug, &form, person, today, draft, asked.wrong == "yes").render()?
        }
        _ => return Err(Error::NotFound),
    };
    Ok(Html(html).into_response())
}

fn check_page(
    slug: String,
    form: &SelfForm,
    person: PersonId,
    today: chrono::NaiveDate,
    draft: DraftId,
    pressed: bool,
) -> CheckPage {
    let errors = form.check(person, today).err().unwrap_or_default();
    CheckPage {
        page: Page {
            has_errors: pressed && !errors.is_empty(),
            ..Page::public(said("check.title"))
        },
        slug,
        answers: form.answered(&errors),
        draft,
    }
}

/// One page is sent: kept as typed whether it is right or not, then the next page, the interruption or the answers to check. What needs another look is
/// led back to the page, so that a browser that goes back never asks to send something twice.
pub async fn submit(
    State(app): State<App>,
    visitor: Visitor,
    headers: HeaderMap,
    Path((slug, step)): Path<(String, String)>,
    Form { form: sent, .. }: Form<SelfForm>,
) -> Result<Response> {
    if step == "check" {
        return send(app, visitor, headers, slug, sent).await;
    }
    let number = STEPS
        .iter()
        .position(|(name, _)| *name == step)
        .ok_or(Error::NotFound)?;
    count_press(&app, &visitor, "self-referral", PAGES).await?;
    let mut tx = app.housekeeping(&visitor.actor).await?;
    open(&mut tx, &slug).await?.ok_or(Error::NotFound)?;
    let token = owner(&headers).is_none().then(|| tx.random().token());
    let owner = match (&token, owner(&headers)) {
        (_, Some(owner)) => owner,
        (Some(token), None) => token_hash(token),
        (None, None) => return Err(Error::internal("a browser without a token")),
    };
    let (draft, mut form) = match typed(&mut tx, &headers, &slug).await? {
        Some((draft, form)) => (draft.id, form),
        None => (tx.new_id(), SelfForm::default()),
    };
    let back = if sent.back == "check" { "check" } else { "" };
    form.take(&step, sent);
    let body = serde_html_form::to_string(&form).map_err(Error::internal)?;
    drafts::save_public(&mut tx, draft, &owner, &home(&slug), &body).await?;
    let errors = form.check_step(STEPS[number].1, tx.new_id(), tx.today());
    tx.commit().await?;
    let keep = token.map(|t| cookie(COOKIE, &t, None, app.config.secure_cookies));
    let next = match STEPS.get(number + 1) {
        _ if step == "safety" && !form.flags().is_empty() => "urgent",
        _ if back == "check" => "check",
        Some((next, _)) => next,
        None => "check",
    };
    let answer = see_other(if errors.is_empty() {
        format!("{}/{next}", home(&slug))
    } else {
        let back = if back == "check" { "&back=check" } else { "" };
        format!("{}/{step}?wrong=yes{back}", home(&slug))
    });
    Ok(match keep {
        Some(cookie) => answer.with_cookie(cookie).into_response(),
        None => answer.into_response(),
    })
}

/// Everything is sent: once, however often it is pressed.
async fn send(
    app: App,
    visitor: Visitor,
    headers: HeaderMap,
    slug: String,
    sent: SelfForm,
) -> Result<Response> {
    let lost = || Ok(see_other(format!("{}?lost=yes", home(&slug))).into_response());
    let (Some(owner), Some(id)) = (owner(&headers), sent.draft) else {
        return lost();
    };
    count_press(&app, &visitor, "self-referral-sent", SENDS).await?;
    let mut tx = app.write(&visitor.actor).await?;
    let programme = open(&mut tx, &slug).await?.ok_or(Error::NotFound)?;
    let found = typed(&mut tx, &headers, &slug)
        .await?
        .filter(|(draft, _)| draft.id == id);
    match drafts::claim_public(&mut tx, id, &owner, &home(&slug)).await {
        Ok(None) => {}
        Ok(Some(first)) => return Ok(see_other(first).into_response()),
        Err(Error::NotFound) => return lost(),
        Err(error) => return Err(error),
    }
    let Some((_, form)) = found else {
        return lost();
    };
    match form.check(tx.new_id(), tx.today()) {
        Ok(new) => {
            let (referral, _) = send_referral(&mut tx, &programme, new).await?;
            let result = format!("/referral-sent/{referral}");
            drafts::led_to(&mut tx, id, &result).await?;
            tx.commit().await?;
            Ok(see_other(result).into_response())
        }
        Err(_) => Ok(see_other(format!("{}/check?wrong=yes", home(&slug))).into_response()),
    }
}
