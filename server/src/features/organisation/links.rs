//! A practice's own referral links: made, shown once, revoked. Who has the link can refer without an account.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::{Html, IntoResponse, Response},
};
use serde::{Deserialize, Serialize};

use super::{directory, store};
use crate::{
    app::App,
    features::{
        page,
        referral::{make_referral_link, revoke_referral_link},
    },
    platform::{
        Error, Result,
        clock::day_of,
        db::{Reader, sql},
        drafts,
        web::{Actor, Form, Page, see_other, short_date, show, show_again, typed_before},
    },
    rules::{
        field::{self, FieldErrors},
        id::{DraftId, PracticeId, ProgrammeId, ReferralLinkId},
        permission::Action,
    },
};

/// A link as it is listed: its token is nowhere, only the token's hash is kept.
#[derive(Debug, Clone)]
pub struct ReferralLink {
    pub id: ReferralLinkId,
    pub label: String,
    pub programme: String,
    pub made_by: String,
    pub made_on: String,
    pub revoked_on: Option<String>,
}

async fn links_of(tx: &mut Reader, practice: PracticeId) -> Result<Vec<ReferralLink>> {
    let rows = tx
        .all(
            sql("SELECT l.id, l.label, g.name AS programme, a.name AS made_by, l.made_at, l.revoked_at FROM referral_links l \
                 JOIN programmes g ON g.id = l.programme_id JOIN accounts a ON a.id = l.made_by WHERE l.practice_id = ? \
                 ORDER BY l.made_at DESC, l.id DESC LIMIT 100")
            .bind(practice),
        )
        .await?;
    rows.iter()
        .map(|row| {
            Ok(ReferralLink {
                id: row.get("id")?,
                label: row.get("label")?,
                programme: row.get("programme")?,
                made_by: row.get("made_by")?,
                made_on: short_date(day_of(row.get("made_at")?)),
                revoked_on: row.optional("revoked_at")?.map(|at| short_date(day_of(at))),
            })
        })
        .collect()
}

#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct LinkForm {
    draft: Option<DraftId>,
    label: String,
    programme: String,
}

#[derive(Template)]
#[template(path = "organisation/links.html")]
struct LinksPage {
    page: Page,
    practice: directory::PracticeRow,
    links: Vec<ReferralLink>,
    programmes: Vec<(String, String)>,
    form: LinkForm,
    errors: FieldErrors,
    draft: DraftId,
    saved_at: Option<String>,
}

async fn programme_choices(tx: &mut Reader, practice: PracticeId) -> Result<Vec<(String, String)>> {
    Ok(store::programmes_for(tx, practice)
        .await?
        .into_iter()
        .map(|g| (g.id.to_string(), g.name))
        .collect())
}

async fn links_page(
    tx: &mut Reader,
    practice: PracticeId,
    form: LinkForm,
    errors: FieldErrors,
    draft: DraftId,
    saved_at: Option<String>,
) -> Result<LinksPage> {
    let practice = directory::practice(tx, practice).await?;
    Ok(LinksPage {
        page: Page {
            has_errors: !errors.is_empty(),
            ..page(
                tx.actor(),
                format!("Referral links: {}", practice.name),
                "/organisation",
            )
        },
        links: links_of(tx, practice.id).await?,
        programmes: programme_choices(tx, practice.id).await?,
        practice,
        form,
        errors,
        draft,
        saved_at,
    })
}

pub async fn ask(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<PracticeId>,
) -> Result<Response> {
    actor.must(Action::KeepReferralLinks)?;
    let mut tx = app.read(&actor).await?;
    let here = format!("/organisation/practices/{id}/links");
    let before = typed_before::<LinkForm>(&mut tx, &here).await?;
    let form = before.form.unwrap_or_default();
    let none = FieldErrors::default();
    let page = links_page(&mut tx, id, form, none, before.draft, before.saved_at).await?;
    show(tx, page).await
}

#[derive(Template)]
#[template(path = "organisation/link_made.html")]
struct MadePage {
    page: Page,
    practice: directory::PracticeRow,
    label: String,
    address: String,
}

pub async fn submit(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<PracticeId>,
    Form { form, .. }: Form<LinkForm>,
) -> Result<Response> {
    actor.must(Action::KeepReferralLinks)?;
    let here = format!("/organisation/practices/{id}/links");
    let mut tx = app.write(&actor).await?;
    let draft = form.draft.unwrap_or_else(|| drafts::new_id(&tx));
    if let Some(first) = drafts::claim(&mut tx, draft, &here).await? {
        return Ok(see_other(first).into_response());
    }
    let practice = directory::practice(&mut tx, id).await?;
    let mut errors = FieldErrors::default();
    let label = errors.take(
        "label",
        field::line(
            &form.label,
            "Enter who the link is for, like \u{201c}reception\u{201d}",
        ),
    );
    let covering = programme_choices(&mut tx, id).await?;
    let programme: Option<ProgrammeId> = covering
        .iter()
        .find(|(programme, _)| *programme == form.programme)
        .and_then(|(programme, _)| programme.parse().ok());
    if programme.is_none() {
        errors.add(
            "programme",
            if covering.is_empty() {
                "No programme covers this practice today. Add it to a programme first."
            } else {
                "Choose the programme"
            },
        );
    }
    let (Some(label), Some(programme)) = (label, programme) else {
        drop(tx);
        let mut tx = app.read(&actor).await?;
        let page = links_page(&mut tx, id, form, errors, draft, None).await?;
        return show_again(tx, page).await;
    };
    let (_, token) = make_referral_link(&mut tx, id, programme, &label).await?;
    tx.commit().await?;
    let made = MadePage {
        page: page(&actor, "Referral link made", "/organisation"),
        practice,
        label,
        address: format!("{}/r/{token}", app.config.public_url),
    };
    Ok(Html(made.render()?).into_response())
}

pub async fn revoke(
    State(app): State<App>,
    actor: Actor,
    Path((id, link)): Path<(PracticeId, ReferralLinkId)>,
) -> Result<Response> {
    actor.must(Action::KeepReferralLinks)?;
    let mut tx = app.write(&actor).await?;
    let known = links_of(&mut tx, id).await?;
    let link = known.iter().find(|l| l.id == link).ok_or(Error::NotFound)?;
    if link.revoked_on.is_none() {
        revoke_referral_link(&mut tx, link.id).await?;
        tx.commit().await?;
    }
    Ok(see_other(format!("/organisation/practices/{id}/links"))
        .with_notice("Link revoked. It opens nothing any more.")
        .into_response())
}
