//! The form of a contact: every field as typed, checked into what is to be recorded. Recording and correcting share it.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::store::Recorded;
use crate::{
    features::{assessment::Obstacle, caseload::store::Case, consent, person},
    platform::{
        Result,
        clock::{ZONE, day_of, instant},
        db::Reader,
        web::{Said, Shown, day_of_boxes, label_of, labels_of},
    },
    rules::{
        Choice,
        assessment::{InTheWay, ObstacleState},
        consent::{Kind, Record, agreed_at, agrees},
        contact::{Mode, Outcome, Process, Reading, Ruler, Target, With, WorkStatus, may_plan_for},
        day::{optional_date, read_time},
        field::{self, FieldErrors},
        id::DraftId,
    },
};

/// The longest contact and the longest write-up, in minutes.
const LONGEST_MINUTES: i64 = 600;

/// What the page sends: every field as typed.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct ContactForm {
    pub(super) draft: Option<DraftId>,
    pub(super) version: Shown,
    pub(super) outcome: String,
    pub(super) minutes: String,
    pub(super) shared_note: String,
    pub(super) working_note: String,
    pub(super) next_step: String,
    pub(super) next_day: String,
    pub(super) next_month: String,
    pub(super) next_year: String,
    pub(super) next_time: String,
    pub(super) mode: String,
    pub(super) with_whom: String,
    pub(super) started_day: String,
    pub(super) started_month: String,
    pub(super) started_year: String,
    pub(super) started_time: String,
    pub(super) admin_minutes: String,
    pub(super) work_status: String,
    pub(super) work_since_day: String,
    pub(super) work_since_month: String,
    pub(super) work_since_year: String,
    pub(super) targets: Vec<String>,
    pub(super) processes: Vec<String>,
    pub(super) expectation: String,
    pub(super) expectation_reason: String,
    pub(super) confidence: String,
    pub(super) confidence_reason: String,
    pub(super) importance: String,
    pub(super) importance_reason: String,
    pub(super) talk_to_manager: String,
    pub(super) talk_to_manager_reason: String,
    /// How obstacles are now: an obstacle's id and a state, with a blank between.
    pub(super) obstacle_states: Vec<String>,
    /// How much they are in the way: an obstacle's id and 0 to 3.
    pub(super) obstacle_levels: Vec<String>,
    /// Why it is corrected. Blank where it is recorded.
    pub(super) reason: String,
}

/// What a contact's form is checked against.
#[derive(Debug)]
pub struct Known<'a> {
    /// What the person agreed to, where it matters.
    consents: Vec<Record>,
    /// Their day of birth, where it is known and matters.
    born_on: Option<NaiveDate>,
    /// The contact that is corrected, if one is: what it said of whom the worker spoke with stood on the consent of that moment, and is not asked of
    /// today's.
    before: Option<&'a Recorded>,
}

impl<'a> Known<'a> {
    /// Reads what this form is checked against, and no more: what was agreed to where somebody else took part, the day of birth where a day of work is told.
    pub async fn of(
        tx: &mut Reader,
        case: &Case,
        form: &ContactForm,
        before: Option<&'a Recorded>,
    ) -> Result<Self> {
        let consents = match form.with().unwrap_or(With::Person).needs() {
            [] => vec![],
            _ => consent::records(tx, case.id).await?,
        };
        let since = [
            &form.work_since_day,
            &form.work_since_month,
            &form.work_since_year,
        ];
        let born_on = match since.iter().all(|typed| typed.trim().is_empty()) {
            true => None,
            false => person::born_on(tx, case.person_id).await?,
        };
        Ok(Self {
            consents,
            born_on,
            before,
        })
    }
}

/// A contact to be recorded, checked.
#[derive(Debug, Clone)]
pub struct NewContact {
    pub outcome: Outcome,
    pub mode: Mode,
    pub with_whom: With,
    pub planned_at: Option<DateTime<Utc>>,
    pub started_at: DateTime<Utc>,
    /// 0 to 600.
    pub minutes: Option<i64>,
    /// Write-up, letters, liaison: 0 to 600.
    pub admin_minutes: Option<i64>,
    pub work_status: Option<WorkStatus>,
    /// Since when it is so; of a job that was left, its last day. Not after the contact.
    pub work_since_on: Option<NaiveDate>,
    pub targets: Vec<Target>,
    pub processes: Vec<Process>,
    pub readings: Vec<Reading>,
    pub next_step: Option<String>,
    pub next: Option<NewPlan>,
    pub shared_note: Option<String>,
    pub working_note: Option<String>,
}

/// A contact to be planned, checked.
#[derive(Debug, Clone)]
pub struct NewPlan {
    pub at: DateTime<Utc>,
    pub mode: Mode,
    pub purpose: Option<String>,
}

impl ContactForm {
    /// Whether something was said of an obstacle.
    pub(super) fn speaks_of_obstacles(&self) -> bool {
        let any = |chosen: &[String]| chosen.iter().any(|c| !c.is_empty());
        any(&self.obstacle_states) || any(&self.obstacle_levels)
    }

    /// Whom the contact was with: the person, unless another was chosen.
    fn with(&self) -> Result<With, String> {
        field::optional_choice(&self.with_whom).map(|with| with.unwrap_or(With::Person))
    }

    /// The score and the reason of a ruler, as typed.
    pub fn ruler(&self, ruler: Ruler) -> (&str, &str) {
        match ruler {
            Ruler::Expectation => (&self.expectation, &self.expectation_reason),
            Ruler::Confidence => (&self.confidence, &self.confidence_reason),
            Ruler::Importance => (&self.importance, &self.importance_reason),
            Ruler::TalkToManager => (&self.talk_to_manager, &self.talk_to_manager_reason),
        }
    }

    /// The form as it stands for a contact that was recorded: what the page of its correction shows before anything is typed.
    pub fn of(contact: &Recorded, shared_note: &str, working_note: &str) -> Self {
        let local = contact.started_at.with_timezone(&ZONE);
        let number = |n: Option<i64>| n.map_or(String::new(), |n| n.to_string());
        let since = |part: &str| {
            contact
                .work_since_on
                .map_or(String::new(), |on| on.format(part).to_string())
        };
        let mut form = Self {
            version: contact.revision.into(),
            outcome: contact.outcome.code().to_owned(),
            minutes: number(contact.minutes),
            shared_note: shared_note.to_owned(),
            working_note: working_note.to_owned(),
            next_step: contact.next_step.clone().unwrap_or_default(),
            mode: contact.mode.code().to_owned(),
            with_whom: contact.with_whom.code().to_owned(),
            started_day: local.format("%-d").to_string(),
            started_month: local.format("%-m").to_string(),
            started_year: local.format("%Y").to_string(),
            started_time: local.format("%H:%M").to_string(),
            admin_minutes: number(contact.admin_minutes),
            work_status: contact
                .work_status
                .map_or("", |status| status.code())
                .to_owned(),
            work_since_day: since("%-d"),
            work_since_month: since("%-m"),
            work_since_year: since("%Y"),
            targets: contact
                .targets
                .iter()
                .map(|t| t.code().to_owned())
                .collect(),
            processes: contact
                .processes
                .iter()
                .map(|p| p.code().to_owned())
                .collect(),
            ..Self::default()
        };
        for reading in &contact.readings {
            let (score, reason) = match reading.ruler {
                Ruler::Expectation => (&mut form.expectation, &mut form.expectation_reason),
                Ruler::Confidence => (&mut form.confidence, &mut form.confidence_reason),
                Ruler::Importance => (&mut form.importance, &mut form.importance_reason),
                Ruler::TalkToManager => {
                    (&mut form.talk_to_manager, &mut form.talk_to_manager_reason)
                }
            };
            *score = reading.score.to_string();
            *reason = reading.reason.clone().unwrap_or_default();
        }
        form
    }

    /// What is asked where a contact is corrected, as people read it. A mode and a partner left blank are the usual ones.
    pub fn said(&self) -> Said {
        let or =
            |code: &str, usual: &'static str| if code.is_empty() { usual } else { code }.to_owned();
        let began = [
            day_of_boxes(&self.started_day, &self.started_month, &self.started_year),
            self.started_time.clone(),
        ];
        let mut said = vec![
            ("How it went", label_of::<Outcome>(&self.outcome)),
            ("Minutes", self.minutes.clone()),
            ("Shared note", self.shared_note.clone()),
            ("Next step", self.next_step.clone()),
            ("Working note", self.working_note.clone()),
            ("How", label_of::<Mode>(&or(&self.mode, Mode::Phone.code()))),
            (
                "With whom",
                label_of::<With>(&or(&self.with_whom, With::Person.code())),
            ),
            ("Began", began.join(" ")),
            ("Admin minutes", self.admin_minutes.clone()),
            ("Work", label_of::<WorkStatus>(&self.work_status)),
            (
                "Work since",
                day_of_boxes(
                    &self.work_since_day,
                    &self.work_since_month,
                    &self.work_since_year,
                ),
            ),
            ("Worked on", labels_of::<Target>(&self.targets)),
            ("By", labels_of::<Process>(&self.processes)),
        ];
        said.extend(Ruler::ALL.iter().map(|ruler| {
            let (score, reason) = self.ruler(*ruler);
            (ruler.label(), [score, reason].join(" "))
        }));
        said
    }

    /// Checks every field against today and against what is known of the person.
    pub fn check(
        &self,
        now: DateTime<Utc>,
        today: NaiveDate,
        known: &Known<'_>,
    ) -> Result<NewContact, FieldErrors> {
        let before = known.before;
        let mut errors = FieldErrors::default();
        let outcome = errors.take(
            "outcome",
            field::choice(&self.outcome, "Choose how the contact went"),
        );
        let mode = errors
            .take("mode", field::optional_choice(&self.mode))
            .flatten()
            .unwrap_or(Mode::Phone);
        let with_whom = errors
            .take("with_whom", self.with())
            .unwrap_or(With::Person);
        let minutes = errors
            .take(
                "minutes",
                field::optional_number(&self.minutes, 0..=LONGEST_MINUTES),
            )
            .flatten();
        let admin_minutes = errors
            .take(
                "admin_minutes",
                field::optional_number(&self.admin_minutes, 0..=LONGEST_MINUTES),
            )
            .flatten();
        let next_step = errors
            .take("next_step", field::optional_line(&self.next_step))
            .flatten();
        let readings = Ruler::ALL
            .iter()
            .filter_map(|&ruler| reading(ruler, self.ruler(ruler), &mut errors))
            .collect();
        let started_at = errors
            .take("started", self.started(now, today, before))
            .unwrap_or(now);
        // A call that reached somebody, once recorded, stood on the consent of its moment.
        let stands = before.is_some_and(|b| {
            b.with_whom == with_whom
                && b.started_at == started_at
                && (b.outcome == Outcome::Done || outcome != Some(Outcome::Done))
        });
        if !stands && let Some(sentence) = not_agreed(with_whom, &known.consents, started_at) {
            errors.add("with_whom", sentence);
        }
        let next = errors
            .take("next", self.next(now, mode, next_step.clone()))
            .flatten();
        let checked = NewContact {
            outcome: outcome.unwrap_or(Outcome::Done),
            mode,
            with_whom,
            planned_at: before.and_then(|b| b.planned_at),
            started_at,
            minutes,
            admin_minutes,
            work_status: errors
                .take("work_status", field::optional_choice(&self.work_status))
                .flatten(),
            work_since_on: errors
                .take(
                    "work_since",
                    self.work_since(day_of(started_at), known.born_on),
                )
                .flatten(),
            targets: errors
                .take("targets", field::choices(&self.targets))
                .unwrap_or_default(),
            processes: errors
                .take("processes", field::choices(&self.processes))
                .unwrap_or_default(),
            readings,
            next_step,
            next,
            shared_note: errors
                .take("shared_note", field::optional_text(&self.shared_note))
                .flatten(),
            working_note: errors
                .take("working_note", field::optional_text(&self.working_note))
                .flatten(),
        };
        errors.into_result().map(|()| checked)
    }

    /// Since when work is as it was told. Nothing is told of days that lie after the contact.
    fn work_since(
        &self,
        told_on: NaiveDate,
        born_on: Option<NaiveDate>,
    ) -> Result<Option<NaiveDate>, String> {
        let Some(on) = optional_date(
            &self.work_since_day,
            &self.work_since_month,
            &self.work_since_year,
        )?
        else {
            return Ok(None);
        };
        if self.work_status.trim().is_empty() {
            Err("Choose how work is now, to go with this day".to_owned())
        } else if on > told_on {
            Err("This day is after the contact. Enter the day since when it is so".to_owned())
        } else if born_on.is_some_and(|born| on < born) {
            Err("This day is before they were born: check the year".to_owned())
        } else if (told_on - on).num_days() > 3_650 {
            Err("Enter a day within the 10 years before the contact".to_owned())
        } else {
            Ok(Some(on))
        }
    }

    /// When it began: now, unless something else was typed. Not in the future.
    fn started(
        &self,
        now: DateTime<Utc>,
        today: NaiveDate,
        before: Option<&Recorded>,
    ) -> Result<DateTime<Utc>, String> {
        // A moment is shown to the minute. Left as it was, it stays as it was.
        if let Some(before) = before {
            let was = Self::of(before, "", "");
            let box_by_box = |f: &Self| {
                [
                    f.started_day.trim().to_owned(),
                    f.started_month.trim().to_owned(),
                    f.started_year.trim().to_owned(),
                    f.started_time.trim().to_owned(),
                ]
            };
            if box_by_box(&was) == box_by_box(self) {
                return Ok(before.started_at);
            }
        }
        let day = optional_date(&self.started_day, &self.started_month, &self.started_year)?;
        let time = Some(self.started_time.trim())
            .filter(|t| !t.is_empty())
            .map(read_time)
            .transpose()?;
        let at = match (day, time) {
            (None, None) => before.map_or(now, |before| before.started_at),
            (day, Some(time)) => instant(day.unwrap_or(today), time),
            (Some(day), None) if day == today => now,
            (Some(_), None) => return Err("Enter a time as well as a date".to_owned()),
        };
        if at > now {
            Err("A contact that is recorded cannot be in the future".to_owned())
        } else {
            Ok(at)
        }
    }

    fn next(
        &self,
        now: DateTime<Utc>,
        mode: Mode,
        purpose: Option<String>,
    ) -> Result<Option<NewPlan>, String> {
        let Some(day) = optional_date(&self.next_day, &self.next_month, &self.next_year)? else {
            return if self.next_time.trim().is_empty() {
                Ok(None)
            } else {
                Err("Enter a date as well as a time".to_owned())
            };
        };
        let at = may_plan_for(instant(day, read_time(&self.next_time)?), now)?;
        Ok(Some(NewPlan { at, mode, purpose }))
    }
}

/// Why a contact may not have been with somebody: what they had not agreed to when it began.
fn not_agreed(with: With, consents: &[Record], started_at: DateTime<Utc>) -> Option<String> {
    // A beginning is typed to the minute.
    let began = started_at + TimeDelta::seconds(59);
    let lacks: Vec<&Kind> = with
        .needs()
        .iter()
        .filter(|kind| !agreed_at(consents, **kind, began))
        .collect();
    if lacks.is_empty() {
        None
    } else if lacks.iter().all(|kind| agrees(consents, **kind)) {
        Some("They agreed to this only after the contact began. Check when it began, and when they agreed.".to_owned())
    } else {
        Some(
            "The person has not agreed to this. Ask them and record their consent first."
                .to_owned(),
        )
    }
}

/// Reads a ruler from its two boxes, the score and the reason. Nothing where both are blank: a ruler is never forced.
pub fn reading(
    ruler: Ruler,
    (score, reason): (&str, &str),
    errors: &mut FieldErrors,
) -> Option<Reading> {
    if score.trim().is_empty() && !reason.trim().is_empty() {
        errors.add(
            ruler.code(),
            "Choose a number to go with the reason, or move the words to the note",
        );
    }
    let score = errors
        .take(ruler.code(), field::optional_number(score, 0..=10))
        .flatten()?;
    let reason = errors
        .take(ruler.code(), field::optional_text(reason))
        .flatten();
    Some(Reading {
        ruler,
        score: u8::try_from(score).unwrap_or(0),
        reason,
    })
}

/// What to ask after each score of a ruler, as JSON for the page's script.
pub fn prompts(ruler: Ruler) -> String {
    let prompts: Vec<String> = (0..=10).map(|score| ruler.follow_up(score)).collect();
    serde_json::to_string(&prompts).unwrap_or_default()
}

/// The fields of a contact as a page shows them.
#[derive(Debug)]
pub struct Asked {
    pub form: ContactForm,
    pub errors: FieldErrors,
    pub consents: Vec<Record>,
    /// A correction asks why, and not for the next contact.
    pub correcting: bool,
    /// What stood in the way when the page was made, to be looked at again if the talk comes to it.
    pub obstacles: Vec<Obstacle>,
}

/// Every answer of a list for one obstacle.
fn answers<T: Choice>(obstacle: &Obstacle) -> Vec<(String, &'static str)> {
    T::ALL
        .iter()
        .map(|one| (format!("{} {}", obstacle.id, one.code()), one.label()))
        .collect()
}

impl Asked {
    pub fn prompts(&self, ruler: Ruler) -> String {
        prompts(ruler)
    }
    /// The answers for one obstacle, with its id in each.
    pub fn states(&self, obstacle: &Obstacle) -> Vec<(String, &'static str)> {
        answers::<ObstacleState>(obstacle)
    }
    pub fn levels(&self, obstacle: &Obstacle) -> Vec<(String, &'static str)> {
        answers::<InTheWay>(obstacle)
    }
    /// Whether something was typed about work, so that its part of the page stands open.
    pub fn about_work(&self) -> bool {
        let form = &self.form;
        let typed = [
            &form.work_status,
            &form.work_since_day,
            &form.work_since_month,
            &form.work_since_year,
        ];
        typed.iter().any(|typed| !typed.is_empty())
            || !form.targets.is_empty()
            || !form.processes.is_empty()
            || self.wrong("work_status work_since targets processes")
    }
    /// Whether something was typed about an obstacle, so that their part of the page stands open.
    pub fn reviewing(&self) -> bool {
        self.form.speaks_of_obstacles() || self.wrong("obstacles")
    }
    /// Whom the worker may speak with, and what stands in the way of the others.
    pub fn withs(&self) -> Vec<(&'static str, String)> {
        With::ALL
            .iter()
            .map(|with| {
                let lacks: Vec<String> = with
                    .needs()
                    .iter()
                    .filter(|kind| !agrees(&self.consents, **kind))
                    .map(|kind| kind.label().to_lowercase().replace("gp", "GP"))
                    .collect();
                let said = match lacks.as_slice() {
                    [] => with.label().to_owned(),
                    _ => format!("{} (needs consent: {})", with.label(), lacks.join("; ")),
                };
                (with.code(), said)
            })
            .collect()
    }
    /// What a blank day means.
    pub fn blank_day(&self) -> &'static str {
        if self.correcting {
            "As it was, if you leave it blank."
        } else {
            "Today, if you leave it blank."
        }
    }
    /// Whether any of these fields, named with blanks between, needs another look, so that their part of the page stands open.
    pub fn wrong(&self, fields: &str) -> bool {
        fields
            .split(' ')
            .any(|field| self.errors.get(field).is_some())
    }
}
