//! What a recipient sees: a code that was given separately, the document, and their answers. No account, and nothing beyond the document itself.

use std::ops::ControlFlow;

use askama::Template;
use axum::{
    extract::{Path, State as Shared},
    http::{HeaderMap, StatusCode},
    response::{Html, IntoResponse, Response},
};

use super::{
    acts::{self, entry},
    answer_store,
    answering::{Answering, check},
    link_store::{self, Link},
    sending,
    store::{self, Document},
};
use crate::{
    app::App,
    features::identity::Visitor,
    platform::{
        Result,
        clock::day_of,
        db::{Reader, WriteTx},
        limits::{self, Limit},
        messages,
        random::token_hash,
        web::{Form, Page, cookie, cookie_value, said_date, said_instant, see_other},
    },
    rules::{
        Choice,
        event::Event,
        field::FieldErrors,
        message::Template as Message,
        release::{Answer, By, MOST_TRIES, Released, Shown, Step},
    },
};

/// Presses from one address in ten minutes, right or wrong.
const PRESSES: Limit = Limit::per_minutes(30, 10);

fn said(key: &str) -> &'static str {
    messages::said(key)
}

/// A page of few words: the code is asked, or there is nothing.
#[derive(Template)]
#[template(path = "release/code.html")]
struct CodePage {
    page: Page,
    /// `None` where there is nothing to open.
    action: Option<String>,
    lead: &'static str,
    errors: FieldErrors,
}

impl CodePage {
    fn m(&self, key: &str) -> &'static str {
        said(key)
    }
}

/// The same page, whether a link was closed, is over or never was.
fn gone() -> Result<Response> {
    let page = CodePage {
        page: Page::public(said("document.gone_title")),
        action: None,
        lead: said("document.gone"),
        errors: FieldErrors::default(),
    };
    Ok((StatusCode::NOT_FOUND, Html(page.render()?)).into_response())
}

fn ask_code(token: &str, link: &Link, sentence: Option<&'static str>) -> Result<Response> {
    let takes = link.takes_a_code();
    // Where no code is asked any more there is no field to put right.
    let sentence = sentence.filter(|_| takes);
    let errors = sentence.map_or_else(FieldErrors::default, |s| FieldErrors::one("code", s));
    let status = match sentence {
        Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
        None => StatusCode::OK,
    };
    let page = CodePage {
        page: Page {
            has_errors: !errors.is_empty(),
            ..Page::public(said("document.code_title"))
        },
        action: takes.then(|| format!("/d/{token}")),
        lead: said(if takes {
            "document.code_lead"
        } else {
            "document.code_used"
        }),
        errors,
    };
    Ok((status, Html(page.render()?)).into_response())
}

/// The link and its document, where they can be opened today.
async fn open(tx: &mut Reader, token: &str) -> Result<Option<(Link, Document)>> {
    let Some(link) = link_store::find(tx, token).await? else {
        return Ok(None);
    };
    let document = store::document(tx, link.case, link.document).await?;
    let opens = acts::opens(tx, &document).await?;
    Ok(opens.then_some((link, document)))
}

/// The cookie of a browser that a document was opened in: of its own for each link.
fn cookie_name(token: &str) -> String {
    let hash = token_hash(&format!("browser {token}"));
    format!("handrail_d_{}", &hash[..12])
}

async fn is_known(tx: &mut Reader, headers: &HeaderMap, token: &str, link: &Link) -> Result<bool> {
    match cookie_value(headers, &cookie_name(token)) {
        Some(browser) => link_store::knows(tx, link, browser).await,
        None => Ok(false),
    }
}

/// The document behind a link, in a browser in which its code was given. `Break` asks for the code, or says that there is nothing.
pub(super) async fn opened(
    tx: &mut Reader,
    headers: &HeaderMap,
    token: &str,
) -> Result<ControlFlow<Response, Document>> {
    let Some((link, document)) = open(tx, token).await? else {
        return gone().map(ControlFlow::Break);
    };
    // A link that a program looks at, to show what is behind it, has opened nothing.
    if !is_known(tx, headers, token, &link).await? {
        return ask_code(token, &link, None).map(ControlFlow::Break);
    }
    Ok(ControlFlow::Continue(document))
}

#[derive(Template)]
#[template(path = "release/recipient.html")]
struct RecipientPage {
    page: Page,
    action: String,
    document: Released,
    until: String,
    released_on: String,
    answering: Answering,
    answered_at: Option<String>,
}

impl RecipientPage {
    fn m(&self, key: &str) -> &'static str {
        said(key)
    }
}

async fn recipient_page(
    tx: &mut Reader,
    token: &str,
    document: &Document,
    typed: &[(String, String)],
    errors: Vec<(String, String)>,
) -> Result<Option<RecipientPage>> {
    let Some(released) = document.released.clone() else {
        return Ok(None);
    };
    let standing = answer_store::answers(tx, document.id).await?;
    let newest = standing.values().map(|a| a.at).max();
    let today = tx.today();
    Ok(Some(RecipientPage {
        page: Page {
            has_errors: !errors.is_empty(),
            ..Page::public(released.title())
        },
        action: format!("/d/{token}"),
        until: document.until_on.map_or(String::new(), said_date),
        released_on: document
            .released_at
            .map_or(String::new(), |at| said_date(day_of(at))),
        answering: Answering::of(document, typed, &standing, errors),
        answered_at: newest.map(|at| said_instant(at, today)),
        document: released,
    }))
}

pub async fn ask(
    Shared(app): Shared<App>,
    visitor: Visitor,
    headers: HeaderMap,
    Path(token): Path<String>,
) -> Result<Response> {
    let mut tx = app.read(&visitor.actor).await?;
    let document = match opened(&mut tx, &headers, &token).await? {
        ControlFlow::Continue(document) => document,
        ControlFlow::Break(answer) => return Ok(answer),
    };
    let Some(page) = recipient_page(&mut tx, &token, &document, &[], vec![]).await? else {
        return gone();
    };
    tx.viewed(entry(Event::DocumentOpened, &document));
    let html = page.render()?;
    tx.finish().await?;
    Ok(Html(html).into_response())
}

/// Counts one press from an address, which is kept hashed. `false` is too many.
async fn may_press(app: &App, visitor: &Visitor) -> Result<bool> {
    let key = format!("document:{}", token_hash(&visitor.address));
    let mut tx = app.housekeeping(&visitor.actor).await?;
    let counted = limits::count(&mut tx, &key, PRESSES).await?;
    tx.commit().await?;
    Ok(counted.is_ok())
}

pub async fn submit(
    Shared(app): Shared<App>,
    visitor: Visitor,
    headers: HeaderMap,
    Path(token): Path<String>,
    Form { form, .. }: Form<Vec<(String, String)>>,
) -> Result<Response> {
    if !may_press(&app, &visitor).await? {
        let page = CodePage {
            page: Page::public(said("document.wait_title")),
            action: None,
            lead: said("document.wait"),
            errors: FieldErrors::default(),
        };
        return Ok((StatusCode::TOO_MANY_REQUESTS, Html(page.render()?)).into_response());
    }
    let mut tx = app.write(&visitor.actor).await?;
    let Some((link, document)) = open(&mut tx, &token).await? else {
        return gone();
    };
    if is_known(&mut tx, &headers, &token, &link).await? {
        return answer(&app, tx, &visitor, &token, document, form).await;
    }
    let code: String = form
        .iter()
        .filter(|(name, _)| name == "code")
        .flat_map(|(_, typed)| typed.chars())
        .filter(char::is_ascii_digit)
        .collect();
    if !link.takes_a_code() {
        return ask_code(&token, &link, None);
    }
    if link_store::code_hash(&token, &code) != link.code_hash {
        link_store::count_try(&mut tx, &link).await?;
        let link = Link {
            tries: link.tries + 1,
            ..link
        };
        if link.tries >= MOST_TRIES {
            store::add_step(&mut tx, &document, Step::CodeLocked, By::Recipient, None).await?;
        }
        tx.record(entry(Event::DocumentCodeRefused, &document))
            .await?;
        tx.commit().await?;
        return ask_code(&token, &link, Some(said("document.code_wrong")));
    }
    let browser = link_store::use_code(&mut tx, &link).await?;
    acts::open_document(&mut tx, &document).await?;
    let days = document
        .until_on
        .map_or(0, |until| (until - tx.today()).num_days() + 1);
    tx.commit().await?;
    let kept = cookie(
        &cookie_name(&token),
        &browser,
        Some(days * 24 * 60 * 60),
        app.config.secure_cookies,
    );
    Ok(see_other(format!("/d/{token}"))
        .with_cookie(kept)
        .into_response())
}

/// Keeps what was answered, or shows the page again.
async fn answer(
    app: &App,
    mut tx: WriteTx,
    visitor: &Visitor,
    token: &str,
    mut document: Document,
    form: Vec<(String, String)>,
) -> Result<Response> {
    let new = match check(&document, &form) {
        Ok(new) => new,
        Err(errors) => {
            drop(tx);
            let mut tx = app.read(&visitor.actor).await?;
            let Some(page) = recipient_page(&mut tx, token, &document, &form, errors).await? else {
                return gone();
            };
            let html = page.render()?;
            tx.finish().await?;
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, Html(html)).into_response());
        }
    };
    if acts::answer_document(&mut tx, &mut document, By::Recipient, &new).await? {
        sending::tell_person(&mut tx, app, &document, Message::DocumentNews).await?;
        tx.commit().await?;
    }
    Ok(see_other(format!("/d/{token}")).into_response())
}
