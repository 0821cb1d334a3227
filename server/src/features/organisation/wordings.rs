//! What is read out or shown for each kind of consent: the newest version in use, earlier ones kept for the consents taken with them.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};

use super::store::{self, Programme};
use crate::{
    app::App,
    features::{audit, page},
    platform::{
        Error, Result,
        clock::day_of,
        db::{Reader, sql},
        drafts,
        web::{
            Actor, Both, Form, Meanwhile, Page, Shown, see_other, short_date, show, show_again,
            show_changed, typed_before,
        },
    },
    rules::{
        Choice,
        consent::Kind,
        event::Event,
        field::{self, FieldErrors},
        id::{DraftId, ProgrammeId},
        permission::Action,
    },
};

/// A kind of consent and the version of its wording in use: 0 where there is none yet.
#[derive(Debug, Clone)]
pub struct Newest {
    pub kind: Kind,
    pub version: i64,
}

pub async fn newest(tx: &mut Reader, programme: ProgrammeId) -> Result<Vec<Newest>> {
    let there = store::wordings(tx, programme).await?;
    Ok(Kind::ALL
        .iter()
        .map(|&kind| Newest {
            kind,
            version: there
                .iter()
                .find(|w| w.kind == kind)
                .map_or(0, |w| w.version),
        })
        .collect())
}

/// One version, as it was or is in use.
#[derive(Debug, Clone)]
struct Version {
    version: i64,
    words: String,
    made_on: String,
}

async fn versions(tx: &mut Reader, programme: ProgrammeId, kind: Kind) -> Result<Vec<Version>> {
    let rows = tx
        .all(
            sql("SELECT version, words, made_at FROM wordings WHERE programme_id = ? AND kind = ? ORDER BY version DESC LIMIT 100")
                .bind(programme)
                .bind(kind.code()),
        )
        .await?;
    rows.iter()
        .map(|row| {
            Ok(Version {
                version: row.get("version")?,
                words: row.get("words")?,
                made_on: short_date(day_of(row.get("made_at")?)),
            })
        })
        .collect()
}

#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct WordingForm {
    draft: Option<DraftId>,
    /// The version that was shown: of two people who change it at once, the second is told.
    version: Shown,
    words: String,
}

#[derive(Template)]
#[template(path = "organisation/wordings.html")]
struct WordingPage {
    page: Page,
    programme: Programme,
    kind: Kind,
    versions: Vec<Version>,
    form: WordingForm,
    errors: FieldErrors,
    draft: DraftId,
    saved_at: Option<String>,
    meanwhile: Option<Meanwhile>,
}

async fn wording_page(
    tx: &mut Reader,
    programme: Programme,
    kind: Kind,
    form: WordingForm,
    errors: FieldErrors,
    (draft, saved_at): (DraftId, Option<String>),
) -> Result<WordingPage> {
    let versions = versions(tx, programme.id, kind).await?;
    let version = versions.first().map_or(0, |v| v.version);
    let meanwhile = if !form.version.changed(version) {
        None
    } else {
        let said = |words: &str| vec![("What is read out or shown", words.to_owned())];
        let now = versions.first().map_or("", |v| v.words.as_str());
        let both = Both::each(said(&form.words), said(now));
        Some(audit::meanwhile_on(tx, programme.id, &[Event::ProgrammeChanged], both).await?)
    };
    Ok(WordingPage {
        meanwhile,
        page: Page {
            has_errors: !errors.is_empty(),
            ..page(
                tx.actor(),
                format!("Wording: {}", kind.label()),
                "/organisation",
            )
        },
        versions,
        programme,
        kind,
        form: WordingForm {
            version: form.version.on(version),
            ..form
        },
        errors,
        draft,
        saved_at,
    })
}

fn kind_of(code: &str) -> Result<Kind> {
    Kind::from_code(code).ok_or(Error::NotFound)
}

pub async fn ask(
    State(app): State<App>,
    actor: Actor,
    Path((id, kind)): Path<(ProgrammeId, String)>,
) -> Result<Response> {
    actor.must(Action::KeepOrganisations)?;
    let kind = kind_of(&kind)?;
    let mut tx = app.read(&actor).await?;
    let programme = store::programme(&mut tx, id).await?;
    let here = format!("/organisation/programmes/{id}/wordings/{}", kind.code());
    let before = typed_before::<WordingForm>(&mut tx, &here).await?;
    let newest = versions(&mut tx, id, kind).await?.into_iter().next();
    let version = newest.as_ref().map_or(0, |v| v.version);
    let form = before.form.unwrap_or_else(|| WordingForm {
        version: version.into(),
        words: newest.map(|v| v.words).unwrap_or_default(),
        ..WordingForm::default()
    });
    let kept = (before.draft, before.saved_at);
    let none = FieldErrors::default();
    let page = wording_page(&mut tx, programme, kind, form, none, kept).await?;
    show(tx, page).await
}

pub async fn submit(
    State(app): State<App>,
    actor: Actor,
    Path((id, kind)): Path<(ProgrammeId, String)>,
    Form { form, .. }: Form<WordingForm>,
) -> Result<Response> {
    actor.must(Action::KeepOrganisations)?;
    let kind = kind_of(&kind)?;
    let here = format!("/organisation/programmes/{id}/wordings/{}", kind.code());
    let mut tx = app.write(&actor).await?;
    let draft = form.draft.unwrap_or_else(|| drafts::new_id(&tx));
    if let Some(first) = drafts::claim(&mut tx, draft, &here).await? {
        return Ok(see_other(first).into_response());
    }
    let programme = store::programme(&mut tx, id).await?;
    let newest = versions(&mut tx, id, kind).await?.into_iter().next();
    if form.version != newest.as_ref().map_or(0, |v| v.version) {
        drop(tx);
        let mut tx = app.read(&actor).await?;
        let (none, again) = (FieldErrors::default(), (draft, None));
        let page = wording_page(&mut tx, programme, kind, form, none, again).await?;
        return show_changed(tx, page).await;
    }
    let checked = field::text(&form.words, "Enter what is read out or shown").and_then(|words| {
        if newest.is_some_and(|v| v.words == words) {
            Err("This is the wording in use already. Change it, or leave it.".to_owned())
        } else {
            Ok(words)
        }
    });
    match checked {
        Ok(words) => {
            store::add_wording(&mut tx, id, kind, &words).await?;
            tx.commit().await?;
            Ok(see_other(here)
                .with_notice("New version added. It is used from now on.")
                .into_response())
        }
        Err(sentence) => {
            drop(tx);
            let mut tx = app.read(&actor).await?;
            let errors = FieldErrors::one("words", sentence);
            let page = wording_page(&mut tx, programme, kind, form, errors, (draft, None)).await?;
            show_again(tx, page).await
        }
    }
}
