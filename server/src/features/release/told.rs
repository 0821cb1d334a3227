//! What a recipient answered on paper or by telephone, written down by a worker. It goes to the person first, as if it had come by the link.

use std::collections::BTreeMap;

use askama::Template;
use axum::{
    extract::{Path, State as Shared},
    response::{IntoResponse, Response},
};

use super::{
    acts,
    answering::{Answering, Typed, check},
    sending,
    store::{self, Document},
};
use crate::{
    app::App,
    features::{
        caseload::store::{self as cases, Case},
        page,
    },
    platform::{
        Error, Result,
        db::{ReadTx, Reader},
        drafts,
        web::{Actor, Form, Page, see_other, show, show_again},
    },
    rules::{
        Choice,
        event::Event,
        id::{CaseId, DocumentId, DraftId},
        message::Template as Message,
        permission::Action,
        release::{Answer, By, Released, State},
    },
};

#[derive(Template)]
#[template(path = "release/told.html")]
struct ToldPage {
    page: Page,
    case: Case,
    document: Document,
    draft: DraftId,
    answering: Answering,
}

impl ToldPage {
    fn to(&self) -> &str {
        &self.document.prepared.recipient.name
    }
}

/// A released document of a case that asks for something. Anything else has no such page.
async fn find(tx: &mut Reader, id: CaseId, document: DocumentId) -> Result<(Case, Document)> {
    let case = cases::find_for(tx, Action::PrepareDocument, id, None).await?;
    let document = store::document(tx, id, document).await?;
    let asks = document.released.iter().flat_map(Released::asked).count() > 0;
    if !asks || document.state == State::Revoked {
        return Err(Error::NotFound);
    }
    Ok((case.clone(), document))
}

fn told_page(
    tx: &mut ReadTx,
    (case, document): (Case, Document),
    draft: DraftId,
    form: &[(String, String)],
    errors: Typed,
) -> ToldPage {
    tx.viewed(acts::entry(Event::DocumentViewed, &document));
    let title = format!("What was answered: {}", case.person_name);
    ToldPage {
        page: Page {
            has_errors: !errors.is_empty(),
            ..page(tx.actor(), title, "/people")
        },
        // An answer that came by the link is the person's to hear first: the page begins blank.
        answering: Answering::of(&document, form, &BTreeMap::new(), errors),
        case,
        document,
        draft,
    }
}

pub async fn ask(
    Shared(app): Shared<App>,
    actor: Actor,
    Path((id, document)): Path<(CaseId, DocumentId)>,
) -> Result<Response> {
    let mut tx = app.read(&actor).await?;
    let found = find(&mut tx, id, document).await?;
    let draft = drafts::new_id(&tx);
    let page = told_page(&mut tx, found, draft, &[], vec![]);
    show(tx, page).await
}

pub async fn submit(
    Shared(app): Shared<App>,
    actor: Actor,
    Path((id, document)): Path<(CaseId, DocumentId)>,
    Form { form, .. }: Form<Typed>,
) -> Result<Response> {
    let mut tx = app.write(&actor).await?;
    let draft = form
        .iter()
        .find(|(name, _)| name == "draft")
        .and_then(|(_, value)| value.parse().ok())
        .unwrap_or_else(|| drafts::new_id(&tx));
    let there = format!("/cases/{id}/documents/{document}");
    if let Some(first) = drafts::claim(&mut tx, draft, &there).await? {
        return Ok(see_other(first).into_response());
    }
    let mut found = find(&mut tx, id, document).await?;
    match check(&found.1, &form) {
        Ok(new) => {
            if acts::answer_document(&mut tx, &mut found.1, By::Worker, &new).await? {
                sending::tell_person(&mut tx, &app, &found.1, Message::DocumentNews).await?;
            }
            tx.commit().await?;
            Ok(see_other(there)
                .with_notice("Written down. It is theirs to hear first.")
                .into_response())
        }
        Err(errors) => {
            drop(tx);
            let mut tx = app.read(&actor).await?;
            let page = told_page(&mut tx, found, draft, &form, errors);
            show_again(tx, page).await
        }
    }
}
