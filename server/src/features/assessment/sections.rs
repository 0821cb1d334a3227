//! The sections of the assessment: written in any order, each saved as typed, with everything that stood there before.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};

use super::{
    frame::{Version, titled, version_title, viewed},
    section_store::{self as store, Words, Written},
};
use crate::{
    app::App,
    features::{
        audit,
        caseload::store::{self as cases, Case},
    },
    platform::{
        Error, Result,
        audit::Entry,
        db::{ReadTx, WriteTx},
        drafts,
        web::{
            Actor, Both, Form, Meanwhile, Page, Shown, said_instant, see_other, show, show_again,
            typed_before,
        },
    },
    rules::{
        Choice,
        assessment::{Section, Topic},
        caseload::must_be_open,
        event::Event,
        field::{self, FieldErrors},
        id::{CaseId, DraftId},
        permission::Action,
    },
};

/// Why an earlier version gave way, where nobody said.
const ADDED: &str = "Added to";

/// What the page of a section sends. Each section uses the boxes of its own topics.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct SectionForm {
    draft: Option<DraftId>,
    /// The revision that was shown; 0 where nothing was written yet.
    version: Shown,
    happened: String,
    wants: String,
    body: String,
    mind: String,
    treatment: String,
    job: String,
    tasks: String,
    hours: String,
    manager: String,
    relations: String,
    offered: String,
    home: String,
    money: String,
    helps: String,
    fears: String,
    reason: String,
}

impl SectionForm {
    fn topic(&self, topic: Topic) -> &str {
        match topic {
            Topic::Happened => &self.happened,
            Topic::Wants => &self.wants,
            Topic::Body => &self.body,
            Topic::Mind => &self.mind,
            Topic::Treatment => &self.treatment,
            Topic::Job => &self.job,
            Topic::Tasks => &self.tasks,
            Topic::Hours => &self.hours,
            Topic::Manager => &self.manager,
            Topic::Relations => &self.relations,
            Topic::Offered => &self.offered,
            Topic::Home => &self.home,
            Topic::Money => &self.money,
            Topic::Helps => &self.helps,
            Topic::Fears => &self.fears,
        }
    }

    fn topic_mut(&mut self, topic: Topic) -> &mut String {
        match topic {
            Topic::Happened => &mut self.happened,
            Topic::Wants => &mut self.wants,
            Topic::Body => &mut self.body,
            Topic::Mind => &mut self.mind,
            Topic::Treatment => &mut self.treatment,
            Topic::Job => &mut self.job,
            Topic::Tasks => &mut self.tasks,
            Topic::Hours => &mut self.hours,
            Topic::Manager => &mut self.manager,
            Topic::Relations => &mut self.relations,
            Topic::Offered => &mut self.offered,
            Topic::Home => &mut self.home,
            Topic::Money => &mut self.money,
            Topic::Helps => &mut self.helps,
            Topic::Fears => &mut self.fears,
        }
    }

    fn of(written: Option<&Written>) -> Self {
        let mut form = Self {
            version: written.map_or(0, |w| w.revision).into(),
            ..Self::default()
        };
        for (topic, words) in written.iter().flat_map(|w| w.words.iter()) {
            form.topic_mut(*topic).clone_from(words);
        }
        form
    }

    fn check(&self, section: Section, before: Option<&Written>) -> Result<NewWords, FieldErrors> {
        let mut errors = FieldErrors::default();
        let mut words = Words::new();
        for topic in section.topics() {
            let checked = field::optional_text(self.topic(*topic));
            if let Some(Some(text)) = errors.take(topic.code(), checked) {
                words.insert(*topic, text);
            }
        }
        let reason = errors
            .take("reason", field::optional_line(&self.reason))
            .flatten();
        if errors.is_empty()
            && words.is_empty()
            && before.is_none()
            && let Some(first) = section.topics().first()
        {
            errors.add(
                first.code(),
                "Write something in at least one box, or leave this section for another time",
            );
        }
        errors.into_result().map(|()| NewWords { words, reason })
    }
}

/// What a section is to say, checked.
#[derive(Debug, Clone)]
pub struct NewWords {
    pub words: Words,
    /// Why it changes, where somebody said.
    pub reason: Option<String>,
}

#[derive(Template)]
#[template(path = "assessment/section.html")]
struct SectionPage {
    page: Page,
    case: Case,
    section: Section,
    form: SectionForm,
    errors: FieldErrors,
    draft: DraftId,
    saved_at: Option<String>,
    before: Option<Written>,
    meanwhile: Option<Meanwhile>,
}

/// What the page is shown with.
type Typed = (SectionForm, FieldErrors, DraftId, Option<String>);

async fn section_page(
    tx: &mut ReadTx,
    case: &Case,
    section: Section,
    (form, errors, draft, saved_at): Typed,
) -> Result<SectionPage> {
    let before = store::section(tx, case.id, section).await?;
    let newest = before.as_ref().map_or(0, |b| b.revision);
    let said = |form: &SectionForm| {
        let topics = section.topics().iter();
        topics
            .map(|topic| (topic.label(), form.topic(*topic).to_owned()))
            .collect()
    };
    let both = Both::each(said(&form), said(&SectionForm::of(before.as_ref())));
    let (here, versions) = ((case.id, case.person_id), (form.version, newest));
    let meanwhile =
        audit::since_on_case(tx, here, versions, &[Event::SectionWritten], both).await?;
    viewed(tx, case);
    Ok(SectionPage {
        page: titled(tx.actor(), section.label(), case, &errors),
        case: case.clone(),
        section,
        meanwhile,
        form: SectionForm {
            version: form.version.on(newest),
            ..form
        },
        errors,
        draft,
        saved_at,
        before,
    })
}

/// A section as it stands in an address.
fn section_in(address: &str) -> Result<Section> {
    Section::from_code(address).ok_or(Error::NotFound)
}

pub async fn ask(
    State(app): State<App>,
    actor: Actor,
    Path((id, section)): Path<(CaseId, String)>,
) -> Result<Response> {
    let section = section_in(&section)?;
    let mut tx = app.read(&actor).await?;
    let case = cases::find_for(&mut tx, Action::RecordContact, id, None).await?;
    must_be_open(case.status)?;
    let address = format!("/cases/{id}/assessment/sections/{}", section.code());
    let typed = typed_before::<SectionForm>(&mut tx, &address).await?;
    let form = match typed.form {
        Some(form) => form,
        None => SectionForm::of(store::section(&mut tx, id, section).await?.as_ref()),
    };
    let typed = (form, FieldErrors::default(), typed.draft, typed.saved_at);
    let page = section_page(&mut tx, &case, section, typed).await?;
    show(tx, page).await
}

pub async fn submit(
    State(app): State<App>,
    actor: Actor,
    Path((id, section)): Path<(CaseId, String)>,
    Form { form, .. }: Form<SectionForm>,
) -> Result<Response> {
    let section = section_in(&section)?;
    let here = format!("/cases/{id}/assessment");
    let mut tx = app.write(&actor).await?;
    let draft = form.draft.unwrap_or_else(|| drafts::new_id(&tx));
    if let Some(first) = drafts::claim(&mut tx, draft, &here).await? {
        return Ok(see_other(first).into_response());
    }
    let case = cases::find_for(&mut tx, Action::RecordContact, id, None).await?;
    let before = store::section(&mut tx, id, section).await?;
    if form.version != before.as_ref().map_or(0, |b| b.revision) {
        return Err(Error::Conflict);
    }
    match form.check(section, before.as_ref()) {
        Ok(new) => {
            let changed = write_section(&mut tx, &case, section, new).await?;
            tx.commit().await?;
            let notice = if changed {
                "Section saved"
            } else {
                "Nothing was different"
            };
            Ok(see_other(here).with_notice(notice).into_response())
        }
        Err(errors) => {
            drop(tx);
            let mut tx = app.read(&actor).await?;
            let typed = (form, errors, draft, None);
            let page = section_page(&mut tx, &case, section, typed).await?;
            show_again(tx, page).await
        }
    }
}

/// Writes what a section says now. False where nothing is different.
pub async fn write_section(
    tx: &mut WriteTx,
    case: &Case,
    section: Section,
    new: NewWords,
) -> Result<bool> {
    must_be_open(case.status)?;
    let author = tx.actor().account_id().ok_or(Error::SignInNeeded)?;
    let before = store::section(tx, case.id, section).await?;
    let was = before.as_ref().map(|b| b.words.clone()).unwrap_or_default();
    if was == new.words {
        return Ok(false);
    }
    let fields: Vec<&'static str> = section
        .topics()
        .iter()
        .filter(|topic| was.get(topic) != new.words.get(topic))
        .map(|topic| topic.code())
        .collect();
    let reason = new.reason.as_deref().unwrap_or(ADDED);
    let said = (&new.words, reason);
    let written = store::write(tx, case.id, author, section, before.as_ref(), said).await?;
    tx.record(
        Entry::of(Event::SectionWritten)
            .case(case.id)
            .person(case.person_id)
            .subject(written)
            .fields(&fields),
    )
    .await?;
    Ok(true)
}

#[derive(Template)]
#[template(path = "assessment/history.html")]
pub(super) struct HistoryPage {
    pub page: Page,
    pub case: Case,
    pub heading: String,
    pub versions: Vec<Version>,
}

/// Every version of a section, newest first.
pub async fn history(
    State(app): State<App>,
    actor: Actor,
    Path((id, section)): Path<(CaseId, String)>,
) -> Result<Response> {
    let section = section_in(&section)?;
    let mut tx = app.read(&actor).await?;
    let case = cases::find_for(&mut tx, Action::SeeCase, id, None).await?;
    let revisions = store::revisions(&mut tx, id, section).await?;
    if revisions.is_empty() {
        return Err(Error::NotFound);
    }
    let today = tx.today();
    let versions = revisions
        .iter()
        .enumerate()
        .map(|(at, written)| Version {
            title: version_title(at, written.revision),
            when: said_instant(written.at, today),
            author: written.author.clone(),
            // The reason stands with the revision that gave way: the next older one.
            why: revisions
                .get(at + 1)
                .and_then(|older| older.superseded_reason.clone()),
            said: written
                .said()
                .into_iter()
                .map(|(topic, words)| (topic.label(), words.to_owned()))
                .collect(),
        })
        .collect();
    viewed(&mut tx, &case);
    let page = HistoryPage {
        page: titled(&actor, "Every version", &case, &FieldErrors::default()),
        heading: format!("{}: every version", section.label()),
        case: case.clone(),
        versions,
    };
    show(tx, page).await
}
