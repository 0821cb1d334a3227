//! What happened in a week of a graded return, beside what was planned.

use std::ops::ControlFlow;

use askama::Template;
use axum::{
    extract::{Path, State},
    response::Response,
};
use chrono::{Datelike, Days, NaiveDate};
use serde::{Deserialize, Serialize};

use super::{
    form::{self, Begun, CHANGED, Frame, Opened},
    return_store::{self as store, Happened},
};
use crate::{
    app::App,
    features::{
        absence::{self, NewFact},
        audit,
        caseload::store::Case,
    },
    platform::{
        Error, Result,
        audit::Entry,
        db::{ReadTx, Reader, WriteTx},
        web::{
            Actor, Asks, Both, Form, Page, Reads, Shown, label_of, said_date, said_day, show,
            show_again,
        },
    },
    rules::{
        Choice,
        absence::{How, Said, SourceKind},
        event::Event,
        field::{self, FieldErrors},
        id::{CaseId, DraftId, ReturnWeekId},
        plan::{
            snapshot::week_words,
            week::{Day, GradedReturn, Week, Went, read_hours, typed_hours},
        },
    },
};

/// What happened in a week, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewHappened {
    pub went: Went,
    pub days: Vec<Day>,
    /// Worked in the week.
    pub minutes: Option<i64>,
    pub words: Option<String>,
}

#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct WeekForm {
    draft: Option<DraftId>,
    version: Shown,
    went: String,
    days: Vec<String>,
    hours: String,
    words: String,
}

const ASKS: &[Asks] = &[
    ("went", "How the week went", Reads::Choice(label_of::<Went>)),
    ("days", "Days they worked", Reads::Choice(label_of::<Day>)),
    ("hours", "Hours they worked", Reads::AsTyped),
    ("words", "How it was", Reads::AsTyped),
];

impl WeekForm {
    fn of(happened: &Happened) -> Self {
        Self {
            version: happened.revision.into(),
            went: happened.went.code().to_owned(),
            days: happened.days.iter().map(|d| d.code().to_owned()).collect(),
            hours: happened.minutes.map_or(String::new(), typed_hours),
            words: happened.words.clone().unwrap_or_default(),
            ..Self::default()
        }
    }

    /// `begins` is the week's first day where it has not come yet: then nothing can have happened in it.
    fn check(&self, begins: Option<NaiveDate>) -> Result<NewHappened, FieldErrors> {
        let mut errors = FieldErrors::default();
        let went = errors.take(
            "went",
            field::choice::<Went>(&self.went, "Choose how the week went"),
        );
        let days = errors
            .take("days", field::choices(&self.days))
            .unwrap_or_default();
        let minutes = errors.take("hours", read_hours(&self.hours)).flatten();
        let words = errors
            .take("words", field::optional_text(&self.words))
            .flatten();
        let worked = !days.is_empty() || minutes.is_some_and(|m| m > 0);
        if matches!(went, Some(Went::Off | Went::NotBegun)) && worked {
            errors.add(
                "went",
                "Days or hours of work are written down. Choose what fits, or leave them blank",
            );
        }
        if let Some(on) = begins.filter(|_| went.is_some_and(|w| w != Went::NotBegun)) {
            errors.add(
                "went",
                format!(
                    "This week begins on {}. Record how it went once it has begun",
                    said_date(on)
                ),
            );
        }
        match went {
            Some(went) if errors.is_empty() => Ok(NewHappened {
                went,
                days,
                minutes,
                words,
            }),
            _ => Err(errors),
        }
    }
}

/// What happened in the weeks of this plan, each under its number there, and what happened in others. A week that has a Monday is that Monday's, whatever its
/// number was: somebody who begins again keeps what happened the first time.
pub(super) fn of_plan(all: Vec<Happened>, plan: &GradedReturn) -> (Vec<Happened>, Vec<Happened>) {
    let (mut here, mut elsewhere) = (vec![], vec![]);
    for one in all {
        let week = match one.monday_on {
            Some(monday) => plan.week_of(monday).map(|n| n as i64 + 1),
            None => Some(one.week).filter(|week| *week <= plan.weeks.len() as i64),
        };
        match week {
            Some(week) => here.push(Happened { week, ..one }),
            None => elsewhere.push(one),
        }
    }
    // Of two for one week, the one that is known by its Monday.
    here.sort_by_key(|one| (one.week, one.monday_on.is_none()));
    elsewhere.sort_by_key(|one| (one.monday_on, one.week));
    (here, elsewhere)
}

/// The week that is asked about: its number, its day and what was planned.
struct Asked {
    /// From 1.
    week: i64,
    monday_on: Option<NaiveDate>,
    monday: Option<String>,
    planned: String,
    row: Week,
    /// Its first and its last day, once there is a date.
    days: Option<(NaiveDate, NaiveDate)>,
    happened: Option<Happened>,
}

async fn asked(tx: &mut Reader, case: CaseId, week: i64) -> Result<Asked> {
    let planned = store::planned(tx, case).await?.ok_or(Error::NotFound)?;
    let n = usize::try_from(week - 1).map_err(|_| Error::NotFound)?;
    let row = planned.plan.weeks.get(n).ok_or(Error::NotFound)?;
    let today = tx.today();
    let monday_on = planned.plan.monday(n);
    let (here, _) = of_plan(store::happened(tx, case).await?, &planned.plan);
    Ok(Asked {
        week,
        monday_on,
        monday: monday_on.map(|day| said_day(day, today)),
        planned: week_words(row),
        row: row.clone(),
        days: monday_on.map(|monday| {
            let from = planned
                .plan
                .starts_on
                .map_or(monday, |starts| starts.max(monday));
            (from, monday + Days::new(6))
        }),
        happened: here.into_iter().find(|h| h.week == week),
    })
}

#[derive(Template)]
#[template(path = "plan/return_week.html")]
struct WeekPage {
    page: Page,
    f: Frame,
    form: WeekForm,
    asked: Asked,
}

async fn week_page(
    tx: &mut ReadTx,
    case: &Case,
    f: Frame,
    form: WeekForm,
    asked: Asked,
) -> Result<WeekPage> {
    let stands = asked.happened.as_ref();
    let revision = stands.map_or(0, |h| h.revision);
    let both = Both::of_forms(&form, &stands.map(WeekForm::of).unwrap_or_default(), ASKS);
    let (here, versions) = ((case.id, case.person_id), (form.version, revision));
    let recorded = [Event::ReturnWeekRecorded];
    let f = f.since(audit::since_on_case(tx, here, versions, &recorded, both).await?);
    Ok(WeekPage {
        page: f.page.clone(),
        f,
        form: WeekForm {
            version: form.version.on(revision),
            ..form
        },
        asked,
    })
}

pub async fn ask(
    State(app): State<App>,
    actor: Actor,
    Path((id, week)): Path<(CaseId, String)>,
) -> Result<Response> {
    let Opened {
        mut tx,
        case,
        typed,
    } = form::open::<WeekForm>(&app, &actor, id, &format!("/return/{week}")).await?;
    let week = form::number(&week)?;
    let asked = asked(&mut tx, id, week).await?;
    let form = typed.form.unwrap_or_else(|| {
        asked
            .happened
            .as_ref()
            .map_or_else(WeekForm::default, WeekForm::of)
    });
    let f = Frame::new(
        &mut tx,
        &case,
        &format!("Week {week}"),
        FieldErrors::default(),
        typed.draft,
        typed.saved_at,
    );
    let page = week_page(&mut tx, &case, f, form, asked).await?;
    show(tx, page).await
}

pub async fn submit(
    State(app): State<App>,
    actor: Actor,
    Path((id, week)): Path<(CaseId, String)>,
    Form { form, .. }: Form<WeekForm>,
) -> Result<Response> {
    let Begun {
        mut tx,
        case,
        draft,
    } = match form::begin(&app, &actor, id, form.draft).await? {
        ControlFlow::Continue(begun) => begun,
        ControlFlow::Break(answer) => return Ok(answer),
    };
    let week = form::number(&week)?;
    let asked = asked(&mut tx, id, week).await?;
    form::unchanged(
        form.version,
        asked.happened.as_ref().map_or(0, |h| h.revision),
    )?;
    let today = tx.today();
    let begins = asked
        .days
        .map(|(from, _)| from)
        .filter(|from| *from > today);
    match form.check(begins) {
        Ok(new) => {
            let notice = if record_return_week(&mut tx, &case, week, new).await? {
                "Week saved"
            } else {
                "Nothing was different"
            };
            form::done(tx, format!("{}#return", form::home(id)), notice).await
        }
        Err(errors) => {
            drop(tx);
            let mut tx = app.read(&actor).await?;
            let title = format!("Week {week}");
            let f = Frame::new(&mut tx, &case, &title, errors, draft, None);
            let page = week_page(&mut tx, &case, f, form, asked).await?;
            show_again(tx, page).await
        }
    }
}

/// Records what happened in a week of the return, as its first or next revision. False where nothing is different.
pub async fn record_return_week(
    tx: &mut WriteTx,
    case: &Case,
    week: i64,
    new: NewHappened,
) -> Result<bool> {
    let author = tx.actor().account_id().ok_or(Error::SignInNeeded)?;
    let asked = asked(tx, case.id, week).await?;
    let id: ReturnWeekId = tx.new_id();
    let root = asked.happened.as_ref().map_or(id, |was| was.root);
    let place = (week, asked.monday_on);
    match asked.happened {
        None => store::insert_week(tx, case.id, (id, id, 1), author, place, &new).await?,
        Some(was) => {
            let same = NewHappened {
                went: was.went,
                days: was.days.clone(),
                minutes: was.minutes,
                words: was.words.clone(),
            };
            // One that got its date since says something of days now.
            if same == new && was.monday_on == asked.monday_on {
                return Ok(false);
            }
            store::supersede_week(tx, was.newest, id, CHANGED).await?;
            let revision = (id, was.root, was.revision + 1);
            store::insert_week(tx, case.id, revision, author, place, &new).await?;
        }
    }
    tell_days(tx, case, root, asked.days, &asked.row, &new).await?;
    tx.record(
        Entry::of(Event::ReturnWeekRecorded)
            .case(case.id)
            .person(case.person_id)
            .subject(id),
    )
    .await?;
    Ok(true)
}

/// Tells the calendar of time off how the days of a week were, in place of what an earlier revision told. A week without a date tells nothing, nor does one
/// that has not begun.
async fn tell_days(
    tx: &mut WriteTx,
    case: &Case,
    root: ReturnWeekId,
    days: Option<(NaiveDate, NaiveDate)>,
    planned: &Week,
    new: &NewHappened,
) -> Result<()> {
    absence::take_back(tx, case, SourceKind::Worker, root.uuid()).await?;
    let today = tx.today();
    let Some((from, until)) = days.filter(|(from, _)| *from <= today) else {
        return Ok(());
    };
    let mut note = new.words.clone();
    for said in says_of_days(planned, new, (from, until.min(today))) {
        let told = NewFact {
            source: SourceKind::Worker,
            source_id: Some(root.uuid()),
            said,
            told_at: tx.now(),
            note: note.take(),
        };
        absence::tell(tx, case, told).await?;
    }
    Ok(())
}

/// What a week says of its days. Hours that are known are spread over the days worked. Where nobody knows them, those days are part-days of unknown length,
/// and the others have no hours. Where only the number of hours is known it says nothing: which days were worked would be a guess.
fn says_of_days(
    planned: &Week,
    new: &NewHappened,
    (from, until): (NaiveDate, NaiveDate),
) -> Vec<Said> {
    let days = |how, from, until, week| Said::Days {
        how,
        from,
        until,
        week,
    };
    let as_planned = new.went == Went::AsPlanned;
    let worked = match new.went {
        Went::NotBegun => return vec![],
        Went::Off => return vec![days(How::Off, from, until, None)],
        _ if new.days.is_empty() && as_planned => &planned.days,
        _ => &new.days,
    };
    if worked.is_empty() {
        return vec![];
    }
    if let Some(minutes) = new.minutes.or(planned.minutes().filter(|_| as_planned)) {
        return vec![days(
            How::Part,
            from,
            until,
            Some(over_days(worked, minutes)),
        )];
    }
    let is_worked = |on: &NaiveDate| {
        let weekday = u64::from(on.weekday().num_days_from_monday());
        worked.iter().any(|day| day.index() == weekday)
    };
    let each: Vec<NaiveDate> = from.iter_days().take_while(|on| *on <= until).collect();
    each.chunk_by(|a, b| is_worked(a) == is_worked(b))
        .filter_map(|alike| {
            let (first, last) = (alike.first()?, alike.last()?);
            let no_hours = (!is_worked(first)).then_some([0; 7]);
            Some(days(How::Part, *first, *last, no_hours))
        })
        .collect()
}

/// Minutes of a week spread evenly over the days worked, Monday first. What does not divide goes to the first of them.
fn over_days(worked: &[Day], minutes: i64) -> [u16; 7] {
    let mut left = minutes;
    let mut days_left = worked.len() as i64;
    let mut week = [0; 7];
    for (minutes, day) in week.iter_mut().zip(Day::ALL) {
        if worked.contains(day) {
            let share = (left + days_left - 1) / days_left.max(1);
            *minutes = u16::try_from(share.min(1_440)).unwrap_or(1_440);
            left -= share;
            days_left -= 1;
        }
    }
    week
}
