//! Links to a person's own pages: they open once, soon, and one browser.

use chrono::{DateTime, Duration, Utc};
use uuid::Uuid;

use crate::{
    app::App,
    config::sending::Way,
    features::message::{self, Fields, Outgoing, To},
    platform::{
        Error, Result,
        audit::Entry,
        db::{Reader, Sql, WriteTx, sql},
        limits::{self, Limit},
        random::token_hash,
        web::Actor,
    },
    rules::{
        event::Event,
        id::{AccountId, CaseId, PersonId},
        message::Template,
        portal::{Ask, LINK_HOURS, WAITS_HOURS},
    },
};

/// The page that a link opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LeadsTo {
    Home,
    Plan,
    Document(Uuid),
    Checkin(Uuid),
}

impl LeadsTo {
    pub fn address(self) -> String {
        match self {
            Self::Home => "/me".to_owned(),
            Self::Plan => "/me/plan".to_owned(),
            Self::Document(id) => format!("/me/documents/{id}"),
            Self::Checkin(id) => format!("/me/checkins/{id}"),
        }
    }
}

/// From when on a link lives for its hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Life {
    /// It is shown now.
    Now,
    /// It goes with a message, which may wait. [`start_link`] starts its hours when the message goes.
    WithItsMessage,
}

/// Makes a link to the own pages of whoever a case is about, and gives its whole address. Only the hash of its token is kept: this is the one time
/// that it can be read. It stands in nothing but the message or the page that it is made for.
pub async fn make_portal_link(
    tx: &mut WriteTx,
    public_url: &str,
    case: CaseId,
    (leads_to, life): (LeadsTo, Life),
) -> Result<String> {
    let person: PersonId = tx
        .maybe(sql("SELECT person_id FROM cases WHERE id = ?").bind(case))
        .await?
        .ok_or(Error::NotFound)?
        .get("person_id")?;
    let (token, now) = (tx.random().token(), tx.now());
    let by: Option<AccountId> = tx.actor().account_id();
    let hours = match life {
        Life::Now => LINK_HOURS,
        Life::WithItsMessage => WAITS_HOURS,
    };
    tx.change(Sql::insert(
        "portal_links",
        [
            ("token_hash", token_hash(&token).into()),
            ("case_id", case.into()),
            ("person_id", person.into()),
            ("leads_to", leads_to.address().into()),
            ("made_at", now.into()),
            ("expires_at", (now + Duration::hours(hours)).into()),
            ("used_at", None::<DateTime<Utc>>.into()),
            ("made_by", by.into()),
        ],
    ))
    .await?;
    tx.record(Entry::of(Event::PortalLinkMade).case(case).person(person))
        .await?;
    Ok(format!("{public_url}/p/{token}"))
}

/// Starts the hours of the link that a message has in it, where it is one to own pages: the message goes now.
pub async fn start_link(tx: &mut WriteTx, link: &str, hours: i64) -> Result<()> {
    let Some((_, token)) = link.rsplit_once("/p/") else {
        return Ok(());
    };
    let until = tx.now() + Duration::hours(hours);
    let start =
        sql("UPDATE portal_links SET expires_at = ? WHERE token_hash = ? AND used_at IS NULL")
            .bind(until)
            .bind(token_hash(token));
    tx.change(start).await.map(drop)
}

/// Whether a person has chosen a word. Without one a link opens nothing.
pub async fn has_word(tx: &mut Reader, person: PersonId) -> Result<bool> {
    let row = tx
        .maybe(sql("SELECT person_id FROM portal_words WHERE person_id = ?").bind(person))
        .await?;
    Ok(row.is_some())
}

/// New links for one person in a day, by pressing "Send me a new link".
const NEW_LINKS: Limit = Limit::per_minutes(3, 24 * 60);

/// Whether this service sends links by itself. Where it does not, the worker reads one out.
pub(super) fn sends(app: &App) -> bool {
    app.config.sending.text != Way::None || app.config.sending.email != Way::None
}

/// Sends whoever a link was made for another one, to the telephone or address that is known. Nothing happens where the link never was.
pub(super) async fn send_new(app: &App, actor: &Actor, token: &str) -> Result<()> {
    let mut tx = app.housekeeping(actor).await?;
    let row = tx
        .maybe(
            sql("SELECT case_id, person_id FROM portal_links WHERE token_hash = ?")
                .bind(token_hash(token)),
        )
        .await?;
    let Some(row) = row else {
        return Ok(());
    };
    let person: PersonId = row.get("person_id")?;
    let key = format!("portal:new:{}", token_hash(&person.to_string()));
    let counted = limits::count(&mut tx, &key, NEW_LINKS).await?;
    tx.commit().await?;
    if counted.is_err() {
        return Ok(());
    }
    let case = row.get("case_id")?;
    let mut tx = app.write(actor).await?;
    send_link(&mut tx, app, case, LeadsTo::Home).await?;
    if !sends(app) {
        super::asks::ask_of(&mut tx, (case, person), Ask::Link, None).await?;
    }
    tx.commit().await
}

/// Makes a link and queues it for the person, in the way that they like and that is safe.
pub async fn send_link(tx: &mut WriteTx, app: &App, case: CaseId, leads_to: LeadsTo) -> Result<()> {
    let life = (leads_to, Life::WithItsMessage);
    let link = make_portal_link(tx, &app.config.public_url, case, life).await?;
    let person = tx
        .one(sql("SELECT person_id FROM cases WHERE id = ?").bind(case))
        .await?
        .get("person_id")?;
    // Each press is a cause of its own; a draft or a limit stands before it.
    let cause = format!("own-pages:{}", tx.new_uuid());
    let outgoing = Outgoing {
        to: To::Person {
            case,
            person,
            channel: None,
        },
        template: Template::OwnPages,
        fields: Fields::from([("link".to_owned(), link)]),
        cause,
        not_before: None,
    };
    message::queue_message(tx, &app.keys, outgoing)
        .await
        .map(drop)
}
