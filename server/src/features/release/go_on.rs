//! What a worker does with a released document: a link and a code, the post, reading an answer out, closing it at the person's word.

use askama::Template;
use axum::{
    extract::{Path, State as Shared},
    response::{Html, IntoResponse, Response},
};

use super::{
    acts,
    sending::{self, OnItsWay},
    store::{self, Document},
};
use crate::{
    app::App,
    features::{
        caseload::store::{self as cases, Case},
        page,
    },
    platform::{
        Error, Result, drafts,
        web::{Actor, Form, Page, said_date, see_other},
    },
    rules::{
        id::{CaseId, DocumentId, DraftId},
        permission::Action,
        release::By,
    },
};

/// What the buttons of a released document send.
#[derive(Debug, Clone, Default, serde::Deserialize, serde::Serialize)]
#[serde(default)]
pub struct ActForm {
    draft: Option<DraftId>,
    act: String,
}

#[derive(Template)]
#[template(path = "release/link_made.html")]
struct LinkMadePage {
    page: Page,
    case: Case,
    document: Document,
    address: String,
    code: String,
    until: String,
    on_its_way: OnItsWay,
}

pub async fn submit(
    Shared(app): Shared<App>,
    actor: Actor,
    Path((id, document)): Path<(CaseId, DocumentId)>,
    Form { form, .. }: Form<ActForm>,
) -> Result<Response> {
    let mut tx = app.write(&actor).await?;
    let draft = form.draft.unwrap_or_else(|| drafts::new_id(&tx));
    let here = format!("/cases/{id}/documents/{document}");
    if let Some(first) = drafts::claim(&mut tx, draft, &here).await? {
        return Ok(see_other(first).into_response());
    }
    let case = cases::find_for(&mut tx, Action::PrepareDocument, id, None).await?;
    let mut document = store::document(&mut tx, id, document).await?;
    let notice = match form.act.as_str() {
        "close" => {
            acts::revoke(&mut tx, &mut document).await?;
            "Closed. Its link is dead from now on. A copy that somebody kept cannot be called back."
        }
        "tell" => {
            acts::tell_answers(&mut tx, &mut document, By::Worker).await?;
            "Read it out to them. It stands below."
        }
        "read" => {
            acts::read_answers(&mut tx, &mut document).await?;
            "Noted that you read it."
        }
        "sent" => {
            acts::sent(&mut tx, &mut document).await?;
            "Noted that it was sent. They can see that on their own pages."
        }
        "file" => {
            drop(tx);
            sending::send_file(&app, &actor, &document).await?;
            return Ok(see_other(here)
                .with_notice("It goes by email, as a PDF.")
                .into_response());
        }
        "link" => {
            let made = acts::make_link(&mut tx, &mut document).await?;
            let on_its_way = sending::send_parts(&mut tx, &app, &document, &made).await?;
            tx.commit().await?;
            let page = LinkMadePage {
                page: page(&actor, "Link and code made", "/people"),
                case: case.clone(),
                address: format!("{}/d/{}", app.config.public_url, made.token),
                code: sending::spaced(&made.code),
                until: document.until_on.map_or(String::new(), said_date),
                document,
                on_its_way,
            };
            return Ok(Html(page.render()?).into_response());
        }
        _ => return Err(Error::NotFound),
    };
    tx.commit().await?;
    Ok(see_other(here).with_notice(notice).into_response())
}
