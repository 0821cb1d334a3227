//! Programmes: added and changed, every parameter a field of one form.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};

use super::{
    covers::{self, Cover},
    directory,
    store::{self, Programme},
    wordings::{self, Newest},
};
use crate::{
    app::App,
    features::{absence, audit, page},
    platform::{
        Result,
        audit::Entry,
        db::{Reader, Sql, Value, WriteTx, sql},
        drafts,
        web::{
            Actor, Both, Form, Meanwhile, Page, Said, Shown, label_of, labels_of, see_other, show,
            show_again, show_changed, typed_before, words_of,
        },
    },
    rules::{
        Choice,
        event::Event,
        field::{self, FieldErrors},
        id::{DraftId, ProgrammeId, TeamId},
        organisation::{EmployedBy, Parameters, PlanType, Route},
        permission::Action,
    },
};

/// What the page sends: every field as typed.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct ProgrammeForm {
    draft: Option<DraftId>,
    version: Shown,
    name: String,
    slug: String,
    team: String,
    minimum_age: String,
    needs_paid_work: String,
    needs_fit_note: String,
    absent_at_least_days: String,
    absent_at_most_days: String,
    routes: Vec<String>,
    employed_by: String,
    maximum_weeks: String,
    plan_types: Vec<String>,
    first_contact_working_days: String,
    quiet_days: String,
    tries_before_no_contact: String,
    duty_minutes: String,
    reopen_days: String,
    capacity: String,
    note_gap_days: String,
    sustained_weeks: String,
    days_off_weeks: String,
    how_weeks: String,
    afterwards_days: String,
    worrying_words: String,
    letters_address: String,
    letters_telephone: String,
    what_to_do_now: String,
}

/// A programme to be added or changed, checked.
struct Checked {
    name: String,
    slug: String,
    team: TeamId,
    parameters: Parameters,
}

/// The ways that a programme can open. Imports are not one.
pub const ROUTES: &[Route] = &[
    Route::Practice,
    Route::SelfReferral,
    Route::Community,
    Route::Employer,
];

fn ticked(yes: bool) -> String {
    if yes { "yes".to_owned() } else { String::new() }
}

fn codes<T: Choice>(values: &[T]) -> Vec<String> {
    values.iter().map(|v| v.code().to_owned()).collect()
}

impl ProgrammeForm {
    fn of(name: &str, slug: &str, team: Option<TeamId>, p: &Parameters, version: i64) -> Self {
        let e = &p.eligibility;
        Self {
            draft: None,
            version: version.into(),
            name: name.to_owned(),
            slug: slug.to_owned(),
            team: team.map(|t| t.to_string()).unwrap_or_default(),
            minimum_age: e.minimum_age.to_string(),
            needs_paid_work: ticked(e.needs_paid_work),
            needs_fit_note: ticked(e.needs_fit_note),
            absent_at_least_days: e.absent_at_least_days.to_string(),
            absent_at_most_days: e.absent_at_most_days.to_string(),
            routes: codes(&p.routes),
            employed_by: p.employed_by.code().to_owned(),
            maximum_weeks: p.maximum_weeks.to_string(),
            plan_types: codes(&p.plan_types),
            first_contact_working_days: p.first_contact_working_days.to_string(),
            quiet_days: p.quiet_days.to_string(),
            tries_before_no_contact: p.tries_before_no_contact.to_string(),
            duty_minutes: p.duty_minutes.to_string(),
            reopen_days: p.reopen_days.to_string(),
            capacity: p.capacity.to_string(),
            note_gap_days: p.note_gap_days.to_string(),
            sustained_weeks: p.sustained_weeks.to_string(),
            days_off_weeks: p.checkins.days_off_weeks.to_string(),
            how_weeks: p.checkins.how_weeks.to_string(),
            afterwards_days: p.checkins.afterwards_days.to_string(),
            worrying_words: p.checkins.worrying_words.join("\n"),
            letters_address: p.letterhead.address.clone(),
            letters_telephone: p.letterhead.telephone.clone(),
            what_to_do_now: p.what_to_do_now.clone(),
        }
    }

    /// Every parameter as people read it.
    fn said(&self, teams: &[(String, String)]) -> Said {
        let yes_no = |ticked: &str| if ticked == "yes" { "Yes" } else { "No" }.to_owned();
        vec![
            ("Name", self.name.clone()),
            ("Address of the self-referral", self.slug.clone()),
            ("Team that takes its referrals", words_of(teams, &self.team)),
            (
                "Who employs the support workers",
                label_of::<EmployedBy>(&self.employed_by),
            ),
            ("Youngest age", self.minimum_age.clone()),
            (
                "In paid work, or self-employed",
                yes_no(&self.needs_paid_work),
            ),
            ("Has a fit note", yes_no(&self.needs_fit_note)),
            (
                "Shortest absence, in days",
                self.absent_at_least_days.clone(),
            ),
            ("Longest absence, in days", self.absent_at_most_days.clone()),
            ("Who may refer", labels_of::<Route>(&self.routes)),
            ("Plans", labels_of::<PlanType>(&self.plan_types)),
            (
                "First contact within, in working days",
                self.first_contact_working_days.clone(),
            ),
            ("Longest support, in weeks", self.maximum_weeks.clone()),
            (
                "Days without a planned contact before the mentor sees it",
                self.quiet_days.clone(),
            ),
            (
                "Tries without an answer before “no contact” may be suggested",
                self.tries_before_no_contact.clone(),
            ),
            (
                "Days in which a closed case may be reopened",
                self.reopen_days.clone(),
            ),
            (
                "Cases in support that one worker has room for",
                self.capacity.clone(),
            ),
            (
                "Days between fit notes of one time off, at most",
                self.note_gap_days.clone(),
            ),
            (
                "Weeks at the usual hours until a return has lasted",
                self.sustained_weeks.clone(),
            ),
            (
                "Weeks between questions about days off work",
                self.days_off_weeks.clone(),
            ),
            (
                "Weeks between questions about how things are",
                self.how_weeks.clone(),
            ),
            (
                "Days after the end until they are asked how it was",
                self.afterwards_days.clone(),
            ),
            (
                "Worrying words",
                self.worrying_words.lines().collect::<Vec<_>>().join("; "),
            ),
            (
                "Address at the top of letters",
                self.letters_address.lines().collect::<Vec<_>>().join(", "),
            ),
            (
                "Telephone at the top of letters",
                self.letters_telephone.clone(),
            ),
            (
                "Minutes before a safety concern goes to the next person on duty",
                self.duty_minutes.clone(),
            ),
            ("What to do now", self.what_to_do_now.clone()),
        ]
    }

    /// The form as it stands for a programme.
    fn standing(g: &Programme) -> Self {
        Self::of(&g.name, &g.slug, Some(g.team_id), &g.parameters, g.version)
    }

    /// Checks every field. What this form does not hold stays as it was in `before`.
    async fn check(
        &self,
        tx: &mut Reader,
        before: &Parameters,
        except: Option<ProgrammeId>,
    ) -> Result<Result<Checked, FieldErrors>> {
        let mut errors = FieldErrors::default();
        let name = errors.take(
            "name",
            field::line(&self.name, "Enter the programme's name"),
        );
        let slug = errors.take("slug", slug(&self.slug));
        if let Some(slug) = &slug
            && slug_is_taken(tx, slug, except).await?
        {
            errors.add("slug", "Another programme has this address already");
        }
        let teams = directory::teams(tx).await?;
        let team = teams
            .iter()
            .find(|t| t.id.to_string() == self.team)
            .map(|t| t.id);
        if team.is_none() {
            errors.add("team", "Choose the team that takes its referrals");
        }
        let mut p = before.clone();
        let mut number = |field, typed: &str, range, to: &mut u32| {
            if let Some(n) = errors.take(field, a_number(typed, range)) {
                *to = n;
            }
        };
        let e = &mut p.eligibility;
        number(
            "minimum_age",
            &self.minimum_age,
            16..=100,
            &mut e.minimum_age,
        );
        number(
            "absent_at_least_days",
            &self.absent_at_least_days,
            0..=730,
            &mut e.absent_at_least_days,
        );
        number(
            "absent_at_most_days",
            &self.absent_at_most_days,
            1..=3650,
            &mut e.absent_at_most_days,
        );
        number(
            "maximum_weeks",
            &self.maximum_weeks,
            1..=260,
            &mut p.maximum_weeks,
        );
        number(
            "first_contact_working_days",
            &self.first_contact_working_days,
            1..=60,
            &mut p.first_contact_working_days,
        );
        number("quiet_days", &self.quiet_days, 1..=365, &mut p.quiet_days);
        number(
            "tries_before_no_contact",
            &self.tries_before_no_contact,
            1..=20,
            &mut p.tries_before_no_contact,
        );
        number(
            "duty_minutes",
            &self.duty_minutes,
            1..=1440,
            &mut p.duty_minutes,
        );
        number(
            "reopen_days",
            &self.reopen_days,
            0..=730,
            &mut p.reopen_days,
        );
        number("capacity", &self.capacity, 1..=500, &mut p.capacity);
        number(
            "note_gap_days",
            &self.note_gap_days,
            1..=60,
            &mut p.note_gap_days,
        );
        number(
            "sustained_weeks",
            &self.sustained_weeks,
            1..=26,
            &mut p.sustained_weeks,
        );
        number(
            "days_off_weeks",
            &self.days_off_weeks,
            0..=8,
            &mut p.checkins.days_off_weeks,
        );
        number(
            "how_weeks",
            &self.how_weeks,
            0..=26,
            &mut p.checkins.how_weeks,
        );
        number(
            "afterwards_days",
            &self.afterwards_days,
            0..=90,
            &mut p.checkins.afterwards_days,
        );
        p.eligibility.needs_paid_work = self.needs_paid_work == "yes";
        p.eligibility.needs_fit_note = self.needs_fit_note == "yes";
        if p.eligibility.absent_at_most_days < p.eligibility.absent_at_least_days {
            errors.add(
                "absent_at_most_days",
                "The longest absence must not be shorter than the shortest",
            );
        }
        match worrying_words(&self.worrying_words) {
            Ok(words) => p.checkins.worrying_words = words,
            Err(sentence) => errors.add("worrying_words", sentence),
        }
        if let Some(lines) = errors.take(
            "letters_address",
            field::optional_text(&self.letters_address),
        ) {
            p.letterhead.address = lines.unwrap_or_default();
        }
        if let Some(number) = errors.take(
            "letters_telephone",
            field::optional_line(&self.letters_telephone),
        ) {
            p.letterhead.telephone = number.unwrap_or_default();
        }
        if let Some(routes) = errors.take("routes", field::choices::<Route>(&self.routes)) {
            if routes.is_empty() {
                errors.add("routes", "Choose at least one way to refer");
            }
            p.routes = routes;
        }
        if let Some(types) = errors.take("plan_types", field::choices(&self.plan_types)) {
            p.plan_types = types;
        }
        if let Some(by) = errors.take(
            "employed_by",
            field::choice(&self.employed_by, "Choose who employs the support workers"),
        ) {
            p.employed_by = by;
        }
        if let Some(words) = errors.take(
            "what_to_do_now",
            field::text(
                &self.what_to_do_now,
                "Enter what to do now, with your own telephone numbers",
            ),
        ) {
            p.what_to_do_now = words;
        }
        Ok(match (name, slug, team) {
            (Some(name), Some(slug), Some(team)) if errors.is_empty() => Ok(Checked {
                name,
                slug,
                team,
                parameters: p,
            }),
            _ => Err(errors),
        })
    }
}

fn a_number(typed: &str, range: std::ops::RangeInclusive<i64>) -> Result<u32, String> {
    let missing = format!(
        "Enter a whole number from {} to {}",
        range.start(),
        range.end()
    );
    field::optional_number(typed, range)?
        .and_then(|n| u32::try_from(n).ok())
        .ok_or(missing)
}

/// Words and phrases that bring an answer to whoever is on duty, one a line.
fn worrying_words(typed: &str) -> Result<Vec<String>, String> {
    const MOST: usize = 200;
    const LONGEST: usize = 60;
    let words: Vec<String> = typed
        .lines()
        .map(field::tidy)
        .filter(|line| !line.is_empty())
        .collect();
    if words.is_empty() || words.len() > MOST || words.iter().any(|w| w.chars().count() > LONGEST) {
        return Err(format!(
            "Enter 1 to {MOST} words or phrases, one on each line, each of at most {LONGEST} letters"
        ));
    }
    Ok(words)
}

/// The last part of the address of the self-referral.
fn slug(typed: &str) -> Result<String, String> {
    let slug = field::line(typed, "Enter the address, like south-yorkshire")?;
    let fits = slug
        .chars()
        .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
    if fits && (3..=60).contains(&slug.len()) && !slug.starts_with('-') && !slug.ends_with('-') {
        Ok(slug)
    } else {
        Err("Use 3 to 60 small letters, digits and hyphens, like south-yorkshire".to_owned())
    }
}

async fn slug_is_taken(tx: &mut Reader, slug: &str, except: Option<ProgrammeId>) -> Result<bool> {
    let row = tx
        .maybe(sql("SELECT id FROM programmes WHERE slug = ?").bind(slug))
        .await?;
    let found: Option<ProgrammeId> = row.map(|row| row.get("id")).transpose()?;
    Ok(found.is_some() && found != except)
}

/// The names of the parameters that differ.
fn changed(before: &Programme, to: &Checked) -> Vec<&'static str> {
    let (b, t) = (&before.parameters, &to.parameters);
    [
        ("name", before.name != to.name),
        ("slug", before.slug != to.slug),
        ("team", before.team_id != to.team),
        ("eligibility", b.eligibility != t.eligibility),
        ("routes", b.routes != t.routes),
        ("employed_by", b.employed_by != t.employed_by),
        ("maximum_weeks", b.maximum_weeks != t.maximum_weeks),
        ("plan_types", b.plan_types != t.plan_types),
        (
            "first_contact_working_days",
            b.first_contact_working_days != t.first_contact_working_days,
        ),
        ("quiet_days", b.quiet_days != t.quiet_days),
        (
            "tries_before_no_contact",
            b.tries_before_no_contact != t.tries_before_no_contact,
        ),
        ("duty_minutes", b.duty_minutes != t.duty_minutes),
        ("reopen_days", b.reopen_days != t.reopen_days),
        ("capacity", b.capacity != t.capacity),
        ("note_gap_days", b.note_gap_days != t.note_gap_days),
        ("sustained_weeks", b.sustained_weeks != t.sustained_weeks),
        ("checkins", b.checkins != t.checkins),
        ("letterhead", b.letterhead != t.letterhead),
        ("what_to_do_now", b.what_to_do_now != t.what_to_do_now),
    ]
    .into_iter()
    .filter_map(|(field, differs)| differs.then_some(field))
    .collect()
}

/// Changes a programme at the version that was loaded. What was before stands in the event's detail.
async fn change_programme(tx: &mut WriteTx, before: &Programme, to: Checked) -> Result<()> {
    let fields = changed(before, &to);
    if before.parameters.note_gap_days != to.parameters.note_gap_days {
        absence::keep_again(tx, before.id).await?;
    }
    tx.change_one(
        Sql::update(
            "programmes",
            [
                ("name", to.name.into()),
                ("slug", to.slug.into()),
                ("team_id", to.team.into()),
                ("parameters", Value::json(&to.parameters)),
                ("version", (before.version + 1).into()),
            ],
        )
        .and(" WHERE id = ? AND version = ?")
        .bind(before.id)
        .bind(before.version),
    )
    .await?;
    tx.record(
        Entry::of(Event::ProgrammeChanged)
            .subject(before.id)
            .fields(&fields)
            .detail(&before.parameters),
    )
    .await
}

#[derive(Template)]
#[template(path = "organisation/programme.html")]
struct ProgrammePage {
    page: Page,
    programme: Option<Programme>,
    covers: Vec<Cover>,
    wordings: Vec<Newest>,
    teams: Vec<(String, String)>,
    form: ProgrammeForm,
    errors: FieldErrors,
    draft: DraftId,
    saved_at: Option<String>,
    public_url: String,
    meanwhile: Option<Meanwhile>,
}

impl ProgrammePage {
    fn address(&self) -> String {
        self.programme.as_ref().map_or_else(
            || "/organisation/programmes/new".to_owned(),
            |g| format!("/organisation/programmes/{}", g.id),
        )
    }
    /// Whether referrals of a kind are taken, as it is kept.
    fn refers(&self, route: Route) -> bool {
        let kept = self.programme.as_ref().map(|its| &its.parameters.routes);
        kept.is_some_and(|routes| routes.contains(&route))
    }
}

async fn programme_page(
    app: &App,
    tx: &mut Reader,
    programme: Option<Programme>,
    form: ProgrammeForm,
    errors: FieldErrors,
    (draft, saved_at): (DraftId, Option<String>),
) -> Result<ProgrammePage> {
    let title = programme
        .as_ref()
        .map_or_else(|| "Add a programme".to_owned(), |g| g.name.clone());
    let (covers, wordings) = match &programme {
        Some(g) => (
            covers::covers_of(tx, g.id).await?,
            wordings::newest(tx, g.id).await?,
        ),
        None => (vec![], vec![]),
    };
    let teams: Vec<(String, String)> = directory::teams(tx)
        .await?
        .into_iter()
        .map(|t| (t.id.to_string(), format!("{}, {}", t.name, t.provider)))
        .collect();
    let meanwhile = match &programme {
        Some(g) if form.version.changed(g.version) => {
            let both = Both::each(form.said(&teams), ProgrammeForm::standing(g).said(&teams));
            Some(audit::meanwhile_on(tx, g.id, &[Event::ProgrammeChanged], both).await?)
        }
        _ => None,
    };
    let version = form.version.on(programme.as_ref().map_or(0, |g| g.version));
    Ok(ProgrammePage {
        meanwhile,
        page: Page {
            has_errors: !errors.is_empty(),
            ..page(tx.actor(), title, "/organisation")
        },
        programme,
        covers,
        wordings,
        teams,
        form: ProgrammeForm { version, ..form },
        errors,
        draft,
        saved_at,
        public_url: app.config.public_url.clone(),
    })
}

pub async fn ask_add(State(app): State<App>, actor: Actor) -> Result<Response> {
    actor.must(Action::KeepOrganisations)?;
    let mut tx = app.read(&actor).await?;
    let before = typed_before::<ProgrammeForm>(&mut tx, "/organisation/programmes/new").await?;
    let form = before
        .form
        .unwrap_or_else(|| ProgrammeForm::of("", "", None, &Parameters::default(), 0));
    let kept = (before.draft, before.saved_at);
    let page = programme_page(&app, &mut tx, None, form, FieldErrors::default(), kept).await?;
    show(tx, page).await
}

pub async fn submit_add(
    State(app): State<App>,
    actor: Actor,
    Form { form, .. }: Form<ProgrammeForm>,
) -> Result<Response> {
    actor.must(Action::KeepOrganisations)?;
    let mut tx = app.write(&actor).await?;
    let draft = form.draft.unwrap_or_else(|| drafts::new_id(&tx));
    if let Some(first) = drafts::claim(&mut tx, draft, "/organisation").await? {
        return Ok(see_other(first).into_response());
    }
    match form.check(&mut tx, &Parameters::default(), None).await? {
        Ok(new) => {
            let id = store::add_programme(&mut tx, new.team, &new.name, &new.slug, &new.parameters)
                .await?;
            let there = format!("/organisation/programmes/{id}");
            drafts::led_to(&mut tx, draft, &there).await?;
            tx.commit().await?;
            Ok(see_other(there)
                .with_notice("Programme added. Say next which practices or regions it covers.")
                .into_response())
        }
        Err(errors) => {
            drop(tx);
            let mut tx = app.read(&actor).await?;
            let page = programme_page(&app, &mut tx, None, form, errors, (draft, None)).await?;
            show_again(tx, page).await
        }
    }
}

pub async fn ask_change(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<ProgrammeId>,
) -> Result<Response> {
    actor.must(Action::KeepOrganisations)?;
    let mut tx = app.read(&actor).await?;
    let g = store::programme(&mut tx, id).await?;
    let here = format!("/organisation/programmes/{id}");
    let before = typed_before::<ProgrammeForm>(&mut tx, &here).await?;
    let form = before.form.unwrap_or_else(|| ProgrammeForm::standing(&g));
    let kept = (before.draft, before.saved_at);
    let page = programme_page(&app, &mut tx, Some(g), form, FieldErrors::default(), kept).await?;
    show(tx, page).await
}

pub async fn submit_change(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<ProgrammeId>,
    Form { form, .. }: Form<ProgrammeForm>,
) -> Result<Response> {
    actor.must(Action::KeepOrganisations)?;
    let here = format!("/organisation/programmes/{id}");
    let mut tx = app.write(&actor).await?;
    let draft = form.draft.unwrap_or_else(|| drafts::new_id(&tx));
    if let Some(first) = drafts::claim(&mut tx, draft, &here).await? {
        return Ok(see_other(first).into_response());
    }
    let programme = store::programme(&mut tx, id).await?;
    if form.version != programme.version {
        drop(tx);
        let mut tx = app.read(&actor).await?;
        let (g, none) = (Some(programme), FieldErrors::default());
        let page = programme_page(&app, &mut tx, g, form, none, (draft, None)).await?;
        return show_changed(tx, page).await;
    }
    match form.check(&mut tx, &programme.parameters, Some(id)).await? {
        Ok(to) => {
            change_programme(&mut tx, &programme, to).await?;
            tx.commit().await?;
            Ok(see_other(here)
                .with_notice("Programme changed. It holds from now on.")
                .into_response())
        }
        Err(errors) => {
            drop(tx);
            let mut tx = app.read(&actor).await?;
            let page =
                programme_page(&app, &mut tx, Some(programme), form, errors, (draft, None)).await?;
            show_again(tx, page).await
        }
    }
}
