//! Preparing a document: for whom, what for, and what it could hold. The person chooses from it afterwards; nothing is ticked here.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};

use super::{
    acts::prepare_document,
    store::NewDocument,
    way::{GetsThere, WayForm},
};
use crate::{
    app::App,
    features::{
        assessment,
        caseload::store::{self as cases, Case},
        consent, identity,
        organisation::store as organisation,
        page, person, plan,
    },
    platform::{
        Result,
        audit::Entry,
        db::{ReadTx, Reader},
        drafts,
        web::{Actor, Form, Page, see_other, show, show_again, typed_before},
    },
    rules::{
        Choice,
        caseload::must_be_open,
        event::Event,
        field::{self, FieldErrors},
        id::{CaseId, DraftId},
        permission::Action,
        registration::may_make_report,
        release::{
            Kind, MOST_DAYS, Recipient, RecipientKind, Refused, Report, Sources, Way, may_prepare,
            may_send, prepare,
        },
    },
};

/// For how many days it can be opened: what the page offers.
pub(super) const PERIODS: &[(&str, &str)] = &[
    ("7", "7 days"),
    ("14", "14 days"),
    ("30", "30 days"),
    ("60", "60 days"),
    ("90", "90 days"),
];

/// What the page sends.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct PrepareForm {
    draft: Option<DraftId>,
    kind: String,
    recipient_kind: String,
    recipient_name: String,
    recipient_org: String,
    #[serde(flatten)]
    gets_there: WayForm,
    purpose: String,
    days: String,
    own_words: String,
    can_do: String,
    condition: String,
}

/// What a document is to be made of, beside the plan.
#[derive(Debug, Clone)]
pub struct Wish {
    pub kind: Kind,
    pub recipient: Recipient,
    pub gets_there: GetsThere,
    pub purpose: String,
    pub days: Option<u32>,
    pub own_words: Vec<String>,
    pub can_do: Vec<String>,
    pub condition: Option<String>,
}

/// The lines of a box, without blank ones.
fn lines(text: Option<String>) -> Vec<String> {
    text.unwrap_or_default()
        .lines()
        .map(|line| line.trim().to_owned())
        .filter(|line| !line.is_empty())
        .collect()
}

/// For how many days, as typed or chosen. Blank is not decided yet.
pub(super) fn days(typed: &str) -> Result<Option<u32>, String> {
    let days = field::optional_number(typed, 1..=i64::from(MOST_DAYS))?;
    Ok(days.and_then(|days| u32::try_from(days).ok()))
}

impl PrepareForm {
    fn check(&self) -> Result<Wish, FieldErrors> {
        let mut errors = FieldErrors::default();
        let e = &mut errors;
        let kind = e.take("kind", field::choice(&self.kind, "Choose what it is"));
        let to = e.take(
            "recipient_kind",
            field::choice(&self.recipient_kind, "Choose who it is for"),
        );
        let name = e.take(
            "recipient_name",
            field::line(
                &self.recipient_name,
                "Enter the name of one person or practice",
            ),
        );
        let organisation = e.take("recipient_org", field::optional_line(&self.recipient_org));
        let gets_there = self.gets_there.check(e);
        let purpose = e
            .take("purpose", field::optional_line(&self.purpose))
            .flatten();
        let days = e.take("days", days(&self.days)).flatten();
        let own_words = e
            .take("own_words", field::optional_text(&self.own_words))
            .flatten();
        let can_do = e
            .take("can_do", field::optional_text(&self.can_do))
            .flatten();
        let condition = e
            .take("condition", field::optional_line(&self.condition))
            .flatten();
        match (kind, to, name, organisation, gets_there) {
            (Some(kind), Some(to), Some(name), Some(organisation), Some(gets_there))
                if errors.is_empty() =>
            {
                Ok(Wish {
                    kind,
                    recipient: Recipient {
                        kind: to,
                        name,
                        organisation,
                    },
                    gets_there,
                    purpose: purpose.unwrap_or_default(),
                    days,
                    own_words: lines(own_words),
                    can_do: lines(can_do),
                    condition,
                })
            }
            _ => Err(errors),
        }
    }
}

/// The field beside which a refusal stands.
fn field_of(refused: Refused) -> &'static str {
    match refused {
        Refused::NotForThem | Refused::NotRegistered | Refused::NoReport => "kind",
        Refused::NoConsentEmployer | Refused::NoConsentGp => "way",
        _ => "recipient_kind",
    }
}

/// Puts a document together from the plan and from what is wished for, where the rules let it be made.
pub async fn put_together(
    tx: &mut Reader,
    case: &Case,
    wish: Wish,
) -> Result<Result<NewDocument, Refused>> {
    let person = person::person_of(tx, case.person_id).await?;
    let (plan, plan_changes) = plan::snapshot(tx, case.id).await?;
    let registration = identity::registration_of_actor(tx).await?;
    let registration = may_make_report(registration.as_ref(), tx.today()).cloned();
    let to = wish.recipient.kind;
    let consents = consent::records(tx, case.id).await?;
    let may = may_prepare(
        wish.kind,
        to,
        person.employment,
        plan.kind,
        registration.as_ref(),
    )
    .and_then(|()| may_send(wish.gets_there.way, to, &consents));
    if let Err(refused) = may {
        return Ok(Err(refused));
    }
    let report = match &registration {
        Some(registration) if wish.kind == Kind::WorkReport => {
            let number = registration.number.as_str();
            match assessment::report_under(tx, case.id, number).await? {
                Some(report) => Some(Report {
                    profession: registration.number.profession().to_lowercase(),
                    organisation: organisation::provider_of_team(tx, case.team_id).await?,
                    contact: identity::email_of_actor(tx).await?,
                    ..report
                }),
                None => return Ok(Err(Refused::NoReport)),
            }
        }
        _ => None,
    };
    let mut own_words = vec![];
    if wish.kind == Kind::OwnLetter {
        let words = plan::words_for_employer(tx, case.id).await?;
        own_words.extend(
            words
                .into_iter()
                .flat_map(|w| [w.opening, w.hope])
                .flatten(),
        );
    }
    own_words.extend(wish.own_words);
    let prepared = prepare(Sources {
        kind: wish.kind,
        person: &person.name,
        recipient: wish.recipient,
        born_on: person.born_on,
        plan: &plan,
        own_words,
        can_do: wish.can_do,
        hard: assessment::difficulties(tx, case.id).await?,
        condition: wish.condition,
        report: report.as_ref(),
    });
    Ok(Ok(NewDocument {
        prepared,
        gets_there: wish.gets_there,
        purpose: wish.purpose,
        days: wish.days,
        plan_changes,
    }))
}

#[derive(Template)]
#[template(path = "release/prepare.html")]
struct PreparePage {
    page: Page,
    case: Case,
    form: PrepareForm,
    errors: FieldErrors,
    draft: DraftId,
    saved_at: Option<String>,
}

fn prepare_page(
    tx: &mut ReadTx,
    case: &Case,
    form: PrepareForm,
    errors: FieldErrors,
    draft: DraftId,
    saved_at: Option<String>,
) -> PreparePage {
    tx.viewed(
        Entry::of(Event::CaseViewed)
            .case(case.id)
            .person(case.person_id),
    );
    PreparePage {
        page: Page {
            has_errors: !errors.is_empty(),
            ..page(
                tx.actor(),
                format!("Prepare a document: {}", case.person_name),
                "/people",
            )
        },
        case: case.clone(),
        form,
        errors,
        draft,
        saved_at,
    }
}

pub async fn ask(State(app): State<App>, actor: Actor, Path(id): Path<CaseId>) -> Result<Response> {
    let mut tx = app.read(&actor).await?;
    let case = cases::find_for(&mut tx, Action::PrepareDocument, id, None).await?;
    must_be_open(case.status)?;
    let here = format!("/cases/{id}/documents/new");
    let typed = typed_before::<PrepareForm>(&mut tx, &here).await?;
    let form = match typed.form {
        Some(form) => form,
        None => PrepareForm {
            recipient_org: person::person_of(&mut tx, case.person_id)
                .await?
                .employer
                .unwrap_or_default(),
            ..PrepareForm::default()
        },
    };
    let none = FieldErrors::default();
    let page = prepare_page(&mut tx, &case, form, none, typed.draft, typed.saved_at);
    show(tx, page).await
}

pub async fn submit(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<CaseId>,
    Form { form, .. }: Form<PrepareForm>,
) -> Result<Response> {
    let mut tx = app.write(&actor).await?;
    let draft = form.draft.unwrap_or_else(|| drafts::new_id(&tx));
    let home = format!("/cases/{id}/documents");
    if let Some(first) = drafts::claim(&mut tx, draft, &home).await? {
        return Ok(see_other(first).into_response());
    }
    let case = cases::find_for(&mut tx, Action::PrepareDocument, id, None).await?;
    let new = match form.check() {
        Ok(checked) => put_together(&mut tx, &case, checked)
            .await?
            .map_err(|refused| FieldErrors::one(field_of(refused), refused.to_string())),
        Err(errors) => Err(errors),
    };
    match new {
        Ok(new) => {
            let document = prepare_document(&mut tx, &case, new).await?;
            let there = format!("{home}/{document}");
            drafts::led_to(&mut tx, draft, &there).await?;
            tx.commit().await?;
            Ok(see_other(there)
                .with_notice("Prepared. Nothing is ticked, and nobody else can see it.")
                .into_response())
        }
        Err(errors) => {
            drop(tx);
            let mut tx = app.read(&actor).await?;
            let page = prepare_page(&mut tx, &case, form, errors, draft, None);
            show_again(tx, page).await
        }
    }
}
