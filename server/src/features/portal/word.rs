//! The word that only the person knows: chosen with their worker, asked once in each browser.

use askama::Template;
use axum::{
    extract::{Query, State},
    http::{HeaderMap, StatusCode},
    response::{Html, IntoResponse, Response},
};
use serde::Deserialize;

use super::{
    browser::{actor_of, browser_of, own_token, set_cookie},
    in_words,
    open::count_press,
    store::Browser,
};
use crate::{
    app::App,
    features::{
        caseload::store::{Case, For},
        identity::{Visitor, password},
    },
    platform::{
        Result,
        audit::Entry,
        db::sql,
        db::{Sql, WriteTx},
        limits::{self, Limit},
        messages::said,
        random::token_hash,
        web::{Form, Page, RequestId, is_local, see_other},
    },
    rules::{
        event::Event,
        field::FieldErrors,
        id::PersonId,
        portal::{TRIES, folded_word, keeps_for},
    },
};

/// Words tried for one person in a day, in whatever browser: somebody who is sent one link after the other does not guess on.
const A_DAY: Limit = Limit::per_minutes(15, 24 * 60);

#[derive(Template)]
#[template(path = "portal/word.html")]
struct WordPage {
    page: Page,
    next: String,
    errors: FieldErrors,
}
in_words!(WordPage);

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct WordForm {
    word: String,
    keep: String,
    next: String,
}

fn page(next: &str, errors: FieldErrors) -> WordPage {
    WordPage {
        page: Page {
            has_errors: !errors.is_empty(),
            ..super::frame(said("own_word.title"))
        },
        next: own_address(next).unwrap_or_default().to_owned(),
        errors,
    }
}

/// An address of their own pages to go on to.
fn own_address(next: &str) -> Option<&str> {
    let own = next == "/me" || next.starts_with("/me/") || next.starts_with("/me?");
    (own && is_local(next)
        && !next.contains("..")
        && !next.starts_with("/me/word")
        && !next.starts_with("/me/close"))
    .then_some(next)
}

/// The same page whatever opened it.
pub async fn ask(
    State(app): State<App>,
    headers: HeaderMap,
    Query(form): Query<WordForm>,
) -> Result<Response> {
    if own_token(&app, &headers).is_none() {
        return Ok(see_other("/p").into_response());
    }
    Ok(Html(page(&form.next, FieldErrors::default()).render()?).into_response())
}

/// The right word in a browser that a link was opened in opens the pages. Everything else has one answer, and takes as long.
pub async fn submit(
    State(app): State<App>,
    visitor: Visitor,
    request_id: Option<axum::Extension<RequestId>>,
    headers: HeaderMap,
    Form { form, .. }: Form<WordForm>,
) -> Result<Response> {
    count_press(&app, &visitor, "word").await?;
    let typed = folded_word(&form.word);
    if typed.is_empty() {
        return again(&form, said("own_word.missing"));
    }
    let browser = browser_of(&app, &headers).await?;
    let browser = browser.filter(|b| b.tries < TRIES);
    let limited = match &browser {
        Some(browser) => count_word(&app, &visitor, browser.person).await?,
        None => false,
    };
    let mut tx = app.read(&visitor.actor).await?;
    let hash: Option<String> = match &browser {
        Some(browser) if !limited => tx
            .maybe(
                sql("SELECT word_hash FROM portal_words WHERE person_id = ?").bind(browser.person),
            )
            .await?
            .map(|row| row.get("word_hash"))
            .transpose()?,
        _ => None,
    };
    tx.finish().await?;
    // Hashing takes a while on purpose: no transaction is open meanwhile.
    let fits = password::fits(typed, hash).await?;
    match browser {
        Some(browser) if fits => {
            let kept = form.keep == "yes";
            let next = own_address(&form.next)
                .filter(|next| *next != "/me")
                .unwrap_or(&browser.leads_to)
                .to_owned();
            let id = request_id.map(|id| id.0);
            let token = open(&app, &browser, kept, id).await?;
            Ok(see_other(next)
                .with_cookie(set_cookie(&app, &token, kept))
                .into_response())
        }
        browser => {
            refuse(&app, &visitor, browser.as_ref()).await?;
            again(&form, said("own_word.wrong"))
        }
    }
}

fn again(form: &WordForm, sentence: &str) -> Result<Response> {
    let page = page(&form.next, FieldErrors::one("word", sentence));
    Ok((StatusCode::UNPROCESSABLE_ENTITY, Html(page.render()?)).into_response())
}

fn limit_key(person: PersonId) -> String {
    format!("portal:word:{}", token_hash(&person.to_string()))
}

/// Counts a word tried for somebody. True where there were too many today: then no word is right.
async fn count_word(app: &App, visitor: &Visitor, person: PersonId) -> Result<bool> {
    let mut tx = app.housekeeping(&visitor.actor).await?;
    let counted = limits::count(&mut tx, &limit_key(person), A_DAY).await?;
    tx.commit().await?;
    Ok(counted.is_err())
}

/// Opens the pages in a browser. It gets a new token: what it held before the word opens nothing.
async fn open(
    app: &App,
    browser: &Browser,
    kept: bool,
    request_id: Option<RequestId>,
) -> Result<String> {
    let mut tx = app.write(&actor_of(browser, request_id)).await?;
    let (token, now) = (tx.random().token(), tx.now());
    tx.change_one(
        Sql::update(
            "portal_browsers",
            [
                ("token_hash", token_hash(&token).into()),
                ("known_at", now.into()),
                ("last_at", now.into()),
                ("kept", (kept || browser.kept).into()),
                ("keep_until", (now + keeps_for(kept || browser.kept)).into()),
                ("tries", 0_i64.into()),
            ],
        )
        .and(" WHERE id = ?")
        .bind(browser.id),
    )
    .await?;
    limits::clear(&mut tx, &limit_key(browser.person)).await?;
    let about = |event| {
        Entry::of(event)
            .case(browser.case)
            .person(browser.person)
            .subject(browser.id)
    };
    tx.record(about(Event::PortalOpened)).await?;
    if kept {
        tx.record(about(Event::PortalKept)).await?;
    }
    tx.commit().await?;
    Ok(token)
}

async fn refuse(app: &App, visitor: &Visitor, browser: Option<&Browser>) -> Result<()> {
    let mut tx = app.write(&visitor.actor).await?;
    let mut entry = Entry::of(Event::PortalRefused);
    if let Some(browser) = browser {
        tx.change(
            sql("UPDATE portal_browsers SET tries = tries + 1 WHERE id = ?").bind(browser.id),
        )
        .await?;
        entry = entry.case(browser.case).person(browser.person);
    }
    tx.record(entry).await?;
    tx.commit().await
}

/// Sets the word that a person chose. `word_hash` is of the word as [`folded_word`] gives it. Browsers that knew an earlier word go on.
pub async fn set_portal_word(tx: &mut WriteTx, case: &For<Case>, word_hash: String) -> Result<()> {
    let by = tx.actor().author_of(case.id)?;
    let now = tx.now();
    tx.change(
        sql("INSERT INTO portal_words (person_id, word_hash, set_by, set_at) VALUES (?, ?, ?, ?) \
             ON CONFLICT (person_id) DO UPDATE SET word_hash = excluded.word_hash, set_by = excluded.set_by, set_at = excluded.set_at")
            .bind(case.person_id)
            .bind(word_hash)
            .bind(by)
            .bind(now),
    )
    .await?;
    limits::clear(tx, &limit_key(case.person_id)).await?;
    tx.record(
        Entry::of(Event::PortalWordSet)
            .case(case.id)
            .person(case.person_id),
    )
    .await
}
