//! The duty rota: for each programme, who is asked about a safety concern, and in which order.

use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};

use super::duty::{self, OnDuty};
use crate::{
    app::App,
    features::{
        audit,
        identity::store::team_members,
        organisation::store::{Programme, every_programme, programmes_of_team},
        page,
    },
    platform::{
        Error, Result,
        audit::Entry,
        db::{ReadTx, Reader, WriteTx, sql},
        drafts,
        web::{
            Actor, Both, Form, Meanwhile, Page, Said, see_other, show, show_again, show_changed,
            typed_before, words_of,
        },
    },
    rules::{
        event::Event,
        field::FieldErrors,
        id::{AccountId, DraftId, ProgrammeId},
        permission::{Action, Scope},
    },
};

/// Places offered at least; two more than are taken.
const PLACES: usize = 5;
const MOST_PLACES: usize = 30;
const HERE: &str = "/safety/rota";

/// What the page sends: one programme's order, and the order that was shown.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct RotaForm {
    draft: Option<DraftId>,
    programme: String,
    /// The rota as it was shown: somebody else may have changed it since.
    shown: String,
    position: Vec<String>,
}

/// A programme with its rota as it stands or as it was typed.
struct Rota {
    id: ProgrammeId,
    name: String,
    draft: DraftId,
    saved_at: Option<String>,
    shown: String,
    chosen: Vec<String>,
    members: Vec<(String, String)>,
    errors: FieldErrors,
    duty_minutes: u32,
    meanwhile: Option<Meanwhile>,
}

impl Rota {
    fn said(&self, positions: &[String]) -> Said {
        let names: Vec<String> = positions
            .iter()
            .filter(|id| !id.is_empty())
            .map(|id| words_of(&self.members, id))
            .collect();
        vec![("In this order", names.join(", "))]
    }

    /// One place after another, with what is chosen there.
    fn places(&self) -> Vec<(usize, &str)> {
        let places = PLACES.max(self.chosen.len() + 2).min(MOST_PLACES);
        (0..places)
            .map(|n| (n, self.chosen.get(n).map_or("", String::as_str)))
            .collect()
    }
}

#[derive(Template)]
#[template(path = "safety/rota.html")]
struct RotaPage {
    page: Page,
    rotas: Vec<Rota>,
    errors: FieldErrors,
    desk: bool,
}

/// The programmes whose rota an account keeps: the team's, or every one.
async fn programmes(tx: &mut Reader) -> Result<Vec<Programme>> {
    match tx.actor().must(Action::KeepRota)?.scope {
        Scope::Team(team) => programmes_of_team(tx, team).await,
        Scope::All => every_programme(tx).await,
        Scope::Practice(_) | Scope::Region(_) => Err(Error::Forbidden),
    }
}

fn ids(rota: &[OnDuty]) -> Vec<String> {
    rota.iter().map(|o| o.id.to_string()).collect()
}

/// The page, with one programme's rota as it was typed.
async fn rota_page(
    tx: &mut ReadTx,
    typed: Option<(RotaForm, DraftId, Option<String>)>,
    errors: FieldErrors,
) -> Result<RotaPage> {
    let mut rotas = vec![];
    for programme in programmes(tx).await? {
        let kept = ids(&duty::rota(tx, programme.id).await?);
        let members = team_members(tx, programme.team_id).await?;
        let mut rota = Rota {
            id: programme.id,
            name: programme.name,
            draft: drafts::new_id(tx),
            saved_at: None,
            shown: kept.join(" "),
            chosen: kept,
            members: members
                .into_iter()
                .map(|a| (a.id.to_string(), a.name))
                .collect(),
            errors: FieldErrors::default(),
            duty_minutes: programme.parameters.duty_minutes,
            meanwhile: None,
        };
        if let Some((form, draft, saved_at)) = &typed
            && form.programme == rota.id.to_string()
        {
            if form.shown != rota.shown {
                let both = Both::each(rota.said(&form.position), rota.said(&rota.chosen));
                let changed = [Event::RotaChanged];
                rota.meanwhile = Some(audit::meanwhile_on(tx, rota.id, &changed, both).await?);
            }
            rota.draft = *draft;
            rota.saved_at = saved_at.clone();
            rota.chosen = form.position.iter().take(MOST_PLACES).cloned().collect();
            rota.errors = errors.clone();
        }
        rotas.push(rota);
    }
    Ok(RotaPage {
        page: Page {
            has_errors: !errors.is_empty(),
            ..page(
                tx.actor(),
                "Duty rota",
                if tx.actor().may(Action::ActOnConcern) {
                    "/safety"
                } else {
                    HERE
                },
            )
        },
        desk: tx.actor().may(Action::ActOnConcern),
        rotas,
        errors,
    })
}

pub async fn ask(State(app): State<App>, actor: Actor) -> Result<Response> {
    actor.must(Action::KeepRota)?;
    let mut tx = app.read(&actor).await?;
    let before = typed_before::<RotaForm>(&mut tx, HERE).await?;
    let typed = before.form.map(|f| (f, before.draft, before.saved_at));
    let page = rota_page(&mut tx, typed, FieldErrors::default()).await?;
    show(tx, page).await
}

pub async fn submit(
    State(app): State<App>,
    actor: Actor,
    Form { form, .. }: Form<RotaForm>,
) -> Result<Response> {
    actor.must(Action::KeepRota)?;
    let mut tx = app.write(&actor).await?;
    let draft = form.draft.unwrap_or_else(|| drafts::new_id(&tx));
    if let Some(first) = drafts::claim(&mut tx, draft, HERE).await? {
        return Ok(see_other(first).into_response());
    }
    let programme = programmes(&mut tx)
        .await?
        .into_iter()
        .find(|p| p.id.to_string() == form.programme)
        .ok_or(Error::NotFound)?;
    lock(&mut tx, programme.id).await?;
    if ids(&duty::rota(&mut tx, programme.id).await?).join(" ") != form.shown {
        drop(tx);
        let mut tx = app.read(&actor).await?;
        let typed = Some((form, draft, None));
        let page = rota_page(&mut tx, typed, FieldErrors::default()).await?;
        return show_changed(tx, page).await;
    }
    let members: Vec<AccountId> = team_members(&mut tx, programme.team_id)
        .await?
        .into_iter()
        .map(|a| a.id)
        .collect();
    match check(&form, &members) {
        Ok(accounts) => {
            set_rota(&mut tx, programme.id, &accounts).await?;
            tx.commit().await?;
            Ok(see_other(HERE)
                .with_notice("Duty rota saved")
                .into_response())
        }
        Err(errors) => {
            drop(tx);
            let mut tx = app.read(&actor).await?;
            let page = rota_page(&mut tx, Some((form, draft, None)), errors).await?;
            show_again(tx, page).await
        }
    }
}

/// Gaps close up; nobody stands twice; everybody is of the programme's team.
fn check(form: &RotaForm, members: &[AccountId]) -> Result<Vec<AccountId>, FieldErrors> {
    let wrong = |sentence: &str| FieldErrors::one("position", sentence);
    let mut accounts = vec![];
    for typed in form.position.iter().filter(|p| !p.is_empty()) {
        let id: AccountId = typed
            .parse()
            .ok()
            .filter(|id| members.contains(id))
            .ok_or_else(|| wrong("Choose people from the team of this programme"))?;
        if accounts.contains(&id) {
            return Err(wrong(
                "Somebody stands on the rota twice. Choose each person once",
            ));
        }
        accounts.push(id);
    }
    if accounts.len() > MOST_PLACES {
        return Err(wrong("Choose fewer people"));
    }
    Ok(accounts)
}

/// Two people who change one rota take turns.
async fn lock(tx: &mut WriteTx, programme: ProgrammeId) -> Result<()> {
    let lock = tx.for_change("programmes");
    tx.one(
        sql("SELECT id FROM programmes WHERE id = ?")
            .bind(programme)
            .join(lock),
    )
    .await
    .map(drop)
}

/// Sets who is asked about a programme's safety concerns, in order. An empty rota leaves it to the team's mentors.
pub async fn set_rota(
    tx: &mut WriteTx,
    programme: ProgrammeId,
    accounts: &[AccountId],
) -> Result<()> {
    duty::replace(tx, programme, accounts).await?;
    tx.record(
        Entry::of(Event::RotaChanged)
            .subject(programme)
            .detail(&accounts),
    )
    .await
}
