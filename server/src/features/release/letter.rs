//! A document as a letter: from what was released and from nothing else. The recipient takes it away, the team prints it, the person keeps it.

use std::ops::ControlFlow;

use axum::{
    extract::{Path, Query, State as Shared},
    http::HeaderMap,
    response::Response,
};
use chrono::NaiveDate;
use handrail_letters::{Block, Letter};

use super::{
    acts,
    recipient::opened,
    store::{self, Document},
};
use crate::{
    app::App,
    features::{caseload::store as cases, identity::Visitor, message::File, portal::Me},
    platform::{
        Error, Result,
        clock::day_of,
        limits::{self, Limit},
        messages::{ENGLISH, in_language, said},
        web::{self, Actor, Print, said_date},
    },
    rules::{
        event::Event,
        id::{CaseId, DocumentId},
        permission::Action,
        release::{Part, Released, Shown},
    },
};

/// Files that a recipient takes of one document in ten minutes: each is work.
const FILES: Limit = Limit::per_minutes(20, 10);

/// The letter of what was released on a day, for a recipient who can open it until another.
/// It is in English, whoever asks for it: the document is.
fn letter(released: &Released, days: (NaiveDate, NaiveDate), large: bool) -> Letter {
    in_language(ENGLISH, || in_english(released, days, large))
}

fn in_english(released: &Released, (on, until): (NaiveDate, NaiveDate), large: bool) -> Letter {
    let mut head = vec![format!("{} {}.", said("document.for"), released.to())];
    head.extend(Some(released.purpose().to_owned()).filter(|words| !words.is_empty()));
    head.push(format!(
        "{} {}. {} {}.",
        said("document.letter_on"),
        said_date(on),
        said("document.letter_until"),
        said_date(until)
    ));
    let mut blocks: Vec<Block> = released.parts().iter().flat_map(blocks).collect();
    blocks.extend(released.closing().map(Block::paragraph));
    if released.asked().next().is_some() {
        blocks.push(Block::paragraph(said("document.letter_answer")));
    }
    blocks.push(Block::paragraph(said("document.theirs")));
    Letter {
        title: released.title().to_owned(),
        language: ENGLISH.to_owned(),
        large,
        head,
        blocks,
        page: said("document.page").to_owned(),
        of: said("document.of").to_owned(),
    }
}

fn blocks(part: &Part) -> Vec<Block> {
    let heading = part.heading.iter().map(Block::heading);
    let shown: Vec<Block> = match &part.shown {
        Shown::Paragraphs(all) => all.iter().map(Block::paragraph).collect(),
        Shown::Facts(facts) => facts
            .iter()
            .map(|(label, words)| Block::pair(label, words))
            .collect(),
        Shown::Table { head, rows } => vec![Block::Table {
            head: head.clone(),
            rows: rows.clone(),
        }],
        Shown::Asked(asked) => vec![Block::List {
            items: asked.iter().map(|one| one.words.clone()).collect(),
        }],
    };
    heading.chain(shown).collect()
}

/// The letter of a document, where it was released.
fn letter_of(document: &Document, large: bool) -> Result<Letter> {
    let (Some(released), Some(at), Some(until)) =
        (&document.released, document.released_at, document.until_on)
    else {
        return Err(Error::NotFound);
    };
    Ok(letter(released, (day_of(at), until), large))
}

/// The file that goes with an email. Call it outside any transaction.
pub(super) async fn enclosure(document: &Document) -> Result<File> {
    Ok(File {
        name: "document.pdf".to_owned(),
        bytes: web::typeset_apart(letter_of(document, false)?).await?,
    })
}

/// The file of a document that was released. Call it outside any transaction.
pub(super) async fn pdf(document: &Document, large: bool) -> Result<Response> {
    let letter = letter_of(document, large)?;
    let name = if large {
        "document-large-print.pdf"
    } else {
        "document.pdf"
    };
    web::pdf(letter, name).await
}

/// The file for the recipient, in a browser in which the code was given. The person sees that it was taken.
pub async fn for_recipient(
    Shared(app): Shared<App>,
    visitor: Visitor,
    headers: HeaderMap,
    Path(token): Path<String>,
    Query(print): Query<Print>,
) -> Result<Response> {
    let mut tx = app.read(&visitor.actor).await?;
    let document = match opened(&mut tx, &headers, &token).await? {
        ControlFlow::Continue(document) => document,
        ControlFlow::Break(answer) => return Ok(answer),
    };
    tx.finish().await?;
    let mut tx = app.housekeeping(&visitor.actor).await?;
    let counted = limits::count(&mut tx, &format!("document-file:{}", document.id), FILES).await?;
    tx.commit().await?;
    counted?;
    let file = pdf(&document, print.large()).await?;
    // It may have been closed while the file was made.
    let mut tx = app.write(&visitor.actor).await?;
    let document = match opened(&mut tx, &headers, &token).await? {
        ControlFlow::Continue(document) => document,
        ControlFlow::Break(answer) => return Ok(answer),
    };
    acts::download_document(&mut tx, &document).await?;
    tx.commit().await?;
    Ok(file)
}

/// The file for the team: to print, to put into an envelope, or to give to the person.
pub async fn for_team(
    Shared(app): Shared<App>,
    actor: Actor,
    Path((id, document)): Path<(CaseId, DocumentId)>,
    Query(print): Query<Print>,
) -> Result<Response> {
    let mut tx = app.read(&actor).await?;
    cases::find_for(&mut tx, Action::SeeCase, id, None).await?;
    let document = store::document(&mut tx, id, document).await?;
    document.released.as_ref().ok_or(Error::NotFound)?;
    tx.viewed(acts::entry(Event::DocumentDownloaded, &document));
    tx.finish().await?;
    pdf(&document, print.large()).await
}

/// The person's own copy of exactly what was released. It stays theirs when the document is closed.
pub async fn for_person(
    Shared(app): Shared<App>,
    me: Me,
    Path(document): Path<DocumentId>,
    Query(print): Query<Print>,
) -> Result<Response> {
    let mut tx = app.read(&me.actor).await?;
    let case = cases::find_own(&mut tx).await?;
    let document = store::document(&mut tx, case.id, document).await?;
    document.released.as_ref().ok_or(Error::NotFound)?;
    tx.viewed(acts::entry(Event::DocumentDownloaded, &document));
    tx.finish().await?;
    pdf(&document, print.large()).await
}

#[cfg(test)]
mod tests;
