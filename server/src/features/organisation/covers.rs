//! Which practices and regions a programme covers, from which day until which: bodies merge, and practices move.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{
    directory,
    store::{self, Programme},
};
use crate::{
    app::App,
    features::page,
    platform::{
        Error, Result,
        audit::Entry,
        db::{Reader, WriteTx, sql},
        drafts,
        web::{Actor, Form, Page, see_other, short_date, show, show_again, typed_before},
    },
    rules::{
        day::optional_date,
        event::Event,
        field::FieldErrors,
        id::{DraftId, PracticeId, ProgrammeId, RegionId},
        permission::Action,
    },
};

/// One practice or region that a programme covers or covered.
#[derive(Debug, Clone)]
pub struct Cover {
    pub practice: Option<PracticeId>,
    pub region: Option<RegionId>,
    pub name: String,
    pub from_on: NaiveDate,
    pub until_on: Option<NaiveDate>,
}

impl Cover {
    /// "from 20 Nov 2026", "1 Oct 2024 to 31 Mar 2026".
    pub fn days(&self) -> String {
        match self.until_on {
            Some(until) => format!("{} to {}", short_date(self.from_on), short_date(until)),
            None => format!("from {}", short_date(self.from_on)),
        }
    }
    /// The practice's or region's id, as the form to end it sends it.
    pub fn id(&self) -> String {
        self.practice
            .map(|id| id.to_string())
            .or(self.region.map(|id| id.to_string()))
            .unwrap_or_default()
    }
    pub fn is_region(&self) -> bool {
        self.region.is_some()
    }
}

/// What a programme covers and covered: regions first, then practices by name.
pub async fn covers_of(tx: &mut Reader, programme: ProgrammeId) -> Result<Vec<Cover>> {
    let rows = tx
        .all(
            sql("SELECT o.practice_id, o.region_id, COALESCE(p.name, r.name) AS name, o.from_on, o.until_on FROM programme_organisations o \
                 LEFT JOIN practices p ON p.id = o.practice_id LEFT JOIN regions r ON r.id = o.region_id WHERE o.programme_id = ? \
                 ORDER BY CASE WHEN o.region_id IS NULL THEN 1 ELSE 0 END, COALESCE(p.name, r.name), o.from_on LIMIT 2000")
            .bind(programme),
        )
        .await?;
    rows.iter()
        .map(|row| {
            Ok(Cover {
                practice: row.optional("practice_id")?,
                region: row.optional("region_id")?,
                name: row.get("name")?,
                from_on: row.get("from_on")?,
                until_on: row.optional("until_on")?,
            })
        })
        .collect()
}

/// Ends a cover with a last day. Referrals sent before stay where they are.
async fn end_cover(
    tx: &mut WriteTx,
    programme: ProgrammeId,
    cover: &Cover,
    until: NaiveDate,
) -> Result<()> {
    let update = sql("UPDATE programme_organisations SET until_on = ? WHERE programme_id = ? AND from_on = ? AND until_on IS NULL AND ")
        .bind(until)
        .bind(programme)
        .bind(cover.from_on);
    let update = match (cover.practice, cover.region) {
        (Some(practice), _) => update.and("practice_id = ?").bind(practice),
        (None, region) => update.and("region_id = ?").bind(region),
    };
    tx.change_one(update).await?;
    let field = if cover.is_region() {
        "regions"
    } else {
        "practices"
    };
    tx.record(
        Entry::of(Event::ProgrammeChanged)
            .subject(programme)
            .fields(&[field]),
    )
    .await
}

#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct CoverForm {
    draft: Option<DraftId>,
    practice: String,
    region: String,
    from_day: String,
    from_month: String,
    from_year: String,
}

enum What {
    Practice(PracticeId),
    Region(RegionId),
}

impl CoverForm {
    fn check(
        &self,
        practices: &[(String, String)],
        regions: &[(String, String)],
        today: NaiveDate,
    ) -> Result<(What, NaiveDate), FieldErrors> {
        let mut errors = FieldErrors::default();
        let shown = |list: &[(String, String)], id: &str| list.iter().any(|(i, _)| i == id);
        let what = match (self.practice.as_str(), self.region.as_str()) {
            ("", "") => None,
            (id, "") if shown(practices, id) => id.parse().ok().map(What::Practice),
            ("", id) if shown(regions, id) => id.parse().ok().map(What::Region),
            _ => None,
        };
        if what.is_none() {
            errors.add("practice", "Choose one practice or one region");
        }
        let from = errors
            .take(
                "from",
                optional_date(&self.from_day, &self.from_month, &self.from_year),
            )
            .map(|day| day.unwrap_or(today));
        match (what, from) {
            (Some(what), Some(from)) => Ok((what, from)),
            _ => Err(errors),
        }
    }
}

#[derive(Template)]
#[template(path = "organisation/covers.html")]
struct CoversPage {
    page: Page,
    programme: Programme,
    covers: Vec<Cover>,
    practices: Vec<(String, String)>,
    regions: Vec<(String, String)>,
    form: CoverForm,
    errors: FieldErrors,
    draft: DraftId,
    saved_at: Option<String>,
}

async fn region_choices(tx: &mut Reader) -> Result<Vec<(String, String)>> {
    Ok(directory::regions(tx)
        .await?
        .into_iter()
        .map(|r| (r.id.to_string(), r.name))
        .collect())
}

async fn covers_page(
    tx: &mut Reader,
    programme: Programme,
    form: CoverForm,
    errors: FieldErrors,
    draft: DraftId,
    saved_at: Option<String>,
) -> Result<CoversPage> {
    Ok(CoversPage {
        page: Page {
            has_errors: !errors.is_empty(),
            ..page(
                tx.actor(),
                format!("What it covers: {}", programme.name),
                "/organisation",
            )
        },
        covers: covers_of(tx, programme.id).await?,
        practices: directory::practice_choices(tx).await?,
        regions: region_choices(tx).await?,
        programme,
        form,
        errors,
        draft,
        saved_at,
    })
}

pub async fn ask(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<ProgrammeId>,
) -> Result<Response> {
    actor.must(Action::KeepOrganisations)?;
    let mut tx = app.read(&actor).await?;
    let programme = store::programme(&mut tx, id).await?;
    let here = format!("/organisation/programmes/{id}/covers");
    let before = typed_before::<CoverForm>(&mut tx, &here).await?;
    let form = before.form.unwrap_or_default();
    let none = FieldErrors::default();
    let page = covers_page(
        &mut tx,
        programme,
        form,
        none,
        before.draft,
        before.saved_at,
    )
    .await?;
    show(tx, page).await
}

pub async fn submit(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<ProgrammeId>,
    Form { form, .. }: Form<CoverForm>,
) -> Result<Response> {
    actor.must(Action::KeepOrganisations)?;
    let here = format!("/organisation/programmes/{id}/covers");
    let mut tx = app.write(&actor).await?;
    let draft = form.draft.unwrap_or_else(|| drafts::new_id(&tx));
    if let Some(first) = drafts::claim(&mut tx, draft, &here).await? {
        return Ok(see_other(first).into_response());
    }
    let programme = store::programme(&mut tx, id).await?;
    let practices = directory::practice_choices(&mut tx).await?;
    let regions = region_choices(&mut tx).await?;
    let mut checked = form.check(&practices, &regions, tx.today());
    if let Ok((what, from)) = &checked {
        let chosen = match what {
            What::Practice(id) => id.to_string(),
            What::Region(id) => id.to_string(),
        };
        // Two covers of one organisation at one time would say the same thing twice, and ending one would end nothing.
        let overlaps = covers_of(&mut tx, id)
            .await?
            .iter()
            .any(|c| c.id() == chosen && c.until_on.is_none_or(|until| until >= *from));
        if overlaps {
            checked = Err(FieldErrors::one(
                "practice",
                "The programme covers this from an earlier day already",
            ));
        }
    }
    match checked {
        Ok((what, from)) => {
            match what {
                What::Practice(practice) => {
                    store::cover_practice(&mut tx, id, practice, from).await?;
                }
                What::Region(region) => store::cover_region(&mut tx, id, region, from).await?,
            }
            tx.commit().await?;
            Ok(see_other(here).with_notice("Added").into_response())
        }
        Err(errors) => {
            drop(tx);
            let mut tx = app.read(&actor).await?;
            let page = covers_page(&mut tx, programme, form, errors, draft, None).await?;
            show_again(tx, page).await
        }
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct EndForm {
    id: String,
    from: String,
}

/// Ends a cover today. It is listed with its days from then on.
pub async fn end(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<ProgrammeId>,
    Form { form, .. }: Form<EndForm>,
) -> Result<Response> {
    actor.must(Action::KeepOrganisations)?;
    let mut tx = app.write(&actor).await?;
    store::programme(&mut tx, id).await?;
    let covers = covers_of(&mut tx, id).await?;
    let cover = covers
        .iter()
        .find(|c| c.id() == form.id && c.from_on.to_string() == form.from)
        .ok_or(Error::NotFound)?;
    if cover.until_on.is_none() {
        let last_day = tx.today().max(cover.from_on);
        end_cover(&mut tx, id, cover, last_day).await?;
        tx.commit().await?;
    }
    Ok(see_other(format!("/organisation/programmes/{id}/covers"))
        .with_notice("Ended. Today is the last day.")
        .into_response())
}
