//! Links to a person's own pages: they open once, soon, and one browser.

use chrono::{DateTime, Duration, Utc};
use uuid::Uuid;

use crate::{
    app::App,
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
        portal::LINK_HOURS,
    },
};

/// The page that a link opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LeadsTo {
    Home,
    Plan,
    Document(Uuid),
    Checkin(Uuid),
    Record,
}

impl LeadsTo {
    pub fn address(self) -> String {
        match self {
            Self::Home => "/me".to_owned(),
            Self::Plan => "/me/plan".to_owned(),
            Self::Document(id) => format!("/me/documents/{id}"),
            Self::Checkin(id) => format!("/me/checkins/{id}"),
            Self::Record => "/me/record".to_owned(),
        }
    }
}

/// Makes a link to the own pages of whoever a case is about, and gives its whole address. Only the hash of its token is kept: this is the one time
/// that it can be read. It stands in nothing but the message or the page that it is made for.
pub async fn make_portal_link(
    tx: &mut WriteTx,
    public_url: &str,
    case: CaseId,
    leads_to: LeadsTo,
) -> Result<String> {
    let person: PersonId = tx
        .maybe(sql("SELECT person_id FROM cases WHERE id = ?").bind(case))
        .await?
        .ok_or(Error::NotFound)?
        .get("person_id")?;
    let (token, now) = (tx.random().token(), tx.now());
    let by: Option<AccountId> = tx.actor().account_id();
    tx.change(Sql::insert(
        "portal_links",
        [
            ("token_hash", token_hash(&token).into()),
            ("case_id", case.into()),
            ("person_id", person.into()),
            ("leads_to", leads_to.address().into()),
            ("made_at", now.into()),
            ("expires_at", (now + Duration::hours(LINK_HOURS)).into()),
            ("used_at", None::<DateTime<Utc>>.into()),
            ("made_by", by.into()),
        ],
    ))
    .await?;
    tx.record(Entry::of(Event::PortalLinkMade).case(case).person(person))
        .await?;
    Ok(format!("{public_url}/p/{token}"))
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
    // Until messages can be sent, the worker is told that a link is wanted.
    let mut tx = app.write(actor).await?;
    super::asks::ask_of(
        &mut tx,
        (row.get("case_id")?, person),
        crate::rules::portal::Ask::Link,
        None,
    )
    .await?;
    tx.commit().await
}
