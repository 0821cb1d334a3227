//! Changing who someone is and how to reach them. Two people who change it at once both see what the other wrote.

use std::collections::BTreeMap;

use askama::Template;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Response},
};

use super::{
    form::{PersonForm, Question, question},
    store::{self, Person},
};
use crate::{
    app::App,
    features::{
        audit,
        caseload::{
            self,
            store::{self as cases, Case, For},
        },
        organisation::store::employer_named,
        page,
    },
    platform::{
        Result,
        audit::Entry,
        db::{Reader, WriteTx},
        drafts,
        web::{
            Actor, Form, Meanwhile, Page, see_other, show, show_again, show_changed, typed_before,
        },
    },
    rules::{
        Choice,
        event::Event,
        field::FieldErrors,
        id::{CaseId, DraftId},
        permission::Action,
        person::{Answer, Employment, PreferredWay, folded},
    },
};

/// A question that two people answered differently: both answers, and which of them is to be kept.
struct Clash {
    question: &'static Question,
    typed: String,
    now: String,
    /// `typed`, `now`, or nothing yet.
    chosen: String,
}

#[derive(Template)]
#[template(path = "person/edit.html")]
struct EditPage {
    page: Page,
    case: Case,
    form: PersonForm,
    errors: FieldErrors,
    draft: DraftId,
    saved_at: Option<String>,
    clashes: Vec<Clash>,
    /// Who changed it while the page was open, where that is known.
    since: Meanwhile,
    settle: String,
}

impl EditPage {
    fn answers(&self) -> &'static [Answer] {
        Answer::ALL
    }
    fn ways(&self) -> Vec<(&'static str, &'static str)> {
        PreferredWay::ALL
            .iter()
            .map(|way| (way.code(), way.label()))
            .collect()
    }
    fn employments(&self) -> &'static [Employment] {
        Employment::ALL
    }
}

/// What was chosen for each question that clashed: the fields `keep_…` of the form.
fn choices(body: &str) -> BTreeMap<String, String> {
    let pairs: Vec<(String, String)> = serde_html_form::from_str(body).unwrap_or_default();
    pairs
        .into_iter()
        .filter(|(name, _)| name.starts_with("keep_"))
        .collect()
}

pub async fn ask(State(app): State<App>, actor: Actor, Path(id): Path<CaseId>) -> Result<Response> {
    let mut tx = app.read(&actor).await?;
    let case = cases::find_for(&mut tx, Action::EditPerson, id, None).await?;
    let person = store::person_of(&mut tx, case.person_id).await?;
    let before = typed_before::<PersonForm>(&mut tx, &format!("/cases/{id}/person")).await?;
    tx.viewed(Entry::of(Event::CaseViewed).case(id).person(case.person_id));
    let now = PersonForm::of(&person);
    // A draft keeps the version that it was typed on: what changed since is shown as a clash, never written over.
    let form = before.form.unwrap_or_else(|| now.clone());
    let open = clashes(&form, &now, &BTreeMap::new());
    let stale = form.version != person.version;
    let to_settle = form.settle.clone();
    let clashes = open
        .into_iter()
        .filter(|clash| stale || to_settle.split(',').any(|key| key == clash.question.key))
        .collect();
    let since = since(&mut tx, &case, form.version, person.version).await?;
    let page = edit_page(
        &actor,
        &case,
        form,
        &person,
        FieldErrors::default(),
        before.draft,
        before.saved_at,
        (clashes, since),
    );
    show(tx, page).await
}

/// Who changed somebody's details since a version of them was shown.
async fn since(tx: &mut Reader, case: &Case, shown: i64, stands: i64) -> Result<Meanwhile> {
    let of = (case.id, case.person_id);
    let events = [Event::PersonChanged];
    let since = audit::since_on_case(tx, of, (shown.into(), stands), &events, vec![]).await?;
    Ok(since.unwrap_or_default())
}

fn clashes(form: &PersonForm, now: &PersonForm, chosen: &BTreeMap<String, String>) -> Vec<Clash> {
    form.differs(now)
        .into_iter()
        .map(|question| Clash {
            question,
            typed: form.said(question),
            now: now.said(question),
            chosen: chosen.get(question.keep).cloned().unwrap_or_default(),
        })
        .collect()
}

fn edit_page(
    actor: &Actor,
    case: &Case,
    form: PersonForm,
    person: &Person,
    errors: FieldErrors,
    draft: DraftId,
    saved_at: Option<String>,
    (clashes, since): (Vec<Clash>, Meanwhile),
) -> EditPage {
    let keys: Vec<&str> = clashes.iter().map(|clash| clash.question.key).collect();
    EditPage {
        page: Page {
            has_errors: !errors.is_empty(),
            ..page(
                actor,
                format!("Change details: {}", case.person_name),
                "/people",
            )
        },
        settle: keys.join(","),
        // From here on the form stands on the person as they are now.
        form: PersonForm {
            version: person.version,
            ..form
        },
        case: case.clone(),
        errors,
        draft,
        saved_at,
        clashes,
        since,
    }
}

pub async fn submit(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<CaseId>,
    Form { form, body }: Form<PersonForm>,
) -> Result<Response> {
    let here = format!("/cases/{id}");
    let mut tx = app.write(&actor).await?;
    let draft = form.draft.unwrap_or_else(|| drafts::new_id(&tx));
    if let Some(first) = drafts::claim(&mut tx, draft, &here).await? {
        return Ok(see_other(first).into_response());
    }
    let case = cases::find_for(&mut tx, Action::EditPerson, id, None).await?;
    let before = store::person_of(&mut tx, case.person_id).await?;
    let now = PersonForm::of(&before);
    let chosen = choices(&body);
    let (mut settled, mut errors) = (form.clone(), FieldErrors::default());
    let to_settle: Vec<&'static Question> = form.settle.split(',').filter_map(question).collect();
    for q in &to_settle {
        match chosen.get(q.keep).map(String::as_str) {
            Some("typed") => {}
            Some("now") => settled.take(q, &now),
            _ => errors.add(q.keep, format!("{}: choose which to keep", q.label)),
        }
    }
    let changed_since = form.version != before.version && !form.differs(&now).is_empty();
    let (errors, clashes) = if changed_since {
        (
            FieldErrors::default(),
            clashes(&form, &now, &BTreeMap::new()),
        )
    } else {
        match errors
            .into_result()
            .and_then(|()| settled.check(&before, tx.today()))
        {
            Ok(after) => {
                let changed = change_person(&mut tx, &case, &before, after).await?;
                tx.commit().await?;
                let notice = if changed {
                    "Details changed"
                } else {
                    "Nothing was different"
                };
                return Ok(see_other(here).with_notice(notice).into_response());
            }
            Err(errors) => {
                let keys = |clash: &Clash| to_settle.iter().any(|q| q.key == clash.question.key);
                let open = clashes(&form, &now, &chosen);
                (errors, open.into_iter().filter(keys).collect())
            }
        }
    };
    drop(tx);
    let mut tx = app.read(&actor).await?;
    tx.viewed(Entry::of(Event::CaseViewed).case(id).person(case.person_id));
    let since = since(&mut tx, &case, form.version, before.version).await?;
    let both = (clashes, since);
    let page = edit_page(&actor, &case, form, &before, errors, draft, None, both);
    if changed_since {
        show_changed(tx, page).await
    } else {
        show_again(tx, page).await
    }
}

/// Changes a person's details for whoever this transaction acts for. `before` is the person as loaded. False where nothing is different.
pub async fn change_person(
    tx: &mut WriteTx,
    case: &For<Case>,
    before: &Person,
    after: Person,
) -> Result<bool> {
    let (was, is) = (PersonForm::of(before), PersonForm::of(&after));
    let changed = was.differs(&is);
    if changed.is_empty() {
        return Ok(false);
    }
    let named = |person: &Person| person.employer.as_deref().map(folded);
    let employer_id = match &after.employer {
        _ if named(before) == named(&after) => before.employer_id,
        Some(name) => Some(employer_named(tx, name).await?),
        None => None,
    };
    let after = Person {
        employer_id,
        ..after
    };
    store::update_person(tx, &after).await?;
    if before.name != after.name {
        caseload::rename_cases(tx, after.id, &after.name).await?;
    }
    let fields: Vec<&'static str> = changed.iter().map(|q| q.key).collect();
    let detail: BTreeMap<&str, [String; 2]> = changed
        .iter()
        .map(|q| (q.key, [was.said(q), is.said(q)]))
        .collect();
    tx.record(
        Entry::of(Event::PersonChanged)
            .person(after.id)
            .case(case.id)
            .fields(&fields)
            .detail(&detail),
    )
    .await?;
    Ok(true)
}
