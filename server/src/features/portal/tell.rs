//! Asking for a call, telling how it is going, and stopping: one short form, whose words reach the person's worker.

use std::ops::ControlFlow;

use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use serde::Deserialize;

use super::{
    Me,
    asks::ask_of,
    form::{Begun, begin, must_go_on, typed},
    in_words,
};
use crate::{
    app::App,
    features::{
        caseload::store as cases,
        checkin::look_for_worry,
        consent::{self, withdraw_consent},
        person,
    },
    platform::{
        Result,
        messages::{ENGLISH, in_language, said},
        web::{Form, Page, see_other, show, show_again},
    },
    rules::{
        consent::{Kind, Mode, agrees},
        field::{self, FieldErrors},
        id::DraftId,
        portal::Ask,
    },
};

/// By which way words came, for whoever is on duty.
pub const ON_OWN_PAGES: &str = "They wrote this on their own pages";

/// Which of the three it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum About {
    Call,
    /// Open also when the support has ended: who has something to say is heard.
    HowItGoes,
    Stop,
}

impl About {
    fn path(self) -> &'static str {
        match self {
            Self::Call => "/me/call",
            Self::HowItGoes => "/me/tell",
            Self::Stop => "/me/stop",
        }
    }
    fn title(self) -> &'static str {
        match self {
            Self::Call => said("own_call.title"),
            Self::HowItGoes => said("own_tell.title"),
            Self::Stop => said("own_stop.title"),
        }
    }
    fn lead(self) -> &'static str {
        match self {
            Self::Call => said("own_call.lead"),
            Self::HowItGoes => said("own_tell.lead"),
            Self::Stop => said("own_stop.lead"),
        }
    }
    /// The label of the field for words.
    fn label(self) -> &'static str {
        match self {
            Self::Call => said("own_call.words"),
            Self::HowItGoes => said("own_tell.words"),
            Self::Stop => said("own_stop.words"),
        }
    }
    fn hint(self) -> &'static str {
        match self {
            Self::Call => said("own_call.words_hint"),
            Self::HowItGoes => said("own_tell.words_hint"),
            Self::Stop => said("own_stop.words_hint"),
        }
    }
    fn button(self) -> &'static str {
        match self {
            Self::Call => said("own_call.button"),
            Self::HowItGoes => said("own_tell.button"),
            Self::Stop => said("own_stop.button"),
        }
    }
    fn saved(self) -> &'static str {
        match self {
            Self::Call => said("own_call.saved"),
            Self::HowItGoes => said("own_tell.saved"),
            Self::Stop => said("own_stop.saved"),
        }
    }
    fn ask(self) -> Ask {
        match self {
            Self::Call => Ask::Call,
            Self::HowItGoes => Ask::HowItGoes,
            Self::Stop => Ask::Stop,
        }
    }
    /// Whether it needs support that goes on.
    fn ends_with_support(self) -> bool {
        self != Self::HowItGoes
    }
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct TellForm {
    draft: Option<DraftId>,
    when: String,
    words: String,
}

impl TellForm {
    /// What reaches the worker.
    fn check(&self, about: About) -> Result<Option<String>, FieldErrors> {
        let mut errors = FieldErrors::default();
        let words = match about {
            About::HowItGoes => field::text(&self.words, said("own_tell.missing")).map(Some),
            About::Call | About::Stop => field::optional_text(&self.words),
        };
        // It is kept for staff, who read English.
        let at = in_language(ENGLISH, || when(&self.when)).filter(|_| about == About::Call);
        if about == About::Call && at.is_none() {
            errors.add("when", said("own_call.missing"));
        }
        let words = errors.take("words", words).flatten();
        if !errors.is_empty() {
            return Err(errors);
        }
        Ok(match (at, words) {
            (Some(at), Some(words)) => Some(format!("{at}. {words}")),
            (Some(at), None) => Some(format!("{at}.")),
            (None, words) => words,
        })
    }
}

/// A time of day to choose, with words from the message file.
struct When {
    code: &'static str,
    label: &'static str,
}

impl When {
    fn code(&self) -> &'static str {
        self.code
    }
    fn label(&self) -> &'static str {
        self.label
    }
}

const WHENS: &[&str] = &["any", "morning", "afternoon", "evening"];

fn when(code: &str) -> Option<&'static str> {
    match code {
        "any" => Some(said("own_call.any")),
        "morning" => Some(said("own_call.morning")),
        "afternoon" => Some(said("own_call.afternoon")),
        "evening" => Some(said("own_call.evening")),
        _ => None,
    }
}

#[derive(Template)]
#[template(path = "portal/tell.html")]
struct TellPage {
    page: Page,
    about: About,
    phone: Option<String>,
    form: TellForm,
    errors: FieldErrors,
    draft: DraftId,
    /// What was typed here before and not sent.
    given_back: bool,
}
in_words!(TellPage);

impl TellPage {
    fn whens(&self) -> Vec<When> {
        WHENS
            .iter()
            .filter_map(|code| when(code).map(|label| When { code, label }))
            .collect()
    }
}

/// The page, empty or as it was typed before; or again, with what needs another look.
async fn tell_page(
    app: &App,
    me: &Me,
    about: About,
    again: Option<(TellForm, FieldErrors, DraftId)>,
) -> Result<Response> {
    let mut tx = app.read(&me.actor).await?;
    let case = cases::find_own(&mut tx).await?;
    if about.ends_with_support() {
        must_go_on(&case)?;
    }
    let of = person::person_of(&mut tx, me.person).await?;
    tx.viewed(me.viewed());
    let wrong = again.is_some();
    let (form, errors, draft, given_back) = match again {
        Some((form, errors, draft)) => (form, errors, draft, false),
        None => {
            let (draft, before) = typed::<TellForm>(&mut tx, me, about.path()).await?;
            let given_back = before.is_some();
            let form = before.unwrap_or_default();
            (form, FieldErrors::default(), draft, given_back)
        }
    };
    let shown = TellPage {
        page: Page {
            has_errors: wrong,
            ..me.page(about.title())
        },
        about,
        phone: of.phone,
        form,
        errors,
        draft,
        given_back,
    };
    if wrong {
        show_again(tx, shown).await
    } else {
        show(tx, shown).await
    }
}

pub async fn ask(State(app): State<App>, me: Me, about: About) -> Result<Response> {
    tell_page(&app, &me, about, None).await
}

pub async fn submit(
    State(app): State<App>,
    me: Me,
    Form { form, .. }: Form<TellForm>,
    about: About,
) -> Result<Response> {
    let Begun {
        mut tx,
        case,
        draft,
    } = match begin(&app, &me, form.draft, "/me").await? {
        ControlFlow::Continue(begun) => begun,
        ControlFlow::Break(answer) => return Ok(answer),
    };
    if about.ends_with_support() {
        must_go_on(&case)?;
    }
    let words = match form.check(about) {
        Ok(words) => words,
        Err(errors) => {
            drop(tx);
            return tell_page(&app, &me, about, Some((form, errors, draft))).await;
        }
    };
    // Stopping takes back the agreement to take part, at once. The worker closes the case, with them or without another word.
    if about == About::Stop {
        let records = consent::records(&mut tx, me.case).await?;
        if agrees(&records, Kind::TakePart) {
            withdraw_consent(&mut tx, &case, Kind::TakePart, Mode::Online, None).await?;
        }
    }
    let who = (me.case, me.person);
    ask_of(&mut tx, who, about.ask(), words.as_deref()).await?;
    if let Some(words) = &words {
        look_for_worry(&mut tx, &case, words, ON_OWN_PAGES).await?;
    }
    tx.commit().await?;
    Ok(see_other("/me").with_notice(about.saved()).into_response())
}
