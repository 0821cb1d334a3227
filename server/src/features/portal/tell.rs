//! Asking for a call, telling how it is going, and stopping: short forms whose words reach the person's worker.

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
        consent::{self, withdraw_consent},
        person,
    },
    platform::{
        Result,
        messages::said,
        web::{Form, Page, see_other, show, show_again},
    },
    rules::{
        consent::{Kind, Mode, agrees},
        field::{self, FieldErrors},
        id::DraftId,
        portal::Ask,
    },
};

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct TellForm {
    draft: Option<DraftId>,
    when: String,
    words: String,
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
#[template(path = "portal/call.html")]
struct CallPage {
    page: Page,
    phone: Option<String>,
    form: TellForm,
    errors: FieldErrors,
    draft: DraftId,
    /// What was typed here before and not sent.
    given_back: bool,
}

impl CallPage {
    fn whens(&self) -> Vec<When> {
        WHENS
            .iter()
            .filter_map(|code| when(code).map(|label| When { code, label }))
            .collect()
    }
}

#[derive(Template)]
#[template(path = "portal/tell.html")]
struct TellPage {
    page: Page,
    form: TellForm,
    errors: FieldErrors,
    draft: DraftId,
    /// What was typed here before and not sent.
    given_back: bool,
}

#[derive(Template)]
#[template(path = "portal/stop.html")]
struct StopPage {
    page: Page,
    form: TellForm,
    errors: FieldErrors,
    draft: DraftId,
    /// What was typed here before and not sent.
    given_back: bool,
}
in_words!(CallPage, TellPage, StopPage);

fn page(me: &Me, title: &'static str, errors: &FieldErrors) -> Page {
    Page {
        has_errors: !errors.is_empty(),
        ..me.page(title)
    }
}

async fn call_page(
    app: &App,
    me: &Me,
    form: Option<TellForm>,
    errors: FieldErrors,
    draft: Option<DraftId>,
) -> Result<Response> {
    let mut tx = app.read(&me.actor).await?;
    let case = cases::find_own(&mut tx).await?;
    must_go_on(&case)?;
    let of = person::person_of(&mut tx, me.person).await?;
    tx.viewed(me.viewed());
    let again = !errors.is_empty();
    let (kept, before) = typed(&mut tx, me, "/me/call").await?;
    let given_back = form.is_none() && before.is_some();
    let form = form.or(before).unwrap_or_default();
    let shown = CallPage {
        page: page(me, said("own_call.title"), &errors),
        phone: of.phone,
        form,
        errors,
        draft: draft.unwrap_or(kept),
        given_back,
    };
    if again {
        show_again(tx, shown).await
    } else {
        show(tx, shown).await
    }
}

pub async fn ask_call(State(app): State<App>, me: Me) -> Result<Response> {
    call_page(&app, &me, None, FieldErrors::default(), None).await
}

pub async fn submit_call(
    State(app): State<App>,
    me: Me,
    Form { form, .. }: Form<TellForm>,
) -> Result<Response> {
    let Begun {
        mut tx,
        case,
        draft,
    } = match begin(&app, &me, form.draft, "/me").await? {
        ControlFlow::Continue(begun) => begun,
        ControlFlow::Break(answer) => return Ok(answer),
    };
    must_go_on(&case)?;
    let mut errors = FieldErrors::default();
    let at = when(&form.when);
    if at.is_none() {
        errors.add("when", said("own_call.missing"));
    }
    let words = errors
        .take("words", field::optional_text(&form.words))
        .flatten();
    let Some(at) = at.filter(|_| errors.is_empty()) else {
        drop(tx);
        return call_page(&app, &me, Some(form), errors, Some(draft)).await;
    };
    let words = match words {
        Some(words) => format!("{at}. {words}"),
        None => format!("{at}."),
    };
    ask_of(&mut tx, (me.case, me.person), Ask::Call, Some(&words)).await?;
    tx.commit().await?;
    Ok(see_other("/me")
        .with_notice(said("own_call.saved"))
        .into_response())
}

async fn tell_page(
    app: &App,
    me: &Me,
    form: Option<TellForm>,
    errors: FieldErrors,
    draft: Option<DraftId>,
) -> Result<Response> {
    let mut tx = app.read(&me.actor).await?;
    tx.viewed(me.viewed());
    let again = !errors.is_empty();
    let (kept, before) = typed(&mut tx, me, "/me/tell").await?;
    let given_back = form.is_none() && before.is_some();
    let form = form.or(before).unwrap_or_default();
    let shown = TellPage {
        page: page(me, said("own_tell.title"), &errors),
        form,
        errors,
        draft: draft.unwrap_or(kept),
        given_back,
    };
    if again {
        show_again(tx, shown).await
    } else {
        show(tx, shown).await
    }
}

pub async fn ask_tell(State(app): State<App>, me: Me) -> Result<Response> {
    tell_page(&app, &me, None, FieldErrors::default(), None).await
}

/// Open also when the support has ended: who has something to say is heard.
pub async fn submit_tell(
    State(app): State<App>,
    me: Me,
    Form { form, .. }: Form<TellForm>,
) -> Result<Response> {
    let Begun { mut tx, draft, .. } = match begin(&app, &me, form.draft, "/me").await? {
        ControlFlow::Continue(begun) => begun,
        ControlFlow::Break(answer) => return Ok(answer),
    };
    match field::text(&form.words, said("own_tell.missing")) {
        Ok(words) => {
            ask_of(&mut tx, (me.case, me.person), Ask::HowItGoes, Some(&words)).await?;
            tx.commit().await?;
            Ok(see_other("/me")
                .with_notice(said("own_tell.saved"))
                .into_response())
        }
        Err(sentence) => {
            drop(tx);
            let errors = FieldErrors::one("words", sentence);
            tell_page(&app, &me, Some(form), errors, Some(draft)).await
        }
    }
}

async fn stop_page(
    app: &App,
    me: &Me,
    form: Option<TellForm>,
    errors: FieldErrors,
    draft: Option<DraftId>,
) -> Result<Response> {
    let mut tx = app.read(&me.actor).await?;
    let case = cases::find_own(&mut tx).await?;
    must_go_on(&case)?;
    tx.viewed(me.viewed());
    let again = !errors.is_empty();
    let (kept, before) = typed(&mut tx, me, "/me/stop").await?;
    let given_back = form.is_none() && before.is_some();
    let form = form.or(before).unwrap_or_default();
    let shown = StopPage {
        page: page(me, said("own_stop.title"), &errors),
        form,
        errors,
        draft: draft.unwrap_or(kept),
        given_back,
    };
    if again {
        show_again(tx, shown).await
    } else {
        show(tx, shown).await
    }
}

pub async fn ask_stop(State(app): State<App>, me: Me) -> Result<Response> {
    stop_page(&app, &me, None, FieldErrors::default(), None).await
}

/// Takes back the agreement to take part, at once, and tells the worker, who closes the case with them or without another word.
pub async fn submit_stop(
    State(app): State<App>,
    me: Me,
    Form { form, .. }: Form<TellForm>,
) -> Result<Response> {
    let Begun {
        mut tx,
        case,
        draft,
    } = match begin(&app, &me, form.draft, "/me").await? {
        ControlFlow::Continue(begun) => begun,
        ControlFlow::Break(answer) => return Ok(answer),
    };
    must_go_on(&case)?;
    let words = match field::optional_text(&form.words) {
        Ok(words) => words,
        Err(sentence) => {
            drop(tx);
            let errors = FieldErrors::one("words", sentence);
            return stop_page(&app, &me, Some(form), errors, Some(draft)).await;
        }
    };
    let records = consent::records(&mut tx, me.case).await?;
    if agrees(&records, Kind::TakePart) {
        withdraw_consent(&mut tx, &case, Kind::TakePart, Mode::Online, None).await?;
    }
    ask_of(&mut tx, (me.case, me.person), Ask::Stop, words.as_deref()).await?;
    tx.commit().await?;
    Ok(see_other("/me")
        .with_notice(said("own_stop.saved"))
        .into_response())
}
