//! One case on one page: the banner, the story newest first, and what else is known.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::Response,
};

use super::{
    fold::{Part, folded},
    store::{self, Case},
    written::{Head, head},
};
use crate::{
    app::App,
    features::{
        absence, assessment, checkin, consent, contact, fit_note, page, person, plan,
        questionnaire, referral, release, safety,
    },
    platform::{
        Result,
        audit::Entry,
        clock::day_of,
        db::{Reader, sql},
        web::{Actor, Page, said_instant, short_date, show},
    },
    rules::{
        Choice,
        caseload::{Status, lasts_too_long},
        consent::{Decision, Kind, in_force, may_support},
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
    story: Vec<Part>,
    next: Option<String>,
    next_is_past: bool,
    worker: Option<String>,
    /// The weeks that the programme plans for at most, where an open case has passed them.
    too_long: Option<i64>,
    /// Who covers today, and until when.
    cover: Option<String>,
    note: Option<String>,
    /// What fit notes come to today.
    fit_notes: fit_note::Cover,
    consented: bool,
    consents: Vec<(Kind, &'static str)>,
    questionnaires: Vec<(String, String)>,
    time_off: absence::Card,
    plan: plan::Card,
    documents: Vec<release::CaseLine>,
    /// What check-ins say, in a line each.
    checkins: Vec<String>,
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
    let Head {
        person,
        referral,
        written,
    } = head(&mut tx, id).await?;
    let consent = consent::on_case(&mut tx, &case).await?;
    let fit_notes = fit_note::on_case(&mut tx, &case, written.fit_notes).await?;
    let mut story = match written.changed_plans {
        true => contact::changed_plans(&mut tx, &case).await?,
        false => vec![],
    };
    story.extend(contact::story(&mut tx, &case, written.notes_apart).await?);
    let mut cover = None;
    if written.moved_on {
        story.extend(super::story::story(&mut tx, &case).await?);
        cover = covered(&mut tx, id).await?;
    }
    story.extend(fit_notes.story);
    story.extend(consent.story);
    let assessment = match written.assessment {
        true => assessment::on_case(&mut tx, &case).await?,
        false => assessment::OnCase::default(),
    };
    story.extend(assessment.story);
    if written.concerns {
        story.extend(safety::story(&mut tx, &case).await?);
    }
    story.extend(referral::story(&mut tx, &case, referral, written.amended).await?);
    let questionnaires = match written.questionnaires {
        true => questionnaire::on_case(&mut tx, &case).await?,
        false => questionnaire::OnCase::default(),
    };
    story.extend(questionnaires.story);
    let time_off = match written.time_off {
        true => absence::on_case(&mut tx, &case).await?,
        false => absence::OnCase::default(),
    };
    story.extend(time_off.story);
    let plan = match written.plan {
        true => plan::on_case(&mut tx, id).await?,
        false => plan::OnCase::default(),
    };
    story.extend(plan.story);
    let documents = match written.documents {
        true => release::on_case(&mut tx, &case).await?,
        false => release::OnCase::default(),
    };
    story.extend(documents.story);
    let checkins = match written.checkins {
        true => checkin::on_case(&mut tx, id).await?,
        false => checkin::OnCase::default(),
    };
    story.extend(checkins.story);
    // Newest first; of one moment, in the order above.
    story.sort_by_key(|item| std::cmp::Reverse(item.at));
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
        fit_notes: fit_notes.cover,
        too_long: written.maximum_weeks.filter(|weeks| {
            case.status != Status::Closed && lasts_too_long(day_of(case.accepted_at), today, *weeks)
        }),
        consented: may_support(&consent.records),
        consents: [
            Kind::TakePart,
            Kind::ShareWithGp,
            Kind::ShareWithEmployer,
            Kind::ThreeWay,
            Kind::Research,
        ]
        .into_iter()
        .map(|kind| {
            (
                kind,
                match in_force(&consent.records, kind) {
                    None => "not asked yet",
                    Some(Decision::Given) => "yes",
                    Some(Decision::Refused) => "no",
                    Some(Decision::Withdrawn) => "withdrawn",
                },
            )
        })
        .collect(),
        questionnaires: questionnaires.latest,
        time_off: time_off.card,
        plan: plan.card,
        documents: documents.card,
        checkins: checkins.lines,
        may: May {
            assign: actor.may(Action::AssignCase),
        },
        assessment: assessment.summary,
        case: case.clone(),
        person: person::Shown::of(&person),
        story: folded(story),
        worker: written.worker,
        cover,
    };
    show(tx, page).await
}

/// "Priya Shah covers until 4 December", on a day of cover.
async fn covered(tx: &mut Reader, case: CaseId) -> Result<Option<String>> {
    let today = tx.today();
    tx.maybe(
        sql("SELECT a.name, h.until_on FROM handovers h JOIN accounts a ON a.id = h.to_worker WHERE h.case_id = ? AND h.kind = 'cover' \
             AND h.ended_at IS NULL AND h.from_on <= ? AND h.until_on >= ? ORDER BY h.made_at DESC LIMIT 1")
        .bind(case)
        .bind(today)
        .bind(today),
    )
    .await?
    .map(|row| {
        Ok(format!(
            "{} covers until {}",
            row.get::<String>("name")?,
            short_date(row.get("until_on")?)
        ))
    })
    .transpose()
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
