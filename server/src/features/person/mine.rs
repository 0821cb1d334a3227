//! How to be reached, changed by the person on their own pages: what is safe first.

use std::ops::ControlFlow;

use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};

use super::{
    form::{PersonForm, QUESTIONS, Question, question},
    store,
};
use crate::{
    app::App,
    features::{
        checkin::look_for_worry,
        person::change_person,
        portal::{Begun, Choose, Item, Me, ON_OWN_PAGES, asks, begin, in_words, typed},
    },
    platform::{
        Result,
        messages::{phrase, said},
        web::{Form, Page, said_date, see_other, show, show_again, show_changed},
    },
    rules::{Choice, field::FieldErrors, id::DraftId, person::PreferredWay, portal::Ask},
};

/// What a person changes here. Who they are, and their work, they tell their worker.
const OWN: &[&str] = &[
    "known_as",
    "safe_say_who",
    "safe_voicemail",
    "safe_text",
    "safe_letter",
    "who_else",
    "phone",
    "email",
    "address",
    "postcode",
    "preferred_way",
    "preferred_time",
    "language",
    "interpreter",
    "access_needs",
];

#[derive(Template)]
#[template(path = "person/mine.html")]
struct MinePage {
    page: Page,
    form: PersonForm,
    errors: FieldErrors,
    draft: DraftId,
    version: i64,
    /// Somebody changed it while the page was open.
    changed: bool,
    /// What was typed here before and not sent.
    given_back: bool,
}
in_words!(MinePage);

impl MinePage {
    fn answers(&self) -> Vec<Choose> {
        Choose::answers()
    }
    fn ways(&self) -> Vec<(&'static str, &'static str)> {
        PreferredWay::ALL
            .iter()
            .map(|way| (way.code(), phrase(way.label())))
            .collect()
    }
}

/// What was typed of what a person changes here. Whatever else is sent is not theirs to change.
fn own_of(now: &PersonForm, typed: &PersonForm) -> PersonForm {
    let mut form = now.clone();
    for key in OWN {
        if let Some(question) = question(key) {
            form.take(question, typed);
        }
    }
    form
}

/// What they wrote in their own words, and not before.
fn new_words<'a>(before: &PersonForm, now: &'a PersonForm) -> Vec<&'a str> {
    [
        (&before.who_else, &now.who_else),
        (&before.preferred_time, &now.preferred_time),
        (&before.access_needs, &now.access_needs),
    ]
    .into_iter()
    .filter(|(before, now)| before != now)
    .map(|(_, now)| now.as_str())
    .collect()
}

pub async fn ask(State(app): State<App>, me: Me) -> Result<Response> {
    let mut tx = app.read(&me.actor).await?;
    let person = store::person_of(&mut tx, me.person).await?;
    tx.viewed(me.viewed());
    let (draft, before) = typed::<PersonForm>(&mut tx, &me, "/me/details").await?;
    let now = PersonForm::of(&person);
    let page = MinePage {
        page: me.page(said("own_details.title")),
        // What was typed on an older version is shown beside a word that it changed.
        changed: before.as_ref().is_some_and(|b| b.version != person.version),
        given_back: before.is_some(),
        form: before.map_or_else(|| now.clone(), |before| own_of(&now, &before)),
        errors: FieldErrors::default(),
        draft,
        version: person.version,
    };
    show(tx, page).await
}

pub async fn submit(
    State(app): State<App>,
    me: Me,
    Form { form, .. }: Form<PersonForm>,
) -> Result<Response> {
    let Begun {
        mut tx,
        case,
        draft,
    } = match begin(&app, &me, form.draft, "/me").await? {
        ControlFlow::Continue(begun) => begun,
        ControlFlow::Break(answer) => return Ok(answer),
    };
    let before = store::person_of(&mut tx, me.person).await?;
    let typed = own_of(&PersonForm::of(&before), &form);
    let changed = form.version != before.version;
    let errors = match typed.check(&before, tx.today()) {
        Ok(after) if !changed => {
            if change_person(&mut tx, &case, &before, after).await? {
                for words in new_words(&PersonForm::of(&before), &typed) {
                    look_for_worry(&mut tx, &case, words, ON_OWN_PAGES).await?;
                }
                asks::ask_of(&mut tx, (me.case, me.person), Ask::Details, None).await?;
                tx.commit().await?;
            }
            return Ok(see_other("/me")
                .with_notice(said("own_details.saved"))
                .into_response());
        }
        Ok(_) => FieldErrors::default(),
        Err(errors) => errors,
    };
    drop(tx);
    let mut tx = app.read(&me.actor).await?;
    tx.viewed(me.viewed());
    let page = MinePage {
        page: Page {
            has_errors: !errors.is_empty(),
            ..me.page(said("own_details.title"))
        },
        form: typed,
        errors,
        draft,
        version: before.version,
        changed,
        given_back: false,
    };
    if changed {
        show_changed(tx, page).await
    } else {
        show_again(tx, page).await
    }
}

/// Everything that is known of who somebody is, for a copy that they take away.
pub async fn own_items(
    tx: &mut crate::platform::db::Reader,
    id: crate::rules::id::PersonId,
) -> Result<Vec<Item>> {
    let person = store::person_of(tx, id).await?;
    let form = PersonForm::of(&person);
    let answer = |question: &Question| match (question.key, person.born_on) {
        ("born_on", Some(born)) => said_date(born),
        _ => form
            .answer(question)
            .unwrap_or_else(|| said("own_record.not_written").to_owned()),
    };
    Ok(QUESTIONS
        .iter()
        .map(|question| Item::new("", phrase(question.label), answer(question)))
        .collect())
}
