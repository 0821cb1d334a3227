//! Everything that is kept about organisations, on one page, with its lists of regions, teams and employers.

use askama::Template;
use axum::{
    extract::{Query, State},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};

use super::{directory, store};
use crate::{
    app::App,
    features::page,
    platform::{
        Result,
        db::Reader,
        drafts,
        web::{Actor, Form, Page, see_other, short_date, show, show_again, typed_before},
    },
    rules::{
        field::{self, FieldErrors},
        id::DraftId,
        permission::Action,
    },
};

/// Rows on a page.
pub const PAGE: usize = 50;

#[derive(Template)]
#[template(path = "organisation/overview.html")]
struct Overview {
    page: Page,
    programmes: Vec<directory::ProgrammeRow>,
    teams: Vec<directory::Team>,
}

pub async fn overview(State(app): State<App>, actor: Actor) -> Result<Response> {
    actor.must(Action::KeepOrganisations)?;
    let mut tx = app.read(&actor).await?;
    let shown = Overview {
        page: page(&actor, "Organisations", "/organisation"),
        programmes: directory::programmes(&mut tx).await?,
        teams: directory::teams(&mut tx).await?,
    };
    show(tx, shown).await
}

#[derive(Template)]
#[template(path = "organisation/regions.html")]
struct RegionPage {
    page: Page,
    regions: Vec<directory::Region>,
}

impl RegionPage {
    fn became(&self, region: &directory::Region) -> String {
        match (region.became.as_str(), region.until_on) {
            ("same", _) => "Unchanged".to_owned(),
            (became, Some(day)) => format!("{became}. It ended on {}.", short_date(day)),
            (became, None) => became.to_owned(),
        }
    }
}

pub async fn region_list(State(app): State<App>, actor: Actor) -> Result<Response> {
    actor.must(Action::KeepOrganisations)?;
    let mut tx = app.read(&actor).await?;
    let shown = RegionPage {
        page: page(&actor, "Regions", "/organisation"),
        regions: directory::regions(&mut tx).await?,
    };
    show(tx, shown).await
}

/// Where a list by name goes on.
#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct After {
    pub after: String,
    pub after_id: String,
}

#[derive(Template)]
#[template(path = "organisation/employers.html")]
struct EmployerPage {
    page: Page,
    employers: Vec<directory::Employer>,
    first: bool,
    next_page: Option<String>,
}

pub async fn employer_list(
    State(app): State<App>,
    actor: Actor,
    Query(asked): Query<After>,
) -> Result<Response> {
    actor.must(Action::KeepOrganisations)?;
    let mut tx = app.read(&actor).await?;
    let after = Some(asked.after.as_str()).filter(|key| !key.is_empty());
    let mut employers = directory::employers(&mut tx, after, PAGE as i64 + 1).await?;
    let more = employers.len() > PAGE;
    employers.truncate(PAGE);
    let next_page = employers.last().filter(|_| more).map(|last| {
        let next = After {
            after: last.key.clone(),
            after_id: String::new(),
        };
        format!(
            "/organisation/employers?{}",
            serde_html_form::to_string(next).unwrap_or_default()
        )
    });
    let shown = EmployerPage {
        page: page(&actor, "Employers", "/organisation"),
        first: after.is_none(),
        employers,
        next_page,
    };
    show(tx, shown).await
}

#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct TeamForm {
    draft: Option<DraftId>,
    provider: String,
    name: String,
}

impl TeamForm {
    fn check(&self) -> Result<(String, String), FieldErrors> {
        let mut errors = FieldErrors::default();
        let provider = errors.take(
            "provider",
            field::line(&self.provider, "Enter the provider that employs the team"),
        );
        let name = errors.take("name", field::line(&self.name, "Enter the team's name"));
        match (provider, name) {
            (Some(provider), Some(name)) => Ok((provider, name)),
            _ => Err(errors),
        }
    }
}

#[derive(Template)]
#[template(path = "organisation/team.html")]
struct TeamPage {
    page: Page,
    form: TeamForm,
    errors: FieldErrors,
    draft: DraftId,
    saved_at: Option<String>,
}

fn team_page(
    tx: &Reader,
    form: TeamForm,
    errors: FieldErrors,
    draft: DraftId,
    saved_at: Option<String>,
) -> TeamPage {
    TeamPage {
        page: Page {
            has_errors: !errors.is_empty(),
            ..page(tx.actor(), "Add a team", "/organisation")
        },
        form,
        errors,
        draft,
        saved_at,
    }
}

pub async fn ask_team(State(app): State<App>, actor: Actor) -> Result<Response> {
    actor.must(Action::KeepOrganisations)?;
    let mut tx = app.read(&actor).await?;
    let before = typed_before::<TeamForm>(&mut tx, "/organisation/teams/new").await?;
    let page = team_page(
        &tx,
        before.form.unwrap_or_default(),
        FieldErrors::default(),
        before.draft,
        before.saved_at,
    );
    show(tx, page).await
}

pub async fn submit_team(
    State(app): State<App>,
    actor: Actor,
    Form { form, .. }: Form<TeamForm>,
) -> Result<Response> {
    actor.must(Action::KeepOrganisations)?;
    let mut tx = app.write(&actor).await?;
    let draft = form.draft.unwrap_or_else(|| drafts::new_id(&tx));
    if let Some(first) = drafts::claim(&mut tx, draft, "/organisation").await? {
        return Ok(see_other(first).into_response());
    }
    match form.check() {
        Ok((provider, name)) => {
            store::add_team(&mut tx, &provider, &name).await?;
            tx.commit().await?;
            Ok(see_other("/organisation")
                .with_notice("Team added")
                .into_response())
        }
        Err(errors) => {
            drop(tx);
            let tx = app.read(&actor).await?;
            let page = team_page(&tx, form, errors, draft, None);
            show_again(tx, page).await
        }
    }
}
