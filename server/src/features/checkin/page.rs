//! The check-ins of one person: what was asked, what they answered as they wrote it, and what it was read as.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use serde::Deserialize;

use super::{
    record::may_be_told,
    store::{self, Checkin},
    story::{capital, change, in_words, stands, subject},
};
use crate::{
    app::App,
    features::{
        caseload::store::{self as cases, Case, For},
        message,
        organisation::store::parameters_of_case,
        page,
    },
    platform::{
        Result,
        audit::Entry,
        db::WriteTx,
        drafts,
        web::{Actor, Form, Page, said_instant, see_other, show},
    },
    rules::{
        Choice,
        checkin::{Rule, Settings, State as Stands},
        event::Event,
        id::{CaseId, CheckinId, DraftId},
        permission::Action,
    },
};

/// One reply as it came.
struct ShownReply {
    when: String,
    raw: String,
    read_as: String,
    superseded: Option<String>,
    unread: bool,
}

/// One check-in.
struct Line {
    id: CheckinId,
    subject: String,
    stands: String,
    change: Option<String>,
    replies: Vec<ShownReply>,
    answered: bool,
    /// A worker may write down what they are told.
    may_be_told: bool,
}

#[derive(Template)]
#[template(path = "checkin/checkins.html")]
struct CheckinsPage {
    page: Page,
    case: Case,
    lines: Vec<Line>,
    unread: bool,
    draft: DraftId,
    asks: Settings,
    /// They asked for no more messages, so nothing new is asked.
    in_peace: bool,
}

fn line(case: &Case, all: &[Checkin], checkin: &Checkin, today: chrono::NaiveDate) -> Line {
    Line {
        id: checkin.id,
        subject: subject(checkin),
        stands: match checkin.answer() {
            Some(answer) => format!("{}.", capital(&in_words(checkin, answer))),
            None => format!("{}.", stands(checkin)),
        },
        change: change(all, checkin),
        answered: checkin.state == Stands::Answered,
        may_be_told: may_be_told(case, checkin).is_ok(),
        replies: checkin
            .replies
            .iter()
            .map(|reply| ShownReply {
                when: said_instant(reply.at, today),
                raw: reply.raw.clone(),
                read_as: match (reply.rule, &reply.by) {
                    (None, _) => format!("{}. Not understood.", reply.mode.label()),
                    (Some(Rule::Form), None) => format!("{}.", reply.mode.label()),
                    (Some(rule), None) => {
                        format!(
                            "{}. Read as: {}.",
                            reply.mode.label(),
                            rule.label().to_lowercase()
                        )
                    }
                    (Some(_), Some(by)) => format!("{}, {by}.", reply.mode.label()),
                },
                superseded: reply.superseded.clone(),
                unread: reply.read_at.is_none(),
            })
            .collect(),
    }
}

pub async fn show_checkins(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<CaseId>,
) -> Result<Response> {
    let mut tx = app.read(&actor).await?;
    let case = cases::find_for(&mut tx, Action::SeeCase, id, None).await?;
    let today = tx.today();
    let checkins = store::of_case(&mut tx, id).await?;
    let asks = parameters_of_case(&mut tx, id).await?.checkins;
    tx.viewed(Entry::of(Event::CaseViewed).case(id).person(case.person_id));
    let page = CheckinsPage {
        page: page(
            &actor,
            format!("Check-ins: {}", case.person_name),
            "/people",
        ),
        lines: checkins
            .iter()
            .map(|checkin| line(&case, &checkins, checkin, today))
            .collect(),
        unread: checkins
            .iter()
            .any(|k| k.replies.iter().any(|r| r.read_at.is_none())),
        draft: drafts::new_id(&tx),
        asks,
        in_peace: message::wants_peace(&message::stopped(&mut tx, case.person_id).await?),
        case: case.clone(),
    };
    show(tx, page).await
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct ReadForm {
    draft: Option<DraftId>,
}

/// Writes down that whoever this transaction acts for has read what came.
pub async fn read_answers(tx: &mut WriteTx, case: &For<Case>) -> Result<()> {
    store::mark_read(tx, case.id).await?;
    tx.record(
        Entry::of(Event::CheckinRead)
            .case(case.id)
            .person(case.person_id),
    )
    .await
}

/// Somebody of the team has read what came.
pub async fn read(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<CaseId>,
    Form { form, .. }: Form<ReadForm>,
) -> Result<Response> {
    let here = format!("/cases/{id}/checkins");
    let mut tx = app.write(&actor).await?;
    let draft = form.draft.unwrap_or_else(|| drafts::new_id(&tx));
    if let Some(first) = drafts::claim(&mut tx, draft, &here).await? {
        return Ok(see_other(first).into_response());
    }
    let case = cases::find_for(&mut tx, Action::RecordAbsence, id, None).await?;
    read_answers(&mut tx, &case).await?;
    tx.commit().await?;
    Ok(see_other(here)
        .with_notice("Marked as read.")
        .into_response())
}
