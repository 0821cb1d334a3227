//! Which questionnaires there are, for whoever looks after the service: versions, licences, where texts are missing, value sets. Nobody's answers.

use askama::Template;
use axum::{extract::State, response::Response};

use super::definitions::{Place, list_definitions, value_sets};
use crate::{
    app::App,
    features::page,
    platform::{
        Result,
        clock::day_of,
        web::{Actor, Page, short_date, show},
    },
    rules::{Choice, permission::Action, questionnaire::ValueSet},
};

struct Kept {
    slug: String,
    title: String,
    key: String,
    version: String,
    language: String,
    questions: usize,
    modes: String,
    has_text: bool,
    from: String,
    licence: String,
    permission: Option<String>,
}

#[derive(Template)]
#[template(path = "questionnaire/kept.html")]
struct KeptPage {
    page: Page,
    all: Vec<Kept>,
    value_sets: Vec<ValueSet>,
}

pub async fn list(State(app): State<App>, actor: Actor) -> Result<Response> {
    actor.must(Action::KeepQuestionnaires)?;
    let mut tx = app.read(&actor).await?;
    let all = list_definitions(&mut tx)
        .await?
        .into_iter()
        .map(|(d, place)| Kept {
            slug: d.slug(),
            title: d.title.clone(),
            key: d.key.clone(),
            version: d.version.clone(),
            language: d.language.clone(),
            questions: d.items.len(),
            modes: d
                .modes
                .iter()
                .map(|m| m.label())
                .collect::<Vec<_>>()
                .join(", ")
                .to_lowercase(),
            has_text: d.has_text(),
            from: match place {
                Place::Handrail => d.licence.text.label().to_owned(),
                Place::File(at) => format!("Loaded on {}", short_date(day_of(at))),
            },
            licence: d.licence_words(),
            permission: d.licence.permission.clone(),
        })
        .collect();
    let page = KeptPage {
        page: page(&actor, "Questionnaires", "/questionnaires"),
        all,
        value_sets: value_sets(&mut tx).await?,
    };
    show(tx, page).await
}
