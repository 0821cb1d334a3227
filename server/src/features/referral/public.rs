//! Pages for people without an account: rate limits, the page after sending, and what both the practice's link and the community's page share.

use askama::Template;
use axum::{
    extract::{Path, State},
    http::{HeaderMap, StatusCode, header},
    response::{Html, IntoResponse, Response},
};
use chrono::{DateTime, Duration, Utc};

use super::{
    form::ReferralForm,
    leave::LEFT,
    refer::{Offer, Outcome, ReferPage, send_form, show_outcome},
    self_referral::owner,
    sent::WHAT_THE_PRACTICE_HEARS,
};
use crate::{
    app::App,
    features::identity::Visitor,
    platform::{
        Error, Result,
        db::sql,
        drafts,
        limits::{self, Limit},
        messages::said,
        random::token_hash,
        web::{Page, see_other, wait_in_words},
    },
    rules::{
        field::FieldErrors,
        id::{PracticeId, ReferralId},
        organisation::Route,
        referral::RedFlag,
    },
};

/// Presses of a public form from one address in ten minutes, right or wrong: a busy surgery shares an address.
const PRESSES: Limit = Limit::per_minutes(30, 10);

/// Counts one press of a public form under its name and the visitor's address, which is kept hashed.
pub async fn count_press(app: &App, visitor: &Visitor, form: &str, limit: Limit) -> Result<()> {
    let key = format!(
        "refer:{}",
        token_hash(&format!("{form} {}", visitor.address))
    );
    let mut tx = app.housekeeping(&visitor.actor).await?;
    let counted = limits::count(&mut tx, &key, limit).await?;
    tx.commit().await?;
    counted
}

/// Sends a filled public page: the practice's link and the community's page come here.
pub async fn submit(
    app: &App,
    visitor: &Visitor,
    offer: Offer,
    practice: Option<PracticeId>,
    form: ReferralForm,
) -> Result<Response> {
    match count_press(app, visitor, &offer.action, PRESSES).await {
        Err(Error::TooMany { wait_seconds }) => {
            return wait_and_send_again(app, visitor, offer, form, wait_seconds).await;
        }
        counted => counted?,
    }
    let mut tx = app.write(&visitor.actor).await?;
    let draft = form.draft.unwrap_or_else(|| drafts::new_id(&tx));
    if let Some(first) = drafts::claim(&mut tx, draft, &offer.action).await? {
        return Ok(see_other(first).into_response());
    }
    match send_form(&mut tx, &offer, practice, &form).await? {
        Outcome::Sent(id) => {
            let sent = format!("/referral-sent/{id}");
            drafts::led_to(&mut tx, draft, &sent).await?;
            tx.commit().await?;
            Ok(see_other(sent).into_response())
        }
        outcome => {
            drop(tx);
            let tx = app.read(&visitor.actor).await?;
            let page = Page::public(offer.heading.clone());
            show_outcome(tx, page, offer, form, draft, outcome).await
        }
    }
}

/// The same page with what was typed: a public page keeps nothing, and somebody else may have used up the presses of their address.
async fn wait_and_send_again(
    app: &App,
    visitor: &Visitor,
    offer: Offer,
    form: ReferralForm,
    wait_seconds: i64,
) -> Result<Response> {
    let tx = app.read(&visitor.actor).await?;
    let draft = form.draft.unwrap_or_else(|| drafts::new_id(&tx));
    let sentence = format!(
        "Too many referrals were sent from where you are. Keep this page open, wait {} and send it again",
        wait_in_words(wait_seconds)
    );
    let page = Page::public(offer.heading.clone());
    let errors = FieldErrors::one("sender_name", sentence);
    let html = ReferPage::new(page, offer, form, errors, draft).render()?;
    tx.finish().await?;
    Ok((
        StatusCode::TOO_MANY_REQUESTS,
        [(header::RETRY_AFTER, wait_seconds.to_string())],
        Html(html),
    )
        .into_response())
}

#[derive(Template)]
#[template(path = "referral/public_sent.html")]
struct PublicSent {
    page: Page,
    reference: String,
    by_the_person: bool,
    hears: &'static str,
    /// Red flags that no clinician has said are dealt with.
    open_flags: Vec<RedFlag>,
}

impl PublicSent {
    fn help(&self, flag: &RedFlag) -> &'static str {
        super::self_form::flag_help(*flag)
    }
    fn m(&self, key: &str) -> &'static str {
        said(key)
    }
}

/// The page after sending without an account: the reference and what happens next, nothing of the person, and only for a day. To a person who asked for
/// themselves it is shown once, in the browser that sent it: whoever has the telephone next finds nothing.
pub async fn sent(
    State(app): State<App>,
    visitor: Visitor,
    headers: HeaderMap,
    Path(id): Path<ReferralId>,
) -> Result<Response> {
    let mut tx = app.read(&visitor.actor).await?;
    let row = tx
        .maybe(
            sql("SELECT reference, route, red_flags, red_flags_confirmed_by, sent_at FROM referrals WHERE id = ? AND sent_by IS NULL")
                .bind(id),
        )
        .await?
        .ok_or(Error::NotFound)?;
    let sent_at: DateTime<Utc> = row.get("sent_at")?;
    let route: Route = row.choice("route")?;
    if tx.now() - sent_at > Duration::hours(24) || route == Route::Import {
        return Err(Error::NotFound);
    }
    let flags: Vec<RedFlag> = row.json("red_flags")?;
    let confirmed: Option<String> = row.optional("red_flags_confirmed_by")?;
    let by_the_person = route == Route::SelfReferral;
    let page = PublicSent {
        page: Page::public(if by_the_person {
            said("sent.title")
        } else {
            "Referral sent"
        }),
        reference: row.get("reference")?,
        by_the_person,
        hears: if route == Route::Practice {
            WHAT_THE_PRACTICE_HEARS
        } else {
            "You do not hear from the service what becomes of it: that is the person’s to tell."
        },
        open_flags: if confirmed.is_none() { flags } else { vec![] },
    };
    tx.finish().await?;
    if by_the_person {
        let Some(owner) = owner(&headers) else {
            return Ok(see_other(LEFT).into_response());
        };
        let mut tx = app.housekeeping(&visitor.actor).await?;
        let here = format!("/referral-sent/{id}");
        let first = drafts::shown_once(&mut tx, &owner, &here, LEFT).await?;
        tx.commit().await?;
        if !first {
            return Ok(see_other(LEFT).into_response());
        }
    }
    Ok(Html(page.render()?).into_response())
}
