//! How a document gets to its recipient: part of preparing it, and changed until it is released, by the person on their own pages or by a worker for them.

use std::ops::ControlFlow;

use askama::Template;
use axum::{
    extract::{Path, State as Shared},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};

use super::{
    acts,
    mine::own_refusal,
    store::{self, Document},
};
use crate::{
    app::App,
    features::{
        caseload::store::{self as cases, Case},
        page,
        portal::{Begun, Choose, Me, begin, begin_for, in_words, must_go_on, typed},
    },
    platform::{
        Error, Result,
        db::{ReadTx, Reader},
        messages::said,
        web::{Actor, Form, Page, Shown, see_other, show, show_again, typed_before},
    },
    rules::{
        Choice,
        caseload::must_be_open,
        event::Event,
        field::{self, FieldErrors},
        id::{CaseId, DocumentId, DraftId},
        permission::Action,
        release::{By, State, Way},
    },
};

/// How a document gets there, as typed.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct WayForm {
    pub(super) way: String,
    pub(super) send_to: String,
    pub(super) code_to: String,
}

/// How a document gets there, checked. By hand it has no address, and only a link has a number for its code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GetsThere {
    pub way: Way,
    /// An email or postal address.
    pub send_to: Option<String>,
    /// A telephone number.
    pub code_to: Option<String>,
}

impl WayForm {
    fn of(document: &Document) -> Self {
        Self {
            way: document.way.code().to_owned(),
            send_to: document.send_to.clone().unwrap_or_default(),
            code_to: document.code_to.clone().unwrap_or_default(),
        }
    }

    /// `None` where something needs another look, which `errors` says.
    pub(super) fn check(&self, errors: &mut FieldErrors) -> Option<GetsThere> {
        let way = errors.take(
            "way",
            field::choice::<Way>(&self.way, said("document_way.missing")),
        );
        let send_to = errors
            .take("send_to", field::optional_line(&self.send_to))
            .flatten();
        let code_to = errors
            .take("code_to", field::optional_line(&self.code_to))
            .flatten();
        match (way, &send_to) {
            (Some(Way::Link | Way::Email), address) if !is_email(address.as_deref()) => {
                errors.add("send_to", said("document_way.no_email"));
            }
            (Some(Way::Post), None) => errors.add("send_to", said("document_way.no_address")),
            _ => {}
        }
        let way = way?;
        Some(GetsThere {
            way,
            send_to: send_to.filter(|_| way.is_sent()),
            code_to: code_to.filter(|_| way == Way::Link),
        })
    }
}

fn is_email(address: Option<&str>) -> bool {
    address.is_some_and(|a| {
        a.split_once('@')
            .is_some_and(|(who, place)| !who.is_empty() && place.contains('.') && !a.contains(' '))
    })
}

/// What the page of a change sends.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct ChangeForm {
    draft: Option<DraftId>,
    version: Shown,
    #[serde(flatten)]
    way: WayForm,
}

/// A change of the way, as the page shows it.
struct Asked {
    document: Document,
    form: WayForm,
    errors: FieldErrors,
    draft: DraftId,
}

impl Asked {
    fn to(&self) -> &str {
        &self.document.prepared.recipient.name
    }
}

#[derive(Template)]
#[template(path = "release/way.html")]
struct WayPage {
    page: Page,
    case: Case,
    asked: Asked,
}

#[derive(Template)]
#[template(path = "release/mine_way.html")]
struct MinePage {
    page: Page,
    asked: Asked,
}
in_words!(MinePage);

impl MinePage {
    fn ways(&self) -> Vec<Choose> {
        Way::ALL
            .iter()
            .map(|way| Choose {
                code: way.code(),
                label: match way {
                    Way::ByHand => said("document_way.by_hand"),
                    Way::Link => said("document_way.link"),
                    Way::Email => said("document_way.email"),
                    Way::Post => said("document_way.post"),
                },
            })
            .collect()
    }
    fn title(&self) -> String {
        said("document_way.title").replace("{to}", self.asked.to())
    }
}

/// A document whose way can still be changed: nothing is released, and the person was not told another end.
fn still_open(document: Document, tx: &Reader) -> Result<Document> {
    if document.state_on(tx.today()).is_open() {
        Ok(document)
    } else {
        Err(Error::NotFound)
    }
}

async fn find_own(tx: &mut Reader, me: &Me, id: DocumentId) -> Result<Document> {
    let document = store::document(tx, me.case, id).await?;
    if document.state == State::Draft {
        return Err(Error::NotFound);
    }
    still_open(document, tx)
}

fn mine_page(tx: &mut ReadTx, me: &Me, asked: Asked) -> MinePage {
    tx.viewed(acts::entry(Event::DocumentViewed, &asked.document));
    let mut page = MinePage {
        page: me.page(""),
        asked,
    };
    page.page.title = page.title();
    page.page.has_errors = !page.asked.errors.is_empty();
    page
}

pub async fn ask_own(
    Shared(app): Shared<App>,
    me: Me,
    Path(id): Path<DocumentId>,
) -> Result<Response> {
    let mut tx = app.read(&me.actor).await?;
    let case = cases::find_own(&mut tx).await?;
    must_go_on(&case)?;
    let document = find_own(&mut tx, &me, id).await?;
    let here = format!("/me/documents/{id}/way");
    let (draft, before) = typed::<ChangeForm>(&mut tx, &me, &here).await?;
    let asked = Asked {
        form: before.map_or_else(|| WayForm::of(&document), |before| before.way),
        errors: FieldErrors::default(),
        draft,
        document,
    };
    let page = mine_page(&mut tx, &me, asked);
    show(tx, page).await
}

pub async fn submit_own(
    Shared(app): Shared<App>,
    me: Me,
    Path(id): Path<DocumentId>,
    Form { form, .. }: Form<ChangeForm>,
) -> Result<Response> {
    let there = format!("/me/documents/{id}");
    let Begun {
        mut tx,
        case,
        draft,
    } = match begin(&app, &me, form.draft, &there).await? {
        ControlFlow::Continue(begun) => begun,
        ControlFlow::Break(answer) => return Ok(answer),
    };
    must_go_on(&case)?;
    let mut document = find_own(&mut tx, &me, id).await?;
    if form.version != document.version {
        return Ok(see_other(there)
            .with_notice(said("my_documents.changed"))
            .into_response());
    }
    let mut errors = FieldErrors::default();
    if let Some(new) = form.way.check(&mut errors).filter(|_| errors.is_empty()) {
        match acts::change_way(&mut tx, &mut document, new, By::Person).await? {
            Ok(()) => {
                tx.commit().await?;
                return Ok(see_other(there)
                    .with_notice(said("document_way.changed"))
                    .into_response());
            }
            Err(refused) => errors.add("way", own_refusal(refused)),
        }
    }
    drop(tx);
    let mut tx = app.read(&me.actor).await?;
    let asked = Asked {
        document: find_own(&mut tx, &me, id).await?,
        form: form.way,
        errors,
        draft,
    };
    let page = mine_page(&mut tx, &me, asked);
    show_again(tx, page).await
}

async fn find_of_case(tx: &mut Reader, case: &Case, id: DocumentId) -> Result<Document> {
    must_be_open(case.status)?;
    let document = store::document(tx, case.id, id).await?;
    still_open(document, tx)
}

fn way_page(tx: &mut ReadTx, case: Case, asked: Asked) -> WayPage {
    tx.viewed(acts::entry(Event::DocumentViewed, &asked.document));
    let title = format!("How it gets there: {}", case.person_name);
    WayPage {
        page: Page {
            has_errors: !asked.errors.is_empty(),
            ..page(tx.actor(), title, "/people")
        },
        case,
        asked,
    }
}

pub async fn ask(
    Shared(app): Shared<App>,
    actor: Actor,
    Path((id, document)): Path<(CaseId, DocumentId)>,
) -> Result<Response> {
    let mut tx = app.read(&actor).await?;
    let case = cases::find_for(&mut tx, Action::PrepareDocument, id, None).await?;
    let document = find_of_case(&mut tx, &case, document).await?;
    let here = format!("/cases/{id}/documents/{}/way", document.id);
    let before = typed_before::<ChangeForm>(&mut tx, &here).await?;
    let asked = Asked {
        form: before
            .form
            .map_or_else(|| WayForm::of(&document), |before| before.way),
        errors: FieldErrors::default(),
        draft: before.draft,
        document,
    };
    let page = way_page(&mut tx, case.clone(), asked);
    show(tx, page).await
}

pub async fn submit(
    Shared(app): Shared<App>,
    actor: Actor,
    Path((id, document)): Path<(CaseId, DocumentId)>,
    Form { form, .. }: Form<ChangeForm>,
) -> Result<Response> {
    let there = format!("/cases/{id}/documents/{document}");
    let what = (Action::PrepareDocument, id);
    let Begun {
        mut tx,
        case,
        draft,
    } = match begin_for(&app, &actor, form.draft, what, &there).await? {
        ControlFlow::Continue(begun) => begun,
        ControlFlow::Break(answer) => return Ok(answer),
    };
    let mut document = find_of_case(&mut tx, &case, document).await?;
    if form.version != document.version {
        return Ok(see_other(there)
            .with_notice("It changed since you opened the page. This is how it is now.")
            .into_response());
    }
    let mut errors = FieldErrors::default();
    if let Some(new) = form.way.check(&mut errors).filter(|_| errors.is_empty()) {
        match acts::change_way(&mut tx, &mut document, new, By::Worker).await? {
            Ok(()) => {
                tx.commit().await?;
                return Ok(see_other(there)
                    .with_notice("Changed. They see how it goes before they say yes.")
                    .into_response());
            }
            Err(refused) => errors.add("way", refused.to_string()),
        }
    }
    drop(tx);
    let mut tx = app.read(&actor).await?;
    let asked = Asked {
        document: find_of_case(&mut tx, &case, document.id).await?,
        form: form.way,
        errors,
        draft,
    };
    let page = way_page(&mut tx, case.clone(), asked);
    show_again(tx, page).await
}
