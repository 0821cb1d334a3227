//! The pages on which an obstacle is recorded and changed. The words are the person's; the colour is the staff's and stands apart.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};

use super::{
    flag_store,
    frame::{titled, viewed},
    obstacle::{NewObstacle, change_obstacle, record_obstacle},
    obstacle_store::{self as store, Obstacle, Said},
};
use crate::{
    app::App,
    features::{
        audit,
        caseload::store::{self as cases, Case},
    },
    platform::{
        Error, Result,
        db::ReadTx,
        drafts,
        web::{
            Actor, Asks, Both, Form, Meanwhile, Page, Reads, Shown, label_of, see_other, show,
            show_again, typed_before,
        },
    },
    rules::{
        Choice,
        assessment::{CanChange, Flag, InTheWay, ObstacleKind},
        caseload::must_be_open,
        event::Event,
        field::{self, FieldErrors},
        id::{CaseId, DraftId, ObstacleId},
        permission::Action,
    },
};

/// What the pages send.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct ObstacleForm {
    draft: Option<DraftId>,
    /// The revision that was shown; 0 where it is new.
    version: Shown,
    kind: String,
    words: String,
    in_the_way: String,
    can_change: String,
    since: String,
    flag: String,
    reason: String,
    /// `another` where the next one follows at once.
    then: String,
}

impl ObstacleForm {
    fn of(obstacle: &Obstacle, flag: Option<Flag>) -> Self {
        Self {
            version: obstacle.revision.into(),
            kind: obstacle.kind.code().to_owned(),
            words: obstacle.words.clone(),
            can_change: obstacle.can_change.code().to_owned(),
            since: obstacle.since.clone().unwrap_or_default(),
            flag: flag.map_or("", Choice::code).to_owned(),
            ..Self::default()
        }
    }

    /// Whether what was chosen is not worked on as an obstacle.
    fn goes_to_safety(&self) -> bool {
        Flag::from_code(&self.flag).is_some_and(Flag::goes_to_safety)
    }

    fn said(&self, errors: &mut FieldErrors) -> Option<Said> {
        let kind = errors.take(
            "kind",
            field::choice(&self.kind, "Choose what sort of thing it is"),
        );
        let words = errors.take(
            "words",
            field::text(&self.words, "Write what stands in the way, in their words"),
        );
        let can_change = errors
            .take("can_change", field::optional_choice(&self.can_change))
            .flatten();
        let since = errors
            .take("since", field::optional_line(&self.since))
            .flatten();
        Some(Said {
            kind: kind?,
            words: words?,
            can_change: can_change.unwrap_or(CanChange::NotKnown),
            since,
        })
    }

    fn flag(&self, errors: &mut FieldErrors) -> Option<Flag> {
        if self.goes_to_safety() {
            errors.add(
                "flag",
                "Red and orange come first and are not recorded as obstacles. Use the safety steps below; what you typed is kept",
            );
        }
        errors
            .take("flag", field::optional_choice(&self.flag))
            .flatten()
    }

    fn check_new(&self) -> Result<NewObstacle, FieldErrors> {
        let mut errors = FieldErrors::default();
        let said = self.said(&mut errors);
        let in_the_way: Option<InTheWay> = errors.take(
            "in_the_way",
            field::choice(&self.in_the_way, "Choose how much it is in the way"),
        );
        let flag = self.flag(&mut errors);
        match (said, in_the_way) {
            (Some(said), Some(in_the_way)) if errors.is_empty() => Ok(NewObstacle {
                said,
                in_the_way,
                flag,
            }),
            _ => Err(errors),
        }
    }

    fn check_change(&self) -> Result<(Said, Option<Flag>, String), FieldErrors> {
        let mut errors = FieldErrors::default();
        let said = self.said(&mut errors);
        let flag = self.flag(&mut errors);
        let reason = errors.take(
            "reason",
            field::line(&self.reason, "Write why you change it, in a few words"),
        );
        match (said, reason) {
            (Some(said), Some(reason)) if errors.is_empty() => Ok((said, flag, reason)),
            _ => Err(errors),
        }
    }
}

#[derive(Template)]
#[template(path = "assessment/obstacle_form.html")]
struct ObstaclePage {
    page: Page,
    case: Case,
    /// The one that is changed.
    before: Option<Obstacle>,
    form: ObstacleForm,
    errors: FieldErrors,
    draft: DraftId,
    saved_at: Option<String>,
    meanwhile: Option<Meanwhile>,
}

impl ObstaclePage {
    fn address(&self) -> String {
        let case = self.case.id;
        self.before.as_ref().map_or_else(
            || format!("/cases/{case}/assessment/obstacles/new"),
            |o| format!("/cases/{case}/assessment/obstacles/{}/change", o.id),
        )
    }
    /// Red and orange, alone: they open the safety steps at the foot of the page.
    fn stop(&self) -> bool {
        self.form.goes_to_safety()
    }
}

type Typed = (ObstacleForm, FieldErrors, DraftId, Option<String>);

const ASKS: &[Asks] = &[
    ("words", "In their words", Reads::AsTyped),
    (
        "kind",
        "What sort of thing it is",
        Reads::Choice(label_of::<ObstacleKind>),
    ),
    (
        "can_change",
        "Can it change?",
        Reads::Choice(label_of::<CanChange>),
    ),
    ("since", "Since when", Reads::AsTyped),
    ("flag", "Staff’s view", Reads::Choice(label_of::<Flag>)),
];

async fn obstacle_page(
    tx: &mut ReadTx,
    case: &Case,
    before: Option<(Obstacle, Option<Flag>)>,
    (form, errors, draft, saved_at): Typed,
) -> Result<ObstaclePage> {
    viewed(tx, case);
    let title = if before.is_some() {
        "Change what stands in the way"
    } else {
        "What stands in the way"
    };
    let newest = before.as_ref().map_or(0, |(b, _)| b.revision);
    let meanwhile = match &before {
        Some((stands, flag)) => {
            let both = Both::of_forms(&form, &ObstacleForm::of(stands, *flag), ASKS);
            let (versions, changed) = ((form.version, newest), [Event::ObstacleChanged]);
            audit::since(tx, stands.id, versions, &changed, both).await?
        }
        None => None,
    };
    Ok(ObstaclePage {
        page: titled(tx.actor(), title, case, &errors),
        case: case.clone(),
        meanwhile,
        form: ObstacleForm {
            version: form.version.on(newest),
            ..form
        },
        before: before.map(|(stands, _)| stands),
        errors,
        draft,
        saved_at,
    })
}

pub async fn ask_new(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<CaseId>,
) -> Result<Response> {
    let mut tx = app.read(&actor).await?;
    let case = cases::find_for(&mut tx, Action::RecordContact, id, None).await?;
    must_be_open(case.status)?;
    let address = format!("/cases/{id}/assessment/obstacles/new");
    let typed = typed_before::<ObstacleForm>(&mut tx, &address).await?;
    let typed = (
        typed.form.unwrap_or_default(),
        FieldErrors::default(),
        typed.draft,
        typed.saved_at,
    );
    let page = obstacle_page(&mut tx, &case, None, typed).await?;
    show(tx, page).await
}

pub async fn submit_new(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<CaseId>,
    Form { form, .. }: Form<ObstacleForm>,
) -> Result<Response> {
    let here = if form.then == "another" {
        format!("/cases/{id}/assessment/obstacles/new")
    } else {
        format!("/cases/{id}/assessment")
    };
    let mut tx = app.write(&actor).await?;
    let draft = form.draft.unwrap_or_else(|| drafts::new_id(&tx));
    if let Some(first) = drafts::claim(&mut tx, draft, &here).await? {
        return Ok(see_other(first).into_response());
    }
    let case = cases::find_for(&mut tx, Action::RecordContact, id, None).await?;
    match form.check_new() {
        Ok(new) => {
            record_obstacle(&mut tx, &case, new).await?;
            tx.commit().await?;
            Ok(see_other(here)
                .with_notice("Recorded what stands in the way")
                .into_response())
        }
        Err(errors) => {
            drop(tx);
            let mut tx = app.read(&actor).await?;
            let page = obstacle_page(&mut tx, &case, None, (form, errors, draft, None)).await?;
            show_again(tx, page).await
        }
    }
}

pub async fn ask_change(
    State(app): State<App>,
    actor: Actor,
    Path((id, obstacle)): Path<(CaseId, ObstacleId)>,
) -> Result<Response> {
    let mut tx = app.read(&actor).await?;
    let case = cases::find_for(&mut tx, Action::RecordContact, id, None).await?;
    let before = store::obstacle(&mut tx, id, obstacle).await?;
    must_be_open(case.status)?;
    let address = format!("/cases/{id}/assessment/obstacles/{obstacle}/change");
    let typed = typed_before::<ObstacleForm>(&mut tx, &address).await?;
    let flag = flag_store::flags(&mut tx, id)
        .await?
        .get(&obstacle)
        .copied();
    let form = typed
        .form
        .unwrap_or_else(|| ObstacleForm::of(&before, flag));
    let typed = (form, FieldErrors::default(), typed.draft, typed.saved_at);
    let page = obstacle_page(&mut tx, &case, Some((before, flag)), typed).await?;
    show(tx, page).await
}

pub async fn submit_change(
    State(app): State<App>,
    actor: Actor,
    Path((id, obstacle)): Path<(CaseId, ObstacleId)>,
    Form { form, .. }: Form<ObstacleForm>,
) -> Result<Response> {
    let here = format!("/cases/{id}/assessment/obstacles/{obstacle}");
    let mut tx = app.write(&actor).await?;
    let draft = form.draft.unwrap_or_else(|| drafts::new_id(&tx));
    if let Some(first) = drafts::claim(&mut tx, draft, &here).await? {
        return Ok(see_other(first).into_response());
    }
    let case = cases::find_for(&mut tx, Action::RecordContact, id, None).await?;
    let before = store::obstacle(&mut tx, id, obstacle).await?;
    if form.version != before.revision {
        return Err(Error::Conflict);
    }
    match form.check_change() {
        Ok((said, flag, reason)) => {
            let changed = change_obstacle(&mut tx, &case, obstacle, said, flag, &reason).await?;
            tx.commit().await?;
            let notice = if changed {
                "Changed"
            } else {
                "Nothing was different"
            };
            Ok(see_other(here).with_notice(notice).into_response())
        }
        Err(errors) => {
            drop(tx);
            let mut tx = app.read(&actor).await?;
            let flag = flag_store::flags(&mut tx, id)
                .await?
                .get(&obstacle)
                .copied();
            let typed = (form, errors, draft, None);
            let page = obstacle_page(&mut tx, &case, Some((before, flag)), typed).await?;
            show_again(tx, page).await
        }
    }
}
