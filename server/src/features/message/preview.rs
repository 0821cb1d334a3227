//! What messages say, with sample words: every kind, every version, each measure of a text.

use axum::{extract::State, response::Response};

use super::templates::{self, Body};
use crate::{
    app::App,
    features::page,
    platform::{
        Result,
        messages::ENGLISH,
        web::{Actor, Page, show},
    },
    rules::{
        Choice,
        message::{Channel, Says, Template},
        permission::Action,
    },
};

struct Version {
    number: i64,
    newest: bool,
    texts: Vec<(&'static str, Body)>,
    email: Body,
    letter: Body,
}

struct Kind {
    code: &'static str,
    label: &'static str,
    when: Vec<&'static str>,
    useful_hours: i64,
    versions: Vec<Version>,
}

#[derive(askama::Template)]
#[template(path = "message/templates.html")]
struct TemplatesPage {
    page: Page,
    kinds: Vec<Kind>,
}

pub async fn list(State(app): State<App>, actor: Actor) -> Result<Response> {
    actor.must(Action::SeeMessages)?;
    let tx = app.read(&actor).await?;
    let shown = TemplatesPage {
        page: page(&actor, "What messages say", "/messages"),
        kinds: Template::ALL
            .iter()
            .map(|template| kind(*template))
            .collect::<Result<_>>()?,
    };
    show(tx, shown).await
}

fn kind(template: Template) -> Result<Kind> {
    let written = templates::written(template)?;
    let kept = written.kept();
    let newest = written.newest()?.number;
    let link = "You can stop these messages here: https://handrail.example/stop/example";
    let text = templates::sample(written, "Reply STOP to stop.");
    let other = templates::sample(written, link);
    let mut versions = written
        .versions
        .iter()
        .map(|version| {
            Ok(Version {
                number: version.number,
                newest: version.number == newest,
                texts: Says::ALL
                    .iter()
                    .map(|says| {
                        let body = version.body(ENGLISH, Channel::Text, *says, &text)?;
                        Ok((says.label(), body))
                    })
                    .collect::<Result<_>>()?,
                email: version.body(ENGLISH, Channel::Email, Says::Neutral, &other)?,
                letter: version.body(ENGLISH, Channel::Letter, Says::Neutral, &other)?,
            })
        })
        .collect::<Result<Vec<_>>>()?;
    versions.sort_by_key(|version| std::cmp::Reverse(version.number));
    Ok(Kind {
        code: template.code(),
        label: template.label(),
        when: vec![
            kept.needs.label(),
            if kept.at_once {
                "It goes at any hour, because somebody waits for it"
            } else {
                "It waits for the hours that the person likes"
            },
            if kept.after_end {
                "It may go after the support has ended"
            } else {
                "It ends with the support"
            },
            if kept.counts {
                "It is one of at most 5 in seven days"
            } else {
                "It does not count among the few a week"
            },
        ],
        useful_hours: written.useful_hours,
        versions,
    })
}
