//! What a person agreed to, on their own pages: each thing on its own, given and taken back as easily.

use std::ops::ControlFlow;

use askama::Template;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use serde::Deserialize;

use super::{
    default_words,
    record::{NewConsent, record_consent},
    store,
    withdraw::withdraw_consent,
};
use crate::{
    app::App,
    features::{
        caseload::store::{self as cases, Case},
        organisation::store as organisation,
        portal::{Begun, Item, Me, begin, in_words, must_go_on},
    },
    platform::{
        Error, Result,
        clock::day_of,
        db::Reader,
        messages::{phrase, said},
        web::{Form, Page, said_date, see_other, show, show_again},
    },
    rules::{
        Choice,
        caseload::Status,
        consent::{self as rule, Decision, Kind, Mode, Record, agrees, in_force},
        field::FieldErrors,
        id::DraftId,
    },
};

/// What can be decided here, in the order of the page.
const ASKED: &[Kind] = &[
    Kind::TakePart,
    Kind::Contact,
    Kind::ShareWithGp,
    Kind::ShareWithEmployer,
    Kind::ThreeWay,
    Kind::Research,
];

/// One thing, as it stands now.
struct Line {
    kind: Kind,
    title: &'static str,
    now: String,
}

#[derive(Template)]
#[template(path = "consent/mine.html")]
struct ListPage {
    page: Page,
    lines: Vec<Line>,
    open: bool,
}

/// One thing to decide.
#[derive(Template)]
#[template(path = "consent/mine_one.html")]
struct OnePage {
    page: Page,
    kind: Kind,
    title: &'static str,
    words: String,
    /// What was not told yet and has to be first: a heading and the words of each.
    to_tell: Vec<(&'static str, String)>,
    agrees: bool,
    refused: bool,
    /// What ends together with it.
    with_it: Vec<&'static str>,
    open: bool,
    errors: FieldErrors,
    draft: DraftId,
    wordings: String,
}
in_words!(ListPage, OnePage);

fn title(kind: Kind) -> &'static str {
    match kind {
        Kind::PrivacyNotice => said("own_consent.privacy_notice"),
        Kind::Limits => said("own_consent.limits"),
        Kind::TakePart => said("own_consent.take_part"),
        Kind::Contact => said("own_consent.contact"),
        Kind::Research => said("own_consent.research"),
        Kind::ShareWithGp => said("own_consent.share_gp"),
        Kind::ShareWithEmployer => said("own_consent.share_employer"),
        Kind::ThreeWay => said("own_consent.three_way"),
    }
}

/// "Yes, since Friday 20 November 2026".
fn stands(records: &[Record], kind: Kind) -> String {
    let newest = records
        .iter()
        .filter(|r| r.kind == kind)
        .map(|r| r.at)
        .max();
    let answer = match in_force(records, kind) {
        Some(Decision::Given) => said("own_consent.yes_since"),
        Some(Decision::Refused) => said("own_consent.no_since"),
        Some(Decision::Withdrawn) => said("own_consent.stopped_on"),
        None => return said("own_consent.not_asked").to_owned(),
    };
    newest.map_or_else(
        || answer.to_owned(),
        |at| format!("{answer} {}", said_date(day_of(at))),
    )
}

pub async fn list(State(app): State<App>, me: Me) -> Result<Response> {
    let mut tx = app.read(&me.actor).await?;
    let case = cases::find_own(&mut tx).await?;
    let records = store::records(&mut tx, me.case).await?;
    tx.viewed(me.viewed());
    let page = ListPage {
        page: me.page(said("own_consent.title")),
        lines: ASKED
            .iter()
            .map(|&kind| Line {
                kind,
                title: title(kind),
                now: stands(&records, kind),
            })
            .collect(),
        open: case.status != Status::Closed,
    };
    show(tx, page).await
}

fn asked(code: &str) -> Result<Kind> {
    Kind::from_code(code)
        .filter(|kind| ASKED.contains(kind))
        .ok_or(Error::NotFound)
}

async fn one_page(
    tx: &mut Reader,
    me: &Me,
    case: &Case,
    kind: Kind,
    errors: FieldErrors,
    draft: DraftId,
) -> Result<OnePage> {
    let records = store::records(tx, me.case).await?;
    let programme = organisation::programme(tx, case.programme_id).await?;
    let wordings = organisation::wordings(tx, case.programme_id).await?;
    let words = |kind: Kind| {
        wordings.iter().find(|w| w.kind == kind).map_or_else(
            || default_words(kind, programme.parameters.employed_by).to_owned(),
            |w| w.words.clone(),
        )
    };
    let to_tell = [Kind::PrivacyNotice, Kind::Limits]
        .into_iter()
        .filter(|told| kind == Kind::TakePart && !agrees(&records, *told))
        .map(|told| (title(told), words(told)))
        .collect();
    Ok(OnePage {
        page: Page {
            has_errors: !errors.is_empty(),
            ..me.page(title(kind))
        },
        kind,
        title: title(kind),
        words: words(kind),
        to_tell,
        agrees: agrees(&records, kind),
        refused: in_force(&records, kind) == Some(Decision::Refused),
        with_it: rule::withdraw(&records, kind)
            .unwrap_or_default()
            .into_iter()
            .filter(|k| *k != kind)
            .map(title)
            .collect(),
        open: case.status != Status::Closed,
        errors,
        draft,
        wordings: ids(&wordings),
    })
}

/// The wordings that stand on the page, as one text to compare.
fn ids(wordings: &[organisation::Wording]) -> String {
    let ids: Vec<String> = wordings.iter().map(|w| w.id.to_string()).collect();
    ids.join(",")
}

pub async fn ask(State(app): State<App>, me: Me, Path(code): Path<String>) -> Result<Response> {
    let kind = asked(&code)?;
    let mut tx = app.read(&me.actor).await?;
    let case = cases::find_own(&mut tx).await?;
    let draft = tx.new_id();
    tx.viewed(me.viewed());
    let page = one_page(&mut tx, &me, &case, kind, FieldErrors::default(), draft).await?;
    show(tx, page).await
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct DecideForm {
    draft: Option<DraftId>,
    decision: String,
    read: String,
    wordings: String,
}

pub async fn submit(
    State(app): State<App>,
    me: Me,
    Path(code): Path<String>,
    Form { form, .. }: Form<DecideForm>,
) -> Result<Response> {
    let kind = asked(&code)?;
    let Begun {
        mut tx,
        case,
        draft,
    } = match begin(&app, &me, form.draft, "/me/consents").await? {
        ControlFlow::Continue(begun) => begun,
        ControlFlow::Break(answer) => return Ok(answer),
    };
    if form.decision == "withdraw" {
        // As easy as giving it, and also when the support has ended.
        withdraw_consent(&mut tx, &case, kind, Mode::Online, None).await?;
        tx.commit().await?;
        return Ok(see_other("/me/consents")
            .with_notice(said("own_consent.withdrawn"))
            .into_response());
    }
    must_go_on(&case)?;
    let records = store::records(&mut tx, me.case).await?;
    let wordings = organisation::wordings(&mut tx, case.programme_id).await?;
    let mut errors = FieldErrors::default();
    let mut answers = vec![];
    match form.decision.as_str() {
        "yes" => {
            if kind == Kind::TakePart {
                let untold = [Kind::PrivacyNotice, Kind::Limits]
                    .into_iter()
                    .filter(|told| !agrees(&records, *told));
                answers.extend(untold.map(|told| (told, Decision::Given)));
                if !answers.is_empty() && form.read != "yes" {
                    errors.add("read", said("own_consent.read_missing"));
                }
            }
            answers.push((kind, Decision::Given));
        }
        "no" => answers.push((kind, Decision::Refused)),
        _ => errors.add("decision", said("own_consent.missing")),
    }
    if errors.is_empty() && form.wordings != ids(&wordings) {
        errors.add("decision", said("own_consent.reworded"));
    }
    if !errors.is_empty() {
        drop(tx);
        let mut tx = app.read(&me.actor).await?;
        tx.viewed(me.viewed());
        let page = one_page(&mut tx, &me, &case, kind, errors, draft).await?;
        return show_again(tx, page).await;
    }
    let new = NewConsent {
        mode: Mode::Online,
        answers,
        note: None,
        at: None,
    };
    record_consent(&mut tx, &case, new).await?;
    tx.commit().await?;
    Ok(see_other("/me/consents")
        .with_notice(said("own_consent.saved"))
        .into_response())
}

/// Every decision of a case, for a copy that the person takes away.
pub async fn own_items(tx: &mut Reader, case: crate::rules::id::CaseId) -> Result<Vec<Item>> {
    let history = store::history(tx, case).await?;
    Ok(history
        .into_iter()
        .map(|taken| {
            Item::new(
                said_date(day_of(taken.at)),
                title(taken.kind),
                format!(
                    "{}. {}. {}.",
                    phrase(taken.decision.label()),
                    phrase(taken.mode.label()),
                    taken.by
                ),
            )
        })
        .collect())
}
