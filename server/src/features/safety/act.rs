//! What is done about a concern: passed on, told, disclosed, closed. Each has a page of its own, so that nothing typed on one is lost by another.

use askama::Template;
use axum::{
    extract::{Path, State as AppState},
    response::{IntoResponse, Response},
};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::{
    concern::{Disclosure, close_concern, pass_on_concern, record_disclosure, record_step},
    raise::viewed,
    store::{self, Concern},
};
use crate::{
    app::App,
    features::{audit, identity::store::team_members, page},
    platform::{
        Error, Result,
        clock::instant,
        db::{ReadTx, Reader, WriteTx},
        drafts,
        web::{
            Actor, Form, Meanwhile, Page, Shown, see_other, show, show_again, show_changed,
            typed_before,
        },
    },
    rules::{
        Choice, choices,
        day::{optional_date, read_time},
        event::Event,
        field::{self, FieldErrors},
        id::{AccountId, ConcernId, DraftId},
        permission::Action,
        safety::{CloseReason, Told, may_close, must_be_open},
    },
};

choices! {
    /// The pages under one concern; the code stands in the address.
    pub enum Act {
        Step = "step", "Record what was done or who was told";
        Disclosure = "disclosure", "Record what was disclosed";
        PassOn = "pass-on", "Pass this on to somebody";
        Close = "close", "Close this concern";
    }
}

impl Act {
    /// Whether it changes who has the concern, or ends it: then it stands on what was shown. A step or a disclosure is only added.
    fn stands_on_version(self) -> bool {
        matches!(self, Self::PassOn | Self::Close)
    }
    fn button(self) -> &'static str {
        match self {
            Self::Step => "Save",
            Self::Disclosure => "Save disclosure",
            Self::PassOn => "Pass on",
            Self::Close => "Close concern",
        }
    }
    fn said(self) -> &'static str {
        match self {
            Self::Step => "Recorded",
            Self::Disclosure => "Disclosure recorded",
            Self::PassOn => "Passed on",
            Self::Close => "Concern closed",
        }
    }
}

/// What moves a concern on.
const MOVES: &[Event] = &[
    Event::ConcernRaised,
    Event::ConcernAcknowledged,
    Event::ConcernEscalated,
    Event::ConcernClosed,
];

/// What the pages send: each uses its own fields.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct ActForm {
    draft: Option<DraftId>,
    version: Shown,
    to_account: String,
    to_whom: String,
    words: String,
    why: String,
    person_told: String,
    reason: String,
    note: String,
    happened_day: String,
    happened_month: String,
    happened_year: String,
    happened_time: String,
}

/// What is to be done, checked.
enum Checked {
    Step {
        words: Option<String>,
        to_whom: Option<String>,
        happened_at: DateTime<Utc>,
    },
    Disclosure(Disclosure),
    PassOn {
        to: AccountId,
        name: String,
        why: Option<String>,
    },
    Close {
        reason: CloseReason,
        note: String,
    },
}

/// Somebody whom a concern may be passed on to: its id as it stands in the form, and a name.
type Colleague = (String, String);

/// Everybody in the team but who has it now, and but who raised it: they are not left alone with it.
async fn colleagues(tx: &mut Reader, concern: &Concern) -> Result<Vec<Colleague>> {
    Ok(team_members(tx, concern.team_id)
        .await?
        .into_iter()
        .filter(|a| Some(a.id) != concern.with_account && Some(a.id) != concern.raised_by)
        .map(|a| (a.id.to_string(), a.name))
        .collect())
}

impl ActForm {
    fn check(
        &self,
        act: Act,
        colleagues: &[Colleague],
        now: DateTime<Utc>,
        today: NaiveDate,
    ) -> Result<Checked, FieldErrors> {
        let mut errors = FieldErrors::default();
        let checked = match act {
            Act::Step => {
                let words = errors
                    .take("words", field::optional_text(&self.words))
                    .flatten();
                let to_whom = errors
                    .take("to_whom", field::optional_line(&self.to_whom))
                    .flatten();
                if errors.is_empty() && words.is_none() && to_whom.is_none() {
                    errors.add("words", "Write what was done, or who was told");
                }
                let happened_at = errors.take("happened", self.happened(now, today));
                Checked::Step {
                    words,
                    to_whom,
                    happened_at: happened_at.unwrap_or(now),
                }
            }
            Act::Disclosure => {
                let words = errors.take(
                    "words",
                    field::text(&self.words, "Write the minimum that was told"),
                );
                let to_whom =
                    errors.take("to_whom", field::line(&self.to_whom, "Enter who was told"));
                let why = errors.take(
                    "why",
                    field::text(&self.why, "Write why it had to be told without waiting"),
                );
                let person_told = errors.take(
                    "person_told",
                    field::choice(&self.person_told, "Choose whether the person was told"),
                );
                let happened_at = errors.take("happened", self.happened(now, today));
                Checked::Disclosure(Disclosure {
                    words: words.unwrap_or_default(),
                    to_whom: to_whom.unwrap_or_default(),
                    why: why.unwrap_or_default(),
                    person_told: person_told.unwrap_or(Told::NotYet),
                    happened_at: happened_at.unwrap_or(now),
                })
            }
            Act::PassOn => {
                let colleague = colleagues.iter().find(|(id, _)| *id == self.to_account);
                let to = colleague.and_then(|(id, _)| id.parse().ok());
                let (Some((_, name)), Some(to)) = (colleague, to) else {
                    return Err(FieldErrors::one("to_account", "Choose who takes it on"));
                };
                Checked::PassOn {
                    to,
                    name: name.clone(),
                    why: errors
                        .take("why", field::optional_text(&self.why))
                        .flatten(),
                }
            }
            Act::Close => {
                let reason = errors.take(
                    "reason",
                    field::choice(&self.reason, "Choose why it can be closed"),
                );
                let note = errors.take(
                    "note",
                    field::text(&self.note, "Write what makes it safe to close"),
                );
                Checked::Close {
                    reason: reason.unwrap_or(CloseReason::SafeNow),
                    note: note.unwrap_or_default(),
                }
            }
        };
        errors.into_result().map(|()| checked)
    }

    /// When it happened: now, unless something else was typed. Not in the future.
    fn happened(&self, now: DateTime<Utc>, today: NaiveDate) -> Result<DateTime<Utc>, String> {
        let day = optional_date(
            &self.happened_day,
            &self.happened_month,
            &self.happened_year,
        )?;
        let time = Some(self.happened_time.trim())
            .filter(|t| !t.is_empty())
            .map(read_time)
            .transpose()?;
        let at = match (day, time) {
            (None, None) => now,
            (day, Some(time)) => instant(day.unwrap_or(today), time),
            (Some(_), None) => return Err("Enter a time as well as a date".to_owned()),
        };
        if at > now {
            Err("What was done cannot be in the future".to_owned())
        } else {
            Ok(at)
        }
    }
}

#[derive(Template)]
#[template(path = "safety/act.html")]
struct ActPage {
    page: Page,
    act: Act,
    concern: Concern,
    colleagues: Vec<Colleague>,
    form: ActForm,
    errors: FieldErrors,
    draft: DraftId,
    saved_at: Option<String>,
    meanwhile: Option<Meanwhile>,
}

async fn act_page(
    tx: &mut ReadTx,
    act: Act,
    concern: Concern,
    form: ActForm,
    errors: FieldErrors,
    (draft, saved_at): (DraftId, Option<String>),
) -> Result<ActPage> {
    tx.viewed(viewed(&concern));
    let meanwhile = if act.stands_on_version() && form.version.changed(concern.version) {
        let mut since = audit::meanwhile_on(tx, concern.id, MOVES, vec![]).await?;
        if let Some(name) = &concern.with_name {
            since.happened.push(format!("It is with {name} now."));
        }
        Some(since)
    } else {
        None
    };
    Ok(ActPage {
        meanwhile,
        page: Page {
            has_errors: !errors.is_empty(),
            ..page(tx.actor(), act.label(), "/safety")
        },
        colleagues: colleagues(tx, &concern).await?,
        act,
        form: ActForm {
            version: form.version.on(concern.version),
            ..form
        },
        concern,
        errors,
        draft,
        saved_at,
    })
}

fn act_of(code: &str) -> Result<Act> {
    Act::from_code(code).ok_or(Error::NotFound)
}

/// Whether it can be done now at all: said before anything is typed.
fn may(act: Act, concern: &Concern) -> Result<()> {
    match act {
        Act::Close => may_close(concern.state)?,
        _ => must_be_open(concern.state)?,
    }
    Ok(())
}

pub async fn ask(
    AppState(app): AppState<App>,
    actor: Actor,
    Path((id, act)): Path<(ConcernId, String)>,
) -> Result<Response> {
    let act = act_of(&act)?;
    let mut tx = app.read(&actor).await?;
    let concern = store::find_for(&mut tx, Action::ActOnConcern, id, None).await?;
    may(act, &concern)?;
    let path = format!("/safety/{id}/{}", act.code());
    let before = typed_before::<ActForm>(&mut tx, &path).await?;
    let form = before.form.unwrap_or_else(|| ActForm {
        version: concern.version.into(),
        ..ActForm::default()
    });
    let draft = (before.draft, before.saved_at);
    let page = act_page(&mut tx, act, concern, form, FieldErrors::default(), draft).await?;
    show(tx, page).await
}

pub async fn submit(
    AppState(app): AppState<App>,
    actor: Actor,
    Path((id, act)): Path<(ConcernId, String)>,
    Form { form, .. }: Form<ActForm>,
) -> Result<Response> {
    let act = act_of(&act)?;
    let there = format!("/safety/{id}");
    let mut tx = app.write(&actor).await?;
    let draft = form.draft.unwrap_or_else(|| drafts::new_id(&tx));
    if let Some(first) = drafts::claim(&mut tx, draft, &there).await? {
        return Ok(see_other(first).into_response());
    }
    let concern = store::find_for(&mut tx, Action::ActOnConcern, id, None).await?;
    may(act, &concern)?;
    if act.stands_on_version() && form.version != concern.version {
        drop(tx);
        let mut tx = app.read(&actor).await?;
        let (none, again) = (FieldErrors::default(), (draft, None));
        let page = act_page(&mut tx, act, concern, form, none, again).await?;
        return show_changed(tx, page).await;
    }
    let colleagues = colleagues(&mut tx, &concern).await?;
    match form.check(act, &colleagues, tx.now(), tx.today()) {
        Ok(checked) => {
            perform(&mut tx, concern, checked).await?;
            tx.commit().await?;
            Ok(see_other(there).with_notice(act.said()).into_response())
        }
        Err(errors) => {
            drop(tx);
            let mut tx = app.read(&actor).await?;
            let page = act_page(&mut tx, act, concern, form, errors, (draft, None)).await?;
            show_again(tx, page).await
        }
    }
}

async fn perform(tx: &mut WriteTx, concern: Concern, checked: Checked) -> Result<()> {
    match checked {
        Checked::Step {
            words,
            to_whom,
            happened_at,
        } => record_step(tx, &concern, words, to_whom, happened_at).await,
        Checked::Disclosure(disclosure) => record_disclosure(tx, &concern, disclosure).await,
        Checked::PassOn { to, name, why } => pass_on_concern(tx, concern, to, name, why).await,
        Checked::Close { reason, note } => close_concern(tx, concern.id, reason, Some(note)).await,
    }
}
