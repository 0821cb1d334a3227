//! A check-in on a person's own pages: one question, in everyday words.

use std::ops::ControlFlow;

use askama::Template;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use serde::Deserialize;

use super::{
    answer::{Given, answer_days_off},
    heard::look_for_worry,
    store::{self, Checkin},
};
use crate::{
    app::App,
    features::{
        caseload::store as cases,
        portal::{Begun, Me, begin, in_words, must_go_on, typed},
    },
    platform::{
        Result,
        messages::said,
        web::{Form, Page, said_date, see_other, show, show_again},
    },
    rules::{
        checkin::{Mode, Reading, read_days_off},
        field::{self, FieldErrors},
        id::{CheckinId, DraftId},
    },
};

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct MineForm {
    draft: Option<DraftId>,
    days_off: String,
}

#[derive(Template)]
#[template(path = "checkin/mine.html")]
struct MinePage {
    page: Page,
    checkin: Checkin,
    from: String,
    until: String,
    form: MineForm,
    errors: FieldErrors,
    draft: DraftId,
    /// What was typed here before and not sent.
    given_back: bool,
}
in_words!(MinePage);

impl MineForm {
    fn check(&self, checkin: &Checkin) -> Result<String, FieldErrors> {
        let wrong = |sentence| Err(FieldErrors::one("days_off", sentence));
        let raw = match field::line(&self.days_off, said("own_checkin.missing")) {
            Ok(raw) => raw,
            Err(sentence) => return wrong(sentence),
        };
        match read_days_off(&raw, checkin.normal_days, checkin.window_days()) {
            Reading::Days { .. } => Ok(raw),
            Reading::TooMany => wrong(said("own_checkin.too_many").to_owned()),
            Reading::Unclear | Reading::Stop | Reading::WrongNumber => {
                wrong(said("own_checkin.unclear").to_owned())
            }
        }
    }
}

async fn mine_page(
    app: &App,
    me: &Me,
    id: CheckinId,
    form: Option<MineForm>,
    errors: FieldErrors,
    draft: Option<DraftId>,
) -> Result<Response> {
    let mut tx = app.read(&me.actor).await?;
    let case = cases::find_own(&mut tx).await?;
    must_go_on(&case)?;
    let checkin = store::find(&mut tx, case.id, id).await?;
    tx.viewed(me.viewed());
    let again = !errors.is_empty();
    let (kept, before) = typed(&mut tx, me, &format!("/me/checkins/{id}")).await?;
    let given_back = form.is_none() && before.is_some();
    let form = form.or(before).unwrap_or_default();
    let shown = MinePage {
        page: Page {
            has_errors: again,
            ..me.page(said("own_checkin.title"))
        },
        from: said_date(checkin.from),
        until: said_date(checkin.until),
        checkin,
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

pub async fn ask(State(app): State<App>, me: Me, Path(id): Path<CheckinId>) -> Result<Response> {
    mine_page(&app, &me, id, None, FieldErrors::default(), None).await
}

pub async fn submit(
    State(app): State<App>,
    me: Me,
    Path(id): Path<CheckinId>,
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
    must_go_on(&case)?;
    let checkin = store::find(&mut tx, case.id, id).await?;
    match form.check(&checkin) {
        Ok(raw) => {
            let given = Given {
                raw: &raw,
                mode: Mode::Online,
                reason: "They changed it on their own pages",
            };
            answer_days_off(&mut tx, &case, &checkin, given).await?;
            tx.commit().await?;
            Ok(see_other("/me")
                .with_notice(said("own_checkin.saved"))
                .into_response())
        }
        Err(errors) => {
            // Whoever writes words in place of a number may need somebody now.
            let how = "They wrote this on their own pages";
            let draft = if look_for_worry(&mut tx, &case, &form.days_off, how).await? {
                // This draft is used up with the concern.
                tx.commit().await?;
                None
            } else {
                drop(tx);
                Some(draft)
            };
            mine_page(&app, &me, id, Some(form), errors, draft).await
        }
    }
}
