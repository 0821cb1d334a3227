//! A practice's own referral link: made, revoked, and the page behind it, which needs no account.

use axum::{
    extract::{Path, State},
    response::Response,
};

use super::{
    form::ReferralForm,
    public,
    refer::{Offer, ReferPage},
};
use crate::{
    app::App,
    features::{identity::Visitor, organisation::store::programmes_for},
    platform::{
        Error, Result,
        audit::Entry,
        db::{Reader, Sql, WriteTx, sql},
        random::token_hash,
        web::{Form, Page, show},
    },
    rules::{
        event::Event,
        field::FieldErrors,
        id::{PracticeId, ProgrammeId, ReferralLinkId},
        organisation::Route,
        permission::Action,
    },
};

/// Makes a link for a practice and a programme. The token is shown once: only its hash is kept. The page is `/r/{token}`.
pub async fn make_referral_link(
    tx: &mut WriteTx,
    practice: PracticeId,
    programme: ProgrammeId,
    label: &str,
) -> Result<(ReferralLinkId, String)> {
    let by = tx.actor().must(Action::KeepReferralLinks)?.id;
    let (id, token, now): (ReferralLinkId, _, _) = (tx.new_id(), tx.random().token(), tx.now());
    tx.change(Sql::insert(
        "referral_links",
        [
            ("id", id.into()),
            ("practice_id", practice.into()),
            ("programme_id", programme.into()),
            ("token_hash", token_hash(&token).into()),
            ("label", label.into()),
            ("made_by", by.into()),
            ("made_at", now.into()),
        ],
    ))
    .await?;
    tx.record(Entry::of(Event::ReferralLinkMade).subject(id))
        .await?;
    Ok((id, token))
}

/// Revokes a link, at once: its page is no longer there. 404 where there is no such link; one that is revoked already stays so.
pub async fn revoke_referral_link(tx: &mut WriteTx, id: ReferralLinkId) -> Result<()> {
    tx.actor().must(Action::KeepReferralLinks)?;
    tx.maybe(sql("SELECT id FROM referral_links WHERE id = ?").bind(id))
        .await?
        .ok_or(Error::NotFound)?;
    let now = tx.now();
    tx.change(
        sql("UPDATE referral_links SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL")
            .bind(now)
            .bind(id),
    )
    .await?;
    tx.record(Entry::of(Event::ReferralLinkRevoked).subject(id))
        .await
}

/// The link that a token opens, and what it offers today.
async fn open(tx: &mut Reader, token: &str) -> Result<(PracticeId, Offer)> {
    let row = tx
        .maybe(
            sql("SELECT l.practice_id, l.programme_id, p.name FROM referral_links l JOIN practices p ON p.id = l.practice_id \
                 WHERE l.token_hash = ? AND l.revoked_at IS NULL")
            .bind(token_hash(token)),
        )
        .await?
        .ok_or(Error::LinkGone)?;
    let (practice, programme): (PracticeId, ProgrammeId) =
        (row.get("practice_id")?, row.get("programme_id")?);
    let mut programmes = programmes_for(tx, practice).await?;
    programmes.retain(|p| p.id == programme && p.parameters.routes.contains(&Route::Practice));
    let offer = Offer {
        action: format!("/r/{token}"),
        heading: format!("Refer a patient from {}", row.get::<String>("name")?),
        programmes,
        routes: vec![Route::Practice],
        asks_sender: true,
        clinician: true,
    };
    Ok((practice, offer))
}

pub async fn ask(
    State(app): State<App>,
    visitor: Visitor,
    Path(token): Path<String>,
) -> Result<Response> {
    let mut tx = app.read(&visitor.actor).await?;
    let (_, offer) = open(&mut tx, &token).await?;
    let draft = tx.new_id();
    let page = ReferPage::new(
        Page::public(offer.heading.clone()),
        offer,
        ReferralForm::default(),
        FieldErrors::default(),
        draft,
    );
    show(tx, page).await
}

pub async fn submit(
    State(app): State<App>,
    visitor: Visitor,
    Path(token): Path<String>,
    Form { form, .. }: Form<ReferralForm>,
) -> Result<Response> {
    let mut tx = app.read(&visitor.actor).await?;
    let (practice, offer) = open(&mut tx, &token).await?;
    tx.finish().await?;
    public::submit(&app, &visitor, offer, Some(practice), form).await
}
