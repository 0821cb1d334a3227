//! How messages come, chosen by the person on their own pages: how much a text says, when, and by which ways not at all.

use std::ops::ControlFlow;

use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::{
    choices::{self, Choices, How, Stopped, start_messages, stop_messages, wants_peace},
    choices_form::ChoicesForm,
};
use crate::{
    app::App,
    features::{
        caseload::store as cases,
        portal::{Begun, Choose, Me, asks, begin, in_words, typed},
    },
    platform::{
        Result,
        db::{Reader, WriteTx},
        messages::said,
        web::{Form, Page, see_other, show, show_again, show_changed},
    },
    rules::{
        Choice,
        caseload::Status,
        field::FieldErrors,
        id::{CaseId, DraftId, PersonId},
        message::{Channel, Says},
        portal::Ask,
    },
};

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct MineForm {
    draft: Option<DraftId>,
    /// What stood on the page, as [`Standing::version`] says it.
    version: String,
    #[serde(flatten)]
    choices: ChoicesForm,
    no_text: String,
    no_email: String,
    no_letter: String,
}

impl MineForm {
    fn of(now: &Standing) -> Self {
        Self {
            choices: ChoicesForm::of(&now.choices),
            ..Self::default()
        }
        .with_stops_of(now)
    }

    /// With a tick at every way that is stopped now. What was stopped while the page was open is not begun again by a second press.
    fn with_stops_of(mut self, now: &Standing) -> Self {
        for (channel, ..) in &now.stopped {
            let ticked = match channel {
                Channel::Text => &mut self.no_text,
                Channel::Email => &mut self.no_email,
                Channel::Letter => &mut self.no_letter,
            };
            "yes".clone_into(ticked);
        }
        self
    }

    fn wants_none(&self, channel: Channel) -> bool {
        let typed = match channel {
            Channel::Text => &self.no_text,
            Channel::Email => &self.no_email,
            Channel::Letter => &self.no_letter,
        };
        typed == "yes"
    }
}

/// What is in force for the person now.
struct Standing {
    choices: Choices,
    chosen: Option<DateTime<Utc>>,
    stopped: Vec<Stopped>,
}

impl Standing {
    async fn of(tx: &mut Reader, person: PersonId) -> Result<Self> {
        let chosen = choices::chosen(tx, person).await?;
        Ok(Self {
            chosen: chosen.as_ref().map(|(_, at)| *at),
            choices: chosen.map(|(choices, _)| choices).unwrap_or_default(),
            stopped: choices::stopped(tx, person).await?,
        })
    }

    fn is_stopped(&self, channel: Channel) -> bool {
        self.stopped.iter().any(|(c, ..)| *c == channel)
    }

    /// Somebody wrote that the number is not theirs.
    fn wrong_number(&self) -> bool {
        let wrong = How::WrongNumber.code();
        self.stopped.iter().any(|(.., how)| how == wrong)
    }

    /// Changes whenever a choice is made or a way is stopped or begun again, by whomever: a text with STOP that came while the page was open is not undone by it.
    fn version(&self) -> String {
        let chosen = self.chosen.map_or(0, |at| at.timestamp_micros());
        let mut version = chosen.to_string();
        for (channel, at, _) in &self.stopped {
            version += &format!(" {}{}", channel.code(), at.timestamp_micros());
        }
        version
    }
}

#[derive(Template)]
#[template(path = "message/mine.html")]
struct MinePage {
    page: Page,
    form: MineForm,
    errors: FieldErrors,
    draft: DraftId,
    version: String,
    /// Somebody changed it while the page was open.
    changed: bool,
    /// What was typed here before and not sent.
    given_back: bool,
    /// Texts stopped because somebody wrote that the number is wrong.
    wrong_number: bool,
    /// They asked us to stop, so no questions are sent.
    in_peace: bool,
    /// The support goes on.
    open: bool,
}
in_words!(MinePage);

impl MinePage {
    fn says(&self) -> Vec<Choose> {
        Says::ALL
            .iter()
            .map(|says| Choose {
                code: says.code(),
                label: match says {
                    Says::Neutral => said("own_messages.neutral"),
                    Says::Service => said("own_messages.service"),
                    Says::Question => said("own_messages.question"),
                },
            })
            .collect()
    }
    fn answers(&self) -> Vec<Choose> {
        Choose::answers()
    }
}

/// The page as it stands now, with what was typed on it. What was typed on an older page is shown with a word that it changed.
async fn mine_page(
    tx: &mut Reader,
    me: &Me,
    typed: Option<MineForm>,
    (draft, errors): (DraftId, FieldErrors),
) -> Result<MinePage> {
    let now = Standing::of(tx, me.person).await?;
    let (version, case) = (now.version(), cases::find_own(tx).await?);
    let changed = typed.as_ref().is_some_and(|form| form.version != version);
    let form = match typed {
        Some(form) if changed => form.with_stops_of(&now),
        Some(form) => form,
        None => MineForm::of(&now),
    };
    Ok(MinePage {
        page: Page {
            has_errors: !errors.is_empty(),
            ..me.page(said("own_messages.title"))
        },
        form,
        errors,
        draft,
        version,
        changed,
        given_back: false,
        wrong_number: now.wrong_number(),
        in_peace: wants_peace(&now.stopped),
        open: case.status != Status::Closed,
    })
}

pub async fn ask(State(app): State<App>, me: Me) -> Result<Response> {
    let mut tx = app.read(&me.actor).await?;
    tx.viewed(me.viewed());
    let (draft, before) = typed::<MineForm>(&mut tx, &me, "/me/messages").await?;
    let given_back = before.is_some();
    let page = mine_page(&mut tx, &me, before, (draft, FieldErrors::default())).await?;
    show(tx, MinePage { given_back, ..page }).await
}

pub async fn submit(
    State(app): State<App>,
    me: Me,
    Form { form, .. }: Form<MineForm>,
) -> Result<Response> {
    let Begun {
        mut tx,
        case,
        draft,
    } = match begin(&app, &me, form.draft, "/me").await? {
        ControlFlow::Continue(begun) => begun,
        ControlFlow::Break(answer) => return Ok(answer),
    };
    let now = Standing::of(&mut tx, me.person).await?;
    let changed = form.version != now.version();
    let errors = match form.choices.check(now.choices.clone()) {
        Ok(chosen) if !changed => {
            let chosen = chosen.unwrap_or_else(|| now.choices.clone());
            if set_own(&mut tx, case.id, me.person, &now, (&chosen, &form)).await? {
                asks::ask_of(&mut tx, (me.case, me.person), Ask::Messages, None).await?;
                tx.commit().await?;
            }
            return Ok(see_other("/me")
                .with_notice(said("own_details.saved"))
                .into_response());
        }
        Ok(_) => FieldErrors::default(),
        Err(errors) => errors,
    };
    drop(tx);
    let mut tx = app.read(&me.actor).await?;
    tx.viewed(me.viewed());
    let page = mine_page(&mut tx, &me, Some(form), (draft, errors)).await?;
    if page.changed {
        show_changed(tx, page).await
    } else {
        show_again(tx, page).await
    }
}

/// Keeps what they chose, and stops and begins the ways they said. True where something is other than it was.
async fn set_own(
    tx: &mut WriteTx,
    case: CaseId,
    person: PersonId,
    now: &Standing,
    (chosen, form): (&Choices, &MineForm),
) -> Result<bool> {
    let mut changed = *chosen != now.choices;
    if changed {
        choices::choose(tx, case, person, chosen).await?;
    }
    for &channel in Channel::ALL {
        changed |= match (now.is_stopped(channel), form.wants_none(channel)) {
            (false, true) => stop_messages(tx, person, channel, How::Person).await?,
            (true, false) => start_messages(tx, person, channel, How::Person).await?,
            _ => false,
        };
    }
    Ok(changed)
}
