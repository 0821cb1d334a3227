//! One case on one page: the banner, the story newest first, and what else is known.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::Response,
};

use super::{
    StoryItem,
    store::{self, Case},
};
use crate::{
    app::App,
    features::{
        assessment, consent, contact, fit_note, page, person, plan, questionnaire, referral, safety,
    },
    platform::{
        Result,
        audit::Entry,
        db::sql,
        web::{Actor, Page, said_instant, short_date, show},
    },
    rules::{
        Choice,
        caseload::Status,
        consent::{Kind, agrees, may_support},
        event::Event,
        id::CaseId,
        permission::Action,
    },
};

#[derive(Template)]
#[template(path = "caseload/case.html")]
struct CasePage {
    page: Page,
    case: Case,
    person: person::Shown,
    story: Vec<StoryItem>,
    next: Option<String>,
    next_is_past: bool,
    worker: Option<String>,
    /// Who covers today, and until when.
    cover: Option<String>,
    note: Option<String>,
    /// What fit notes come to today.
    fit_notes: fit_note::Cover,
    consented: bool,
    consents: Vec<(Kind, &'static str)>,
    questionnaires: Vec<(String, String)>,
    plan: plan::Card,
    may: May,
    assessment: assessment::Summary,
}

/// What the actor may do here, so that the page offers no more.
struct May {
    assign: bool,
}

pub async fn show_case(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<CaseId>,
) -> Result<Response> {
    let mut tx = app.read(&actor).await?;
    let case = store::find_for(&mut tx, Action::SeeCase, id, None).await?;
    let (today, now) = (tx.today(), tx.now());
    let person = person::shown(&mut tx, case.person_id).await?;
    let records = consent::records(&mut tx, id).await?;
    let mut story = contact::story(&mut tx, &case).await?;
    story.extend(super::story::story(&mut tx, &case).await?);
    story.extend(fit_note::story(&mut tx, &case).await?);
    story.extend(consent::story(&mut tx, &case).await?);
    story.extend(assessment::story(&mut tx, &case).await?);
    story.extend(safety::story(&mut tx, &case).await?);
    story.extend(referral::story(&mut tx, &case).await?);
    story.extend(questionnaire::story(&mut tx, &case).await?);
    story.extend(plan::story(&mut tx, &case).await?);
    story.sort_by_key(|item| std::cmp::Reverse(item.at));
    let cover = tx
        .maybe(
            sql("SELECT a.name, h.until_on FROM handovers h JOIN accounts a ON a.id = h.to_worker WHERE h.case_id = ? AND h.kind = 'cover' \
                 AND h.ended_at IS NULL AND h.from_on <= ? AND h.until_on >= ? ORDER BY h.made_at DESC LIMIT 1")
            .bind(id)
            .bind(today)
            .bind(today),
        )
        .await?
        .map(|row| {
            Ok::<_, crate::platform::Error>(format!(
                "{} covers until {}",
                row.get::<String>("name")?,
                short_date(row.get("until_on")?)
            ))
        })
        .transpose()?;
    let worker = match case.worker_id {
        Some(worker) => tx
            .maybe(sql("SELECT name FROM accounts WHERE id = ?").bind(worker))
            .await?
            .map(|r| r.get("name"))
            .transpose()?,
        None => None,
    };
    tx.viewed(Entry::of(Event::CaseViewed).case(id).person(case.person_id));
    let page = CasePage {
        page: page(
            &actor,
            case.person_name.clone(),
            if case.worker_id == actor.account_id() {
                "/people"
            } else {
                "/cases"
            },
        ),
        next: case.next_contact_at.map(|at| said_instant(at, today)),
        next_is_past: case.next_contact_at.is_some_and(|at| at < now),
        note: case
            .note_until_on
            .map(|until| note_words((until - today).num_days())),
        fit_notes: fit_note::cover(&mut tx, &case).await?,
        consented: may_support(&records),
        consents: [
            Kind::TakePart,
            Kind::ShareWithGp,
            Kind::ShareWithEmployer,
            Kind::Research,
        ]
        .into_iter()
        .map(|kind| (kind, if agrees(&records, kind) { "yes" } else { "no" }))
        .collect(),
        questionnaires: questionnaire::latest(&mut tx, &case).await?,
        plan: plan::card(&mut tx, id).await?,
        may: May {
            assign: actor.may(Action::AssignCase),
        },
        assessment: assessment::summary(&mut tx, id).await?,
        case: case.clone(),
        person,
        story,
        worker,
        cover,
    };
    show(tx, page).await
}

/// How long the fit note still lasts.
fn note_words(days: i64) -> String {
    match days {
        1 => "1 day left".to_owned(),
        0 => "ends today".to_owned(),
        d if d > 0 => format!("{d} days left"),
        -1 => "ended yesterday".to_owned(),
        d => format!("ended {} days ago", -d),
    }
}
