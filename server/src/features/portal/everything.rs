//! Everything that is held of a person, put together for the mentor who looks through it, and kept as it was looked through.

use axum::{
    extract::{Path, Query, State},
    response::Response,
};
use serde::{Deserialize, Serialize};

use super::{
    Item, Me, Part,
    access::{self, Request},
    copy::CopyFile,
    record::shared_parts,
};
use crate::{
    app::App,
    features::{
        assessment, audit,
        caseload::{
            self,
            store::{self as cases, Case},
        },
        checkin, contact, fit_note, message, plan, questionnaire, referral, release, safety,
    },
    platform::{
        Error, Result,
        audit::Entry,
        db::{ReadTx, Reader, sql},
        messages::{ENGLISH, said, speak},
        web::{Actor, Print, said_date},
    },
    rules::{
        event::Event,
        id::{AccessRequestId, CaseId},
        permission::Action,
    },
};

/// Everything that is held of a person in this case, and whether it is: a complaint about this mentor is another mentor's to look through.
///
/// Who looked is told up to the moment in which the request was written down: looking through it is not a change to what is looked through.
pub(super) async fn everything(
    tx: &mut Reader,
    case: &Case,
    request: &Request,
) -> Result<(Vec<Part>, bool)> {
    let (complaints, whole) = safety::every_complaint(tx, case.id).await?;
    let of = (case.id, case.person_id);
    let referral = referral::every_item(tx, case.referral_id).await?;
    let assessment = assessment::every_item(tx, case.id).await?;
    let fit_notes = fit_note::every_item(tx, case.id).await?;
    let working = contact::every_working_note(tx, case.id).await?;
    let safety = safety::every_item(tx, case.id).await?;
    let documents = release::every_item(tx, case.id).await?;
    let messages = message::every_item(tx, of).await?;
    let looks = audit::every_look(tx, of, request.recorded_at).await?;
    let support = caseload::every_item(tx, case.id).await?;
    let plan = plan::every_other_item(tx, case.id).await?;
    let calls = contact::every_planned_contact(tx, case.id).await?;
    let mut others = questionnaire::every_other_item(tx, case.id).await?;
    others.extend(checkin::every_other_item(tx, case.id).await?);
    let more: [(&str, &str, Vec<Item>); 13] = [
        ("referral", "Referral", referral),
        ("support", "How the support went", support),
        ("assessment", "Assessment", assessment),
        ("plan_history", "What happened with the plan", plan),
        ("planned", "Calls that were planned", calls),
        (
            "others",
            "Other answers, not seen by the whole team",
            others,
        ),
        ("fit_notes", "Fit notes", fit_notes),
        ("working", "Working notes", working),
        ("safety", "Safety", safety),
        ("complaints", "Complaints and harms", complaints),
        ("documents", "Documents for others", documents),
        ("messages", "Messages", messages),
        ("looked", "Who looked at the record or changed it", looks),
    ];
    let mut parts = shared_parts(tx, case).await?;
    parts.extend(more.into_iter().map(|(key, title, items)| Part {
        key: key.to_owned(),
        title: title.to_owned(),
        items,
    }));
    Ok((parts, whole))
}

/// A copy as it was looked through: nothing is put together again when it is given.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Content {
    pub parts: Vec<Part>,
    pub left_out: Vec<(String, String)>,
}

/// It was put together in English, and so is what stands around it.
async fn copy(tx: &mut Reader, case: &Case, id: AccessRequestId) -> Result<CopyFile> {
    speak(ENGLISH);
    let content: Content = tx
        .one(sql("SELECT content FROM access_requests WHERE id = ?").bind(id))
        .await?
        .json("content")?;
    Ok(CopyFile {
        title: said("own_record.everything_title"),
        name: case.person_name.clone(),
        made: said_date(tx.today()),
        parts: content.parts,
        left_out: content.left_out,
    })
}

/// What was given to the person on their own pages, and that they take it away.
async fn own(app: &App, me: &Me, id: AccessRequestId) -> Result<(ReadTx, CopyFile)> {
    let mut tx = app.read(&me.actor).await?;
    let case = cases::find_own(&mut tx).await?;
    let request = access::one(&mut tx, me.case, id).await?;
    if request.given.is_none() || !request.on_own_pages {
        return Err(Error::NotFound);
    }
    tx.viewed(me.entry(Event::PortalDownloaded).subject(id));
    let copy = copy(&mut tx, &case, id).await?;
    Ok((tx, copy))
}

pub async fn own_to_read(
    State(app): State<App>,
    me: Me,
    Path(id): Path<AccessRequestId>,
) -> Result<Response> {
    let (tx, copy) = own(&app, &me, id).await?;
    let answer = copy.to_read()?;
    tx.finish().await?;
    Ok(answer)
}

pub async fn own_as_pdf(
    State(app): State<App>,
    me: Me,
    Path(id): Path<AccessRequestId>,
    Query(print): Query<Print>,
) -> Result<Response> {
    let (tx, copy) = own(&app, &me, id).await?;
    tx.finish().await?;
    copy.to_print(&print).await
}

/// What was looked through, for the mentor who gives it on paper.
async fn looked_through(
    app: &App,
    actor: &Actor,
    (id, request): (CaseId, AccessRequestId),
) -> Result<(ReadTx, CopyFile)> {
    let mut tx = app.read(actor).await?;
    let case = cases::find_for(&mut tx, Action::ReviewAccess, id, None).await?;
    let request = access::one(&mut tx, id, request).await?;
    if !request.reviewed {
        return Err(Error::NotFound);
    }
    // Another mentor looked through it, and left in what was said about this one.
    let (_, whole) = safety::every_complaint(&mut tx, case.id).await?;
    if !whole {
        return Err(Error::Forbidden);
    }
    tx.viewed(
        Entry::of(Event::AccessViewed)
            .case(id)
            .person(case.person_id)
            .subject(request.id),
    );
    let copy = copy(&mut tx, &case, request.id).await?;
    Ok((tx, copy))
}

pub async fn to_read(
    State(app): State<App>,
    actor: Actor,
    Path(which): Path<(CaseId, AccessRequestId)>,
) -> Result<Response> {
    let (tx, copy) = looked_through(&app, &actor, which).await?;
    let answer = copy.to_read()?;
    tx.finish().await?;
    Ok(answer)
}

pub async fn as_pdf(
    State(app): State<App>,
    actor: Actor,
    Path(which): Path<(CaseId, AccessRequestId)>,
    Query(print): Query<Print>,
) -> Result<Response> {
    let (tx, copy) = looked_through(&app, &actor, which).await?;
    tx.finish().await?;
    copy.to_print(&print).await
}
