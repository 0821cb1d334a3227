//! Raising a safety concern: what to do now stands first, and somebody else has it from the first minute.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};

use super::{
    duty::{self, OnDuty},
    escalate::entry,
    store::{self, Raised, Step},
};
use crate::{
    app::App,
    features::{
        caseload::store::{self as cases, Case, For},
        organisation::store::programme,
        page,
    },
    platform::{
        Result,
        audit::Entry,
        db::{ReadTx, WriteTx},
        drafts,
        web::{Actor, Form, Page, see_other, show, show_again, typed_before},
    },
    rules::{
        Choice,
        event::Event,
        field::{self, FieldErrors},
        id::{CaseId, ConcernId, DraftId, PersonId, ProgrammeId, ReferralId, TeamId},
        permission::Action,
        referral::RedFlag,
        safety::{Kind, StepKind},
    },
};

/// What the page sends. There is no version in it: raising a concern never fails because somebody else changed the case.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct ConcernForm {
    draft: Option<DraftId>,
    kind: String,
    what: String,
    done: String,
}

/// A concern to be raised, checked.
struct NewConcern {
    kind: Kind,
    what: String,
    done: Option<String>,
}

impl ConcernForm {
    fn check(&self) -> Result<NewConcern, FieldErrors> {
        let mut errors = FieldErrors::default();
        let kind = errors.take(
            "kind",
            field::choice(
                &self.kind,
                "Choose what it is about. “Something else” is fine",
            ),
        );
        let what = errors.take(
            "what",
            field::text(&self.what, "Write what was said or seen"),
        );
        let done = errors
            .take("done", field::optional_text(&self.done))
            .flatten();
        let checked = NewConcern {
            kind: kind.unwrap_or(Kind::Other),
            what: what.unwrap_or_default(),
            done,
        };
        errors.into_result().map(|()| checked)
    }
}

#[derive(Template)]
#[template(path = "safety/raise.html")]
struct RaisePage {
    page: Page,
    case: Case,
    form: ConcernForm,
    errors: FieldErrors,
    draft: DraftId,
    saved_at: Option<String>,
    what_to_do_now: String,
    first: Option<String>,
    then: Vec<String>,
    duty_minutes: u32,
    /// The page on which something typed about this person waits.
    typing: Option<String>,
}

async fn raise_page(
    tx: &mut ReadTx,
    case: Case,
    form: ConcernForm,
    errors: FieldErrors,
    draft: DraftId,
    saved_at: Option<String>,
) -> Result<RaisePage> {
    let me = tx.actor().account_id();
    let parameters = programme(tx, case.programme_id).await?.parameters;
    let asked = duty::on_duty(tx, case.programme_id, case.team_id).await?;
    let first = duty::next(&asked, None, me).cloned();
    let then = asked
        .iter()
        .filter(|o| Some(o.id) != me && Some(o.id) != first.as_ref().map(|f| f.id))
        .map(|o| o.name.clone())
        .collect();
    Ok(RaisePage {
        page: Page {
            has_errors: !errors.is_empty(),
            ..page(tx.actor(), "Something is not safe", "/safety")
        },
        typing: was_typing(tx, case.id).await?,
        case,
        form,
        errors,
        draft,
        saved_at,
        what_to_do_now: parameters.what_to_do_now,
        first: first.map(|f: OnDuty| f.name),
        then,
        duty_minutes: parameters.duty_minutes,
    })
}

/// The page of this case on which this account typed something last that it has not sent.
pub(super) async fn was_typing(tx: &mut ReadTx, case: CaseId) -> Result<Option<String>> {
    let home = format!("/cases/{case}");
    let safety = format!("{home}/safety/");
    let begun = drafts::below(tx, &home).await?;
    Ok(begun
        .into_iter()
        .map(|(path, _)| path)
        .find(|path| !path.starts_with(&safety)))
}

pub async fn ask(State(app): State<App>, actor: Actor, Path(id): Path<CaseId>) -> Result<Response> {
    let mut tx = app.read(&actor).await?;
    let case = cases::find_for(&mut tx, Action::RaiseConcern, id, None).await?;
    let before = typed_before::<ConcernForm>(&mut tx, &format!("/cases/{id}/safety/new")).await?;
    tx.viewed(Entry::of(Event::CaseViewed).case(id).person(case.person_id));
    let page = raise_page(
        &mut tx,
        case.clone(),
        before.form.unwrap_or_default(),
        FieldErrors::default(),
        before.draft,
        before.saved_at,
    )
    .await?;
    show(tx, page).await
}

pub async fn submit(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<CaseId>,
    Form { form, .. }: Form<ConcernForm>,
) -> Result<Response> {
    let mut tx = app.write(&actor).await?;
    let draft = form.draft.unwrap_or_else(|| drafts::new_id(&tx));
    if let Some(first) = drafts::claim(&mut tx, draft, "/safety").await? {
        return Ok(see_other(first).into_response());
    }
    let case = cases::find_for(&mut tx, Action::RaiseConcern, id, None).await?;
    match form.check() {
        Ok(new) => {
            let concern = raise_concern(&mut tx, &case, new.kind, new.what, new.done).await?;
            let there = format!("/safety/{concern}");
            drafts::led_to(&mut tx, draft, &there).await?;
            tx.commit().await?;
            Ok(see_other(there)
                .with_notice("Safety concern raised. You are not alone with it.")
                .into_response())
        }
        Err(errors) => {
            drop(tx);
            let mut tx = app.read(&actor).await?;
            let page = raise_page(&mut tx, case.clone(), form, errors, draft, None).await?;
            show_again(tx, page).await
        }
    }
}

/// Raises a concern on a case: it is with the first on duty at once, and the case carries an alert until it is closed.
/// `what` was said or seen; `done` is what was done already.
pub async fn raise_concern(
    tx: &mut WriteTx,
    case: &For<Case>,
    kind: Kind,
    what: String,
    done: Option<String>,
) -> Result<ConcernId> {
    let id: ConcernId = tx.new_id();
    let asked = duty::on_duty(tx, case.programme_id, case.team_id).await?;
    let with = duty::next(&asked, None, tx.actor().account_id()).map(|o| o.id);
    let raised = Raised {
        id,
        case: Some(case.id),
        referral: None,
        programme: case.programme_id,
        team: case.team_id,
        kind,
        what: &what,
        with,
    };
    store::insert(tx, raised).await?;
    if let Some(done) = done {
        let step = Step::now(tx, StepKind::Done, done);
        store::insert_step(tx, id, &step).await?;
    }
    cases::count_concern(tx, case.id, 1).await?;
    tx.record(
        Entry::of(Event::ConcernRaised)
            .case(case.id)
            .person(case.person_id)
            .subject(id),
    )
    .await?;
    Ok(id)
}

/// Raises a concern for red flags that were ticked on a referral and that no clinician has confirmed as dealt with.
pub async fn raise_for_referral(
    tx: &mut WriteTx,
    referral: ReferralId,
    programme: ProgrammeId,
    team: TeamId,
    person: PersonId,
    flags: &[RedFlag],
) -> Result<ConcernId> {
    let id: ConcernId = tx.new_id();
    let asked = duty::on_duty(tx, programme, team).await?;
    let labels: Vec<&str> = flags.iter().map(|f| f.label()).collect();
    let raised = Raised {
        id,
        case: None,
        referral: Some(referral),
        programme,
        team,
        kind: most_urgent(flags),
        what: &format!("Ticked on the referral: {}.", labels.join("; ")),
        with: duty::next(&asked, None, tx.actor().account_id()).map(|o| o.id),
    };
    store::insert(tx, raised).await?;
    tx.record(Entry::of(Event::ConcernRaised).person(person).subject(id))
        .await?;
    Ok(id)
}

/// What a concern about several red flags is filed under: danger from oneself or others before illness.
fn most_urgent(flags: &[RedFlag]) -> Kind {
    if flags.contains(&RedFlag::SelfHarm) {
        Kind::SelfHarm
    } else if flags.contains(&RedFlag::Unsafe) {
        // Ticked for an adult, a child or somebody else: whoever has it finds out which.
        Kind::Other
    } else {
        Kind::RedFlag
    }
}

/// A referral with concerns became a case: the case carries their alert.
pub async fn follow_to_case(tx: &mut WriteTx, referral: ReferralId, case: CaseId) -> Result<()> {
    let open = store::give_to_case(tx, referral, case).await?;
    if open > 0 {
        cases::count_concern(tx, case, open).await?;
    }
    Ok(())
}

/// An event about a concern that was looked at.
pub(super) fn viewed(concern: &store::Concern) -> Entry {
    entry(Event::ConcernViewed, concern)
}
