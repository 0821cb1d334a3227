//! Practices: listed, added, changed.

use askama::Template;
use axum::{
    extract::{Path, Query, State},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};

use super::{
    directory::{self, PracticeRow},
    overview::{After, PAGE},
    store,
};
use crate::{
    app::App,
    features::{audit, page},
    platform::{
        Result,
        audit::Entry,
        db::{Reader, Sql, WriteTx},
        drafts,
        web::{
            Actor, Both, Form, Meanwhile, Page, Said, Shown, see_other, show, show_again,
            show_changed, typed_before, words_of,
        },
    },
    rules::{
        event::Event,
        field::{self, FieldErrors},
        id::{DraftId, PracticeId, RegionId},
        permission::Action,
    },
};

#[derive(Template)]
#[template(path = "organisation/practices.html")]
struct ListPage {
    page: Page,
    practices: Vec<PracticeRow>,
    first: bool,
    next_page: Option<String>,
}

pub async fn list(
    State(app): State<App>,
    actor: Actor,
    Query(asked): Query<After>,
) -> Result<Response> {
    actor.must(Action::KeepOrganisations)?;
    let mut tx = app.read(&actor).await?;
    let after = asked
        .after_id
        .parse()
        .ok()
        .map(|id| (asked.after.as_str(), id));
    let mut practices = directory::practices(&mut tx, after, PAGE as i64 + 1).await?;
    let more = practices.len() > PAGE;
    practices.truncate(PAGE);
    let next_page = practices.last().filter(|_| more).map(|last| {
        let next = After {
            after: last.name.clone(),
            after_id: last.id.to_string(),
        };
        format!(
            "/organisation/practices?{}",
            serde_html_form::to_string(next).unwrap_or_default()
        )
    });
    let shown = ListPage {
        page: page(&actor, "Practices", "/organisation"),
        first: after.is_none(),
        practices,
        next_page,
    };
    show(tx, shown).await
}

#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct PracticeForm {
    draft: Option<DraftId>,
    version: Shown,
    name: String,
    ods_code: String,
    region: String,
    phone: String,
}

/// A practice to be added or changed, checked.
struct Checked {
    name: String,
    ods_code: String,
    region: RegionId,
    phone: Option<String>,
}

impl PracticeForm {
    fn of(practice: &PracticeRow) -> Self {
        Self {
            draft: None,
            version: practice.version.into(),
            name: practice.name.clone(),
            ods_code: practice.ods_code.clone(),
            region: practice.region_id.to_string(),
            phone: practice.phone.clone().unwrap_or_default(),
        }
    }

    fn said(&self, regions: &[(String, String)]) -> Said {
        vec![
            ("Name", self.name.clone()),
            ("Practice code", self.ods_code.clone()),
            ("Region", words_of(regions, &self.region)),
            ("Telephone", self.phone.clone()),
        ]
    }

    async fn check(
        &self,
        tx: &mut Reader,
        except: Option<PracticeId>,
    ) -> Result<Result<Checked, FieldErrors>> {
        let mut errors = FieldErrors::default();
        let name = errors.take("name", field::line(&self.name, "Enter the practice's name"));
        let ods_code = errors.take("ods_code", code(&self.ods_code));
        if let Some(code) = &ods_code
            && directory::code_is_taken(tx, code, except).await?
        {
            errors.add("ods_code", "Another practice has this code already");
        }
        let regions = directory::regions(tx).await?;
        let region = regions
            .iter()
            .find(|r| r.id.to_string() == self.region)
            .map(|r| r.id);
        if region.is_none() {
            errors.add("region", "Choose the region");
        }
        let phone = errors.take("phone", field::optional_line(&self.phone));
        Ok(match (name, ods_code, region, phone) {
            (Some(name), Some(ods_code), Some(region), Some(phone)) if errors.is_empty() => {
                Ok(Checked {
                    name,
                    ods_code,
                    region,
                    phone,
                })
            }
            _ => Err(errors),
        })
    }
}

/// An organisation code: letters and digits, as in A81001.
fn code(typed: &str) -> Result<String, String> {
    let code = field::line(typed, "Enter the practice's code, like A81001")?.to_uppercase();
    if (3..=8).contains(&code.len()) && code.chars().all(|c| c.is_ascii_alphanumeric()) {
        Ok(code)
    } else {
        Err("Enter the code as letters and digits, like A81001".to_owned())
    }
}

/// Changes a practice at the version that was loaded.
async fn change_practice(tx: &mut WriteTx, before: &PracticeRow, to: Checked) -> Result<()> {
    let changed: Vec<&'static str> = [
        ("name", before.name != to.name),
        ("ods_code", before.ods_code != to.ods_code),
        ("region", before.region_id != to.region),
        ("phone", before.phone != to.phone),
    ]
    .into_iter()
    .filter_map(|(field, differs)| differs.then_some(field))
    .collect();
    tx.change_one(
        Sql::update(
            "practices",
            [
                ("name", to.name.into()),
                ("ods_code", to.ods_code.into()),
                ("region_id", to.region.into()),
                ("phone", to.phone.into()),
                ("version", (before.version + 1).into()),
            ],
        )
        .and(" WHERE id = ? AND version = ?")
        .bind(before.id)
        .bind(before.version),
    )
    .await?;
    tx.record(
        Entry::of(Event::OrganisationChanged)
            .subject(before.id)
            .fields(&changed),
    )
    .await
}

#[derive(Template)]
#[template(path = "organisation/practice.html")]
struct PracticePage {
    page: Page,
    practice: Option<PracticeRow>,
    programmes: Vec<String>,
    form: PracticeForm,
    errors: FieldErrors,
    draft: DraftId,
    saved_at: Option<String>,
    regions: Vec<(String, String)>,
    meanwhile: Option<Meanwhile>,
}

impl PracticePage {
    fn address(&self) -> String {
        self.practice.as_ref().map_or_else(
            || "/organisation/practices/new".to_owned(),
            |p| format!("/organisation/practices/{}", p.id),
        )
    }
}

async fn practice_page(
    tx: &mut Reader,
    practice: Option<PracticeRow>,
    form: PracticeForm,
    errors: FieldErrors,
    draft: DraftId,
    saved_at: Option<String>,
) -> Result<PracticePage> {
    let title = practice
        .as_ref()
        .map_or_else(|| "Add a practice".to_owned(), |p| p.name.clone());
    let programmes = match &practice {
        Some(p) => store::programmes_for(tx, p.id)
            .await?
            .into_iter()
            .map(|g| g.name)
            .collect(),
        None => vec![],
    };
    let regions: Vec<(String, String)> = directory::regions(tx)
        .await?
        .into_iter()
        .map(|r| (r.id.to_string(), r.name))
        .collect();
    let meanwhile = match &practice {
        Some(p) if form.version.changed(p.version) => {
            let both = Both::each(form.said(&regions), PracticeForm::of(p).said(&regions));
            Some(audit::meanwhile_on(tx, p.id, &[Event::OrganisationChanged], both).await?)
        }
        _ => None,
    };
    let version = form.version.on(practice.as_ref().map_or(0, |p| p.version));
    Ok(PracticePage {
        meanwhile,
        page: Page {
            has_errors: !errors.is_empty(),
            ..page(tx.actor(), title, "/organisation")
        },
        practice,
        programmes,
        form: PracticeForm { version, ..form },
        errors,
        draft,
        saved_at,
        regions,
    })
}

pub async fn ask_add(State(app): State<App>, actor: Actor) -> Result<Response> {
    actor.must(Action::KeepOrganisations)?;
    let mut tx = app.read(&actor).await?;
    let before = typed_before::<PracticeForm>(&mut tx, "/organisation/practices/new").await?;
    let form = before.form.unwrap_or_default();
    let none = FieldErrors::default();
    let page = practice_page(&mut tx, None, form, none, before.draft, before.saved_at).await?;
    show(tx, page).await
}

pub async fn submit_add(
    State(app): State<App>,
    actor: Actor,
    Form { form, .. }: Form<PracticeForm>,
) -> Result<Response> {
    actor.must(Action::KeepOrganisations)?;
    let mut tx = app.write(&actor).await?;
    let draft = form.draft.unwrap_or_else(|| drafts::new_id(&tx));
    if let Some(first) = drafts::claim(&mut tx, draft, "/organisation/practices").await? {
        return Ok(see_other(first).into_response());
    }
    match form.check(&mut tx, None).await? {
        Ok(new) => {
            let id = store::add_practice(
                &mut tx,
                new.region,
                &new.name,
                &new.ods_code,
                new.phone.as_deref(),
            )
            .await?;
            let there = format!("/organisation/practices/{id}");
            drafts::led_to(&mut tx, draft, &there).await?;
            tx.commit().await?;
            Ok(see_other(there)
                .with_notice("Practice added")
                .into_response())
        }
        Err(errors) => {
            drop(tx);
            let mut tx = app.read(&actor).await?;
            let page = practice_page(&mut tx, None, form, errors, draft, None).await?;
            show_again(tx, page).await
        }
    }
}

pub async fn ask_change(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<PracticeId>,
) -> Result<Response> {
    actor.must(Action::KeepOrganisations)?;
    let mut tx = app.read(&actor).await?;
    let practice = directory::practice(&mut tx, id).await?;
    let here = format!("/organisation/practices/{id}");
    let before = typed_before::<PracticeForm>(&mut tx, &here).await?;
    let form = before.form.unwrap_or_else(|| PracticeForm::of(&practice));
    let none = FieldErrors::default();
    let page = practice_page(
        &mut tx,
        Some(practice),
        form,
        none,
        before.draft,
        before.saved_at,
    )
    .await?;
    show(tx, page).await
}

pub async fn submit_change(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<PracticeId>,
    Form { form, .. }: Form<PracticeForm>,
) -> Result<Response> {
    actor.must(Action::KeepOrganisations)?;
    let here = format!("/organisation/practices/{id}");
    let mut tx = app.write(&actor).await?;
    let draft = form.draft.unwrap_or_else(|| drafts::new_id(&tx));
    if let Some(first) = drafts::claim(&mut tx, draft, &here).await? {
        return Ok(see_other(first).into_response());
    }
    let practice = directory::practice(&mut tx, id).await?;
    if form.version != practice.version {
        drop(tx);
        let mut tx = app.read(&actor).await?;
        let none = FieldErrors::default();
        let page = practice_page(&mut tx, Some(practice), form, none, draft, None).await?;
        return show_changed(tx, page).await;
    }
    match form.check(&mut tx, Some(id)).await? {
        Ok(to) => {
            change_practice(&mut tx, &practice, to).await?;
            tx.commit().await?;
            Ok(see_other(here)
                .with_notice("Practice changed")
                .into_response())
        }
        Err(errors) => {
            drop(tx);
            let mut tx = app.read(&actor).await?;
            let page = practice_page(&mut tx, Some(practice), form, errors, draft, None).await?;
            show_again(tx, page).await
        }
    }
}
