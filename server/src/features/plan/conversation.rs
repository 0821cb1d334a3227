//! Conversation with my employer: a sheet in the first person to get ready with, made from the plan and from the person's own words.
//!
//! Nothing about health, obstacles, goals or advice goes on it: only the weeks, and the adjustments that the person agreed to ask for or has.

use std::ops::ControlFlow;

use askama::Template;
use axum::{
    extract::{Path, State as Shared},
    response::Response,
};
use serde::{Deserialize, Serialize};

use super::{
    adjustment_store::{self, Adjustment},
    form::{self, Begun, CHANGED, Frame, Opened},
    outline_store, return_store, shown,
};
use crate::{
    app::App,
    features::{
        audit,
        caseload::store::{self as cases, Case},
        page,
        portal::Item,
    },
    platform::{
        Error, Result,
        audit::Entry,
        db::{ReadTx, Reader, Sql, WriteTx, sql},
        web::{Actor, Asks, Both, Form, Page, Reads, Shown, show, show_again},
    },
    rules::{
        Choice,
        caseload::Status,
        event::Event,
        field::{self, FieldErrors},
        id::{CaseId, ConversationId, DraftId},
        organisation::PlanType,
        permission::Action,
        plan::{adjustment::State, words},
    },
};

/// What the person wants to say, all of it in their own words and all of it optional.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Words {
    pub with_whom: Option<String>,
    pub opening: Option<String>,
    pub hope: Option<String>,
    pub keep_private: Option<String>,
    pub if_words: Option<String>,
    pub then_words: Option<String>,
}

/// The words as they stand, and their revision.
struct Kept {
    newest: ConversationId,
    root: ConversationId,
    revision: i64,
    words: Words,
}

pub(super) fn kept_sql(case: CaseId) -> Sql {
    sql("SELECT id, root_id, revision, with_whom, opening, hope, keep_private, if_words, then_words FROM plan_conversations \
                 WHERE case_id = ? AND superseded_by IS NULL")
                .bind(case)
}

async fn kept(tx: &mut Reader, case: CaseId) -> Result<Option<Kept>> {
    let row = tx.maybe(kept_sql(case)).await?;
    row.map(|row| {
        Ok(Kept {
            newest: row.get("id")?,
            root: row.get("root_id")?,
            revision: row.get("revision")?,
            words: Words {
                with_whom: row.optional("with_whom")?,
                opening: row.optional("opening")?,
                hope: row.optional("hope")?,
                keep_private: row.optional("keep_private")?,
                if_words: row.optional("if_words")?,
                then_words: row.optional("then_words")?,
            },
        })
    })
    .transpose()
}

/// What the person wants to say to their employer, for a letter that they may release.
pub async fn words_for_employer(tx: &mut Reader, case: CaseId) -> Result<Option<Words>> {
    Ok(kept(tx, case).await?.map(|kept| kept.words))
}

/// What they wrote for the conversation with their employer, for a copy of everything that is held of them.
pub(super) async fn every_word(tx: &mut Reader, case: CaseId) -> Result<Vec<Item>> {
    let Some(kept) = kept(tx, case).await? else {
        return Ok(vec![]);
    };
    let words = kept.words;
    let all = [
        words.with_whom,
        words.opening,
        words.hope,
        words.keep_private,
        words.if_words,
        words.then_words,
    ];
    let labels = ASKS.iter().map(|(_, label, _)| *label);
    Ok(labels
        .zip(all)
        .filter_map(|(label, words)| words.map(|words| Item::new("", label, words)))
        .collect())
}

#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct WordsForm {
    draft: Option<DraftId>,
    version: Shown,
    with_whom: String,
    opening: String,
    hope: String,
    keep_private: String,
    if_words: String,
    then_words: String,
}

const ASKS: &[Asks] = &[
    (
        "with_whom",
        "Who they will talk with, when and where",
        Reads::AsTyped,
    ),
    ("opening", "How they want to begin", Reads::AsTyped),
    ("hope", "What they hope comes out of it", Reads::AsTyped),
    (
        "keep_private",
        "What they want to keep to themselves",
        Reads::AsTyped,
    ),
    ("if_words", "If", Reads::AsTyped),
    ("then_words", "Then I say", Reads::AsTyped),
];

impl WordsForm {
    fn of(kept: &Kept) -> Self {
        let typed = |w: &Option<String>| w.clone().unwrap_or_default();
        let words = &kept.words;
        Self {
            version: kept.revision.into(),
            with_whom: typed(&words.with_whom),
            opening: typed(&words.opening),
            hope: typed(&words.hope),
            keep_private: typed(&words.keep_private),
            if_words: typed(&words.if_words),
            then_words: typed(&words.then_words),
            ..Self::default()
        }
    }

    fn check(&self) -> Result<Words, FieldErrors> {
        let mut errors = FieldErrors::default();
        let mut text = |field: &'static str, typed: &str| {
            errors.take(field, field::optional_text(typed)).flatten()
        };
        let words = Words {
            with_whom: text("with_whom", &self.with_whom),
            opening: text("opening", &self.opening),
            hope: text("hope", &self.hope),
            keep_private: text("keep_private", &self.keep_private),
            if_words: text("if_words", &self.if_words),
            then_words: text("then_words", &self.then_words),
        };
        errors.into_result().map(|()| words)
    }
}

#[derive(Template)]
#[template(path = "plan/conversation_words.html")]
struct WordsPage {
    page: Page,
    f: Frame,
    form: WordsForm,
}

async fn words_page(tx: &mut ReadTx, case: &Case, f: Frame, form: WordsForm) -> Result<WordsPage> {
    let kept = kept(tx, case.id).await?;
    let now = kept.as_ref().map(WordsForm::of).unwrap_or_default();
    let revision = kept.map_or(0, |k| k.revision);
    let both = Both::of_forms(&form, &now, ASKS);
    let (here, versions) = ((case.id, case.person_id), (form.version, revision));
    let prepared = [Event::ConversationPrepared];
    let f = f.since(audit::since_on_case(tx, here, versions, &prepared, both).await?);
    Ok(WordsPage {
        page: f.page.clone(),
        f,
        form: WordsForm {
            version: form.version.on(revision),
            ..form
        },
    })
}

const TITLE: &str = "Conversation with my employer";

pub async fn ask(
    Shared(app): Shared<App>,
    actor: Actor,
    Path(id): Path<CaseId>,
) -> Result<Response> {
    let Opened {
        mut tx,
        case,
        typed,
    } = form::open::<WordsForm>(&app, &actor, id, "/conversation/words").await?;
    let form = match typed.form {
        Some(form) => form,
        None => kept(&mut tx, id)
            .await?
            .as_ref()
            .map(WordsForm::of)
            .unwrap_or_default(),
    };
    let f = Frame::new(
        &mut tx,
        &case,
        TITLE,
        FieldErrors::default(),
        typed.draft,
        typed.saved_at,
    );
    let page = words_page(&mut tx, &case, f, form).await?;
    show(tx, page).await
}

pub async fn submit(
    Shared(app): Shared<App>,
    actor: Actor,
    Path(id): Path<CaseId>,
    Form { form, .. }: Form<WordsForm>,
) -> Result<Response> {
    let Begun {
        mut tx,
        case,
        draft,
    } = match form::begin(&app, &actor, id, form.draft).await? {
        ControlFlow::Continue(begun) => begun,
        ControlFlow::Break(answer) => return Ok(answer),
    };
    let stands = kept(&mut tx, id).await?.map_or(0, |k| k.revision);
    form::unchanged(form.version, stands)?;
    match form.check() {
        Ok(words) => {
            let notice = if prepare_conversation(&mut tx, &case, words).await? {
                "The sheet is ready"
            } else {
                "Nothing was different"
            };
            form::done(tx, format!("{}/conversation", form::home(id)), notice).await
        }
        Err(errors) => {
            drop(tx);
            let mut tx: ReadTx = app.read(&actor).await?;
            let f = Frame::new(&mut tx, &case, TITLE, errors, draft, None);
            let page = words_page(&mut tx, &case, f, form).await?;
            show_again(tx, page).await
        }
    }
}

/// Keeps what the person wants to say, as its first or next revision. False where nothing is different.
pub async fn prepare_conversation(tx: &mut WriteTx, case: &Case, words: Words) -> Result<bool> {
    let author = tx.actor().account_id().ok_or(Error::SignInNeeded)?;
    let (id, now): (ConversationId, _) = (tx.new_id(), tx.now());
    let (root, revision) = match kept(tx, case.id).await? {
        None => (id, 1),
        Some(was) if was.words == words => return Ok(false),
        Some(was) => {
            tx.change_one(
                sql("UPDATE plan_conversations SET superseded_by = ?, superseded_reason = ? WHERE id = ? AND superseded_by IS NULL")
                    .bind(id)
                    .bind(CHANGED)
                    .bind(was.newest),
            )
            .await?;
            (was.root, was.revision + 1)
        }
    };
    tx.change(Sql::insert(
        "plan_conversations",
        [
            ("id", id.into()),
            ("root_id", root.into()),
            ("revision", revision.into()),
            ("case_id", case.id.into()),
            ("with_whom", (&words.with_whom).into()),
            ("opening", (&words.opening).into()),
            ("hope", (&words.hope).into()),
            ("keep_private", (&words.keep_private).into()),
            ("if_words", (&words.if_words).into()),
            ("then_words", (&words.then_words).into()),
            ("author_id", author.into()),
            ("written_at", now.into()),
        ],
    ))
    .await?;
    tx.record(
        Entry::of(Event::ConversationPrepared)
            .case(case.id)
            .person(case.person_id)
            .subject(id),
    )
    .await?;
    Ok(true)
}

struct Around {
    case: Case,
}

#[derive(Template)]
#[template(path = "plan/conversation.html")]
struct SheetPage {
    page: Page,
    f: Around,
    own: Words,
    opening: String,
    way_back: Option<shown::Return>,
    to_raise: Vec<Adjustment>,
    asked: Vec<Adjustment>,
    in_use: Vec<Adjustment>,
    open: bool,
}

impl SheetPage {
    fn if_then(&self) -> impl Iterator<Item = &'static (&'static str, &'static str)> {
        let dated = self
            .way_back
            .as_ref()
            .is_some_and(|way_back| way_back.starts.is_some());
        words::IF_THEN
            .iter()
            .chain((!dated).then_some(&words::IF_NO_DATE))
    }
}

pub async fn sheet(
    Shared(app): Shared<App>,
    actor: Actor,
    Path(id): Path<CaseId>,
) -> Result<Response> {
    let mut tx = app.read(&actor).await?;
    let case = cases::find_for(&mut tx, Action::SeeCase, id, None).await?;
    let today = tx.today();
    let own = kept(&mut tx, id)
        .await?
        .map(|k| k.words)
        .unwrap_or_default();
    let stays = outline_store::outline(&mut tx, id)
        .await?
        .is_some_and(|o| o.kind == PlanType::StayInWork);
    let way_back = return_store::planned(&mut tx, id)
        .await?
        .map(|planned| shown::Return::of(&planned, vec![], &[], today));
    let (mut to_raise, mut asked, mut in_use) = (vec![], vec![], vec![]);
    for adjustment in adjustment_store::adjustments(&mut tx, id).await? {
        match adjustment.state {
            state if state.is_to_raise() => to_raise.push(adjustment),
            state if state.is_in_use() => in_use.push(adjustment),
            state if state == State::Asked || state.is_decision() => asked.push(adjustment),
            _ => {}
        }
    }
    form::viewed(&mut tx, &case);
    let shown = SheetPage {
        page: page(&actor, format!("{TITLE}: {}", case.person_name), "/people"),
        opening: own.opening.clone().unwrap_or_else(|| {
            let words = if stays {
                words::OPENING_STAY
            } else {
                words::OPENING
            };
            words.to_owned()
        }),
        own,
        way_back,
        to_raise,
        asked,
        in_use,
        open: case.status != Status::Closed && actor.may(Action::WritePlan),
        f: Around { case: case.clone() },
    };
    show(tx, shown).await
}
