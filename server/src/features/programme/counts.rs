//! The programme page: counts of one programme, each with what it is out of and its definition.

use askama::Template;
use axum::{
    extract::{Query, State},
    response::Response,
};
use serde::Deserialize;

use super::{
    measures::{Part, measures},
    tally::tally,
};
use crate::{
    app::App,
    features::{identity::store::administrators, organisation, page, safety},
    platform::{
        Error, Result,
        audit::Entry,
        web::{Actor, Page, said_instant, show},
    },
    rules::{event::Event, id::ProgrammeId, permission::Action},
};

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    programme: String,
}

/// A programme with its counts.
#[derive(Debug)]
struct Counted {
    name: String,
    target: u32,
    parts: Vec<Part>,
    /// Whom to ask where something that a person told us waits for somebody independent. Empty where nothing does.
    ask: Vec<String>,
}

#[derive(Template)]
#[template(path = "programme/counts.html")]
struct CountsPage {
    page: Page,
    programmes: Vec<(ProgrammeId, String)>,
    here: Option<ProgrammeId>,
    counted: Option<Counted>,
    at: String,
}

impl CountsPage {
    fn is_here(&self, id: &ProgrammeId) -> bool {
        self.here.as_ref() == Some(id)
    }
}

pub async fn counts(
    State(app): State<App>,
    actor: Actor,
    Query(asked): Query<Asked>,
) -> Result<Response> {
    let account = actor.must(Action::SeeCounts)?;
    let mut tx = app.read(&actor).await?;
    let programmes = organisation::programmes_in(&mut tx, account.scope).await?;
    // One that is not theirs is as good as none.
    let here = match asked.programme.as_str() {
        "" => programmes.first().map(|(id, _)| *id),
        id => Some(
            programmes
                .iter()
                .map(|(known, _)| *known)
                .find(|known| known.to_string() == id)
                .ok_or(Error::NotFound)?,
        ),
    };
    let counted = match here {
        Some(id) => {
            let programme = organisation::store::programme(&mut tx, id).await?;
            let target = programme.parameters.first_contact_working_days;
            let tally = tally(&mut tx, id, programme.team_id, target).await?;
            tx.viewed(Entry::of(Event::CountsViewed).subject(id));
            let waits = safety::waits_for_somebody_independent(&mut tx, programme.team_id).await?;
            Some(Counted {
                ask: match waits {
                    true => administrators(&mut tx).await?,
                    false => vec![],
                },
                name: programme.name,
                target,
                parts: measures(&tally),
            })
        }
        None => None,
    };
    let shown = CountsPage {
        page: page(&actor, "Programme", "/programme"),
        programmes,
        here,
        counted,
        at: said_instant(tx.now(), tx.today()),
    };
    show(tx, shown).await
}
