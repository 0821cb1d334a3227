//! Referring somebody as a pharmacist, a therapist or an employer, where a programme takes referrals by those routes.

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
    features::{identity::Visitor, organisation::store::programme_by_slug},
    platform::{
        Error, Result,
        db::Reader,
        web::{Form, Page, show},
    },
    rules::{field::FieldErrors, organisation::Route},
};

async fn offer(tx: &mut Reader, slug: &str) -> Result<Offer> {
    let programme = programme_by_slug(tx, slug).await?;
    let routes: Vec<Route> = [Route::Community, Route::Employer]
        .into_iter()
        .filter(|route| programme.parameters.routes.contains(route))
        .collect();
    if routes.is_empty() {
        return Err(Error::NotFound);
    }
    Ok(Offer {
        action: format!("/refer-someone/{slug}"),
        heading: "Refer somebody for support with work".to_owned(),
        programmes: vec![programme],
        clinician: routes.contains(&Route::Community),
        routes,
        asks_sender: true,
    })
}

pub async fn ask(
    State(app): State<App>,
    visitor: Visitor,
    Path(slug): Path<String>,
) -> Result<Response> {
    let mut tx = app.read(&visitor.actor).await?;
    let offer = offer(&mut tx, &slug).await?;
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
    Path(slug): Path<String>,
    Form { form, .. }: Form<ReferralForm>,
) -> Result<Response> {
    let mut tx = app.read(&visitor.actor).await?;
    let offer = offer(&mut tx, &slug).await?;
    tx.finish().await?;
    public::submit(&app, &visitor, offer, None, form).await
}
