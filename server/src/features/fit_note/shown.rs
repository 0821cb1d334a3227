//! The fit notes of a case on one page: what covers the person now, spells with their gaps and overlaps, and every note; and one note on its own.

use std::collections::HashMap;

use askama::Template;
use axum::{
    extract::{Path, State},
    response::Response,
};
use chrono::NaiveDate;

use super::{
    photos::{self, Photo},
    store::{self, FitNote},
};
use crate::{
    app::App,
    features::{
        absence,
        caseload::store::{self as cases, Case},
        page,
    },
    platform::{
        Error, Result,
        audit::Entry,
        web::{Actor, Page, said_day, said_instant, short_date, show},
    },
    rules::{
        Choice,
        absence::Spell as TimeOff,
        caseload::Status,
        event::Event,
        fit_note::{
            Note, Seen, Span, Spell, Standing, before_note, cover_until, covering,
            may_be_off_since, spells,
        },
        id::{CaseId, FitNoteId},
        permission::Action,
    },
};

/// "Monday 2 to Sunday 29 November", "from Monday 2 November, no end".
pub fn period_words(note: &FitNote, today: NaiveDate) -> String {
    match note.until_on {
        Some(until) if until == note.from_on => said_day(until, today),
        Some(until) => format!(
            "{} to {}",
            said_day(note.from_on, today),
            said_day(until, today)
        ),
        None => format!("from {}, no end", said_day(note.from_on, today)),
    }
}

/// What the notes that count come to today, in one sentence, and how many there are.
pub struct Cover {
    pub sentence: String,
    /// Days left, for a countdown; `None` where no note covers today or it has no end.
    pub days_left: Option<i64>,
    pub count: usize,
}

/// The countdown of a case, from its notes that count and the day that is kept with it.
pub(super) fn cover_of(notes: &[FitNote], kept: Option<NaiveDate>, today: NaiveDate) -> Cover {
    let chained: Vec<Note> = notes.iter().map(FitNote::chained).collect();
    let now = covering(&chained, today);
    let until = cover_until(&chained);
    let (sentence, days_left) = match (notes.is_empty(), now, until) {
        (true, ..) => match kept {
            Some(until) => (
                format!(
                    "No note is recorded. The referral says there is one until {}.",
                    said_day(until, today)
                ),
                None,
            ),
            None => ("No note is recorded.".to_owned(), None),
        },
        (_, Some(piece), None) => (
            format!(
                "Covered since {}, with no end on the note.",
                said_day(piece.from_on, today)
            ),
            None,
        ),
        (_, Some(piece), Some(last)) => {
            let this = piece.until_on.unwrap_or(last);
            let next = if last > this {
                format!(" Later notes go on to {}.", said_day(last, today))
            } else {
                String::new()
            };
            (
                format!("The current note ends on {}.{next}", said_day(this, today)),
                Some((this - today).num_days()),
            )
        }
        (_, None, Some(last)) if last < today => (
            format!(
                "No note covers today. The last one ended on {}.",
                said_day(last, today)
            ),
            None,
        ),
        (_, None, _) => ("No note covers today. One begins later.".to_owned(), None),
    };
    Cover {
        sentence,
        days_left,
        count: notes.len(),
    }
}

impl Cover {
    /// "14 days left".
    pub fn countdown(&self) -> Option<String> {
        self.days_left.map(|days| match days {
            0 => "ends today".to_owned(),
            1 => "1 day left".to_owned(),
            n => format!("{n} days left"),
        })
    }
}

/// A note as a line of the table.
struct Line {
    root: FitNoteId,
    days: String,
    says: String,
    condition: String,
    issuer: String,
    recorded: String,
    unusual: usize,
    photos: usize,
    standing: Standing,
}

/// A spell as the page says it.
struct SpellWords {
    title: String,
    sentences: Vec<String>,
    lines: Vec<Line>,
}

#[derive(Template)]
#[template(path = "fit_note/list.html")]
struct ListPage {
    page: Page,
    case: Case,
    cover: Cover,
    spells: Vec<SpellWords>,
    /// Recorded and not counted.
    others: Vec<Line>,
    may_record: bool,
}

fn span_words(span: Span, today: NaiveDate) -> String {
    if span.from_on == span.until_on {
        said_day(span.from_on, today)
    } else {
        format!(
            "{} to {}",
            said_day(span.from_on, today),
            said_day(span.until_on, today)
        )
    }
}

/// "1 day", "35 days".
fn days_words(n: i64) -> String {
    if n == 1 {
        "1 day".to_owned()
    } else {
        format!("{n} days")
    }
}

/// What the notes of one spell say together, and what the calendar of time off counts for those days: lengths of time off are the calendar's, here and on its
/// own page. `earlier` is the last day of the notes before these.
fn spell_words(
    spell: &Spell,
    times_off: &[TimeOff],
    (gap_days, earlier): (u32, Option<NaiveDate>),
    today: NaiveDate,
    lines: Vec<Line>,
) -> SpellWords {
    let title = match spell.until_on {
        Some(until) if until == spell.from_on => format!("Notes for {}", said_day(until, today)),
        Some(until) => format!(
            "Notes for {} to {}",
            said_day(spell.from_on, today),
            said_day(until, today)
        ),
        None => format!("Notes from {}, no end", said_day(spell.from_on, today)),
    };
    let last = spell.until_on.unwrap_or(NaiveDate::MAX);
    let off: Vec<&TimeOff> = times_off
        .iter()
        .filter(|off| off.from <= last && off.until >= spell.from_on)
        .collect();
    let mut sentences = vec![];
    if spell.from_on > today {
        sentences.push("They have not begun.".to_owned());
    }
    for time_off in &off {
        sentences.push(format!("{}.", absence::time_off_words(time_off, today)));
    }
    if off.is_empty() && spell.from_on <= today {
        sentences.push("Nobody said that they were off sick on these days.".to_owned());
    }
    match off.first() {
        Some(first)
            if first.from < spell.from_on && earlier.is_none_or(|last| last < first.from) =>
        {
            let before = before_note(first.from, spell.from_on);
            if let Some(own) = before.own {
                sentences.push(format!(
                    "The first 7 days need no note: {} ({}).",
                    span_words(own, today),
                    days_words(own.days())
                ));
            }
            if let Some(none) = before.uncovered {
                sentences.push(format!(
                    "No note is recorded for {} ({}), after those first days.",
                    span_words(none, today),
                    days_words(none.days())
                ));
            }
        }
        Some(first) if first.from == spell.from_on => {
            let free = times_off
                .iter()
                .rev()
                .find(|off| off.until < spell.from_on)
                .and_then(|off| off.until.succ_opt());
            let since = may_be_off_since(spell.from_on, free);
            if since < spell.from_on {
                sentences.push(format!(
                    "Nobody said when they stopped work. The first 7 days need no note, so it may have been as early as {}. Ask, and record it under time off.",
                    said_day(since, today)
                ));
            }
        }
        _ => {}
    }
    for gap in &spell.gaps {
        sentences.push(format!(
            "No note covers {} ({}). In this programme, a note that begins at most {} after the one before ended belongs to the same time off.",
            span_words(*gap, today),
            days_words(gap.days()),
            days_words(i64::from(gap_days))
        ));
    }
    for overlap in &spell.overlaps {
        let days = match overlap.until_on.and_then(|u| Span::new(overlap.from_on, u)) {
            Some(span) => span_words(span, today),
            None => format!("every day from {}", said_day(overlap.from_on, today)),
        };
        sentences.push(format!(
            "Two notes cover {days}. Each day counts once, and the later assessment counts."
        ));
    }
    for _ in &spell.alike {
        sentences.push("Two notes here look like the same note. If they are, mark one of them as the same as the other.".to_owned());
    }
    SpellWords {
        title,
        sentences,
        lines,
    }
}

fn line(note: &FitNote, photos: &HashMap<FitNoteId, usize>, today: NaiveDate) -> Line {
    let s = &note.statement;
    let ticks: Vec<&str> = s.supports.iter().map(|t| t.label()).collect();
    let says = if ticks.is_empty() {
        s.fitness.label().to_owned()
    } else {
        format!("{}: {}", s.fitness.label(), ticks.join(", ").to_lowercase())
    };
    Line {
        root: note.root,
        days: period_words(note, today),
        says,
        condition: s.condition.clone().unwrap_or_default(),
        issuer: s.profession.label().to_owned(),
        recorded: format!(
            "{}, {}",
            note.recorder.as_deref().unwrap_or("brought in from a file"),
            said_instant(note.recorded_at, today)
        ),
        unusual: note.warnings.len(),
        photos: photos.get(&note.root).copied().unwrap_or(0),
        standing: note.standing,
    }
}

pub async fn list(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<CaseId>,
) -> Result<Response> {
    let mut tx = app.read(&actor).await?;
    let case = cases::find_for(&mut tx, Action::SeeCase, id, None).await?;
    let today = tx.today();
    let every = store::every(&mut tx, id).await?;
    let (stand, not): (Vec<FitNote>, Vec<FitNote>) = every.into_iter().partition(FitNote::stands);
    let chained: Vec<Note> = stand.iter().map(FitNote::chained).collect();
    let gap_days = absence::parameters(&mut tx, id).await?.note_gap_days;
    let times_off = absence::times_off(&mut tx, &case).await?;
    let photos = photos::counts(&mut tx, id).await?;
    let mut words = vec![];
    let mut earlier = None;
    for spell in &spells(&chained, gap_days) {
        let mut lines = vec![];
        for note in &spell.notes {
            if let Some(note) = stand.iter().find(|n| n.root == note.id) {
                lines.push(line(note, &photos, today));
            }
        }
        let about = (gap_days, earlier);
        words.push(spell_words(spell, &times_off, about, today, lines));
        earlier = spell.until_on;
    }
    // The newest spell first, and its notes in their order.
    words.reverse();
    let mut others = vec![];
    for note in stand
        .iter()
        .filter(|n| n.statement.days() == Some(0))
        .chain(&not)
    {
        others.push(line(note, &photos, today));
    }
    tx.viewed(
        Entry::of(Event::FitNoteViewed)
            .case(id)
            .person(case.person_id),
    );
    let page = ListPage {
        page: page(
            &actor,
            format!("Fit notes: {}", case.person_name),
            "/people",
        ),
        cover: cover_of(&stand, case.note_until_on, today),
        spells: words,
        others,
        may_record: case.status != Status::Closed && actor.may(Action::RecordFitNote),
        case: case.clone(),
    };
    show(tx, page).await
}

/// One revision of a note, as people read it.
struct Version {
    title: &'static str,
    when: String,
    author: String,
    why: Option<String>,
    said: Vec<(&'static str, String)>,
}

#[derive(Template)]
#[template(path = "fit_note/note.html")]
struct NotePage {
    page: Page,
    case: Case,
    root: FitNoteId,
    days: String,
    standing: Standing,
    same_as: Option<FitNoteId>,
    unusual: Vec<&'static str>,
    photos: Vec<(Photo, String)>,
    versions: Vec<Version>,
    may_record: bool,
}

/// Everything a revision says, in the order of the paper.
fn said(note: &FitNote, today: NaiveDate) -> Vec<(&'static str, String)> {
    let s = &note.statement;
    let day = |on: Option<NaiveDate>| on.map_or(String::new(), short_date);
    let ticks: Vec<&str> = s.supports.iter().map(|t| t.label()).collect();
    let code = s.code.as_ref().map_or(String::new(), |c| match &c.display {
        Some(words) => format!("{} ({words})", c.code),
        None => c.code.clone(),
    });
    let seen = match (note.seen, &note.seen_by) {
        (Seen::Recorder, _) => note
            .recorder
            .clone()
            .unwrap_or_else(|| Seen::Recorder.label().to_owned()),
        (_, Some(name)) => name.clone(),
        (seen, None) => seen.label().to_owned(),
    };
    [
        ("Assessed", short_date(s.assessed_on)),
        ("Earlier assessment", day(s.earlier_assessment_on)),
        ("Condition", s.condition.clone().unwrap_or_default()),
        ("Code", code),
        ("Says", s.fitness.label().to_owned()),
        ("Ticked", ticks.join(", ")),
        ("Comments", s.comments.clone().unwrap_or_default()),
        ("From", day(s.period.from_on)),
        ("To", day(s.period.until_on)),
        ("For", s.period.length.map_or(String::new(), |l| l.words())),
        ("Covers", period_words(note, today)),
        ("At the end", s.reassess.label().to_owned()),
        ("Issued by", s.profession.label().to_owned()),
        (
            "Practice or hospital",
            s.practice.clone().unwrap_or_default(),
        ),
        ("Date of statement", day(s.issued_on)),
        ("How it is known", note.source.label().to_owned()),
        ("Seen by", seen),
        ("Counts", note.standing.label().to_owned()),
    ]
    .into_iter()
    .filter(|(_, value)| !value.is_empty())
    .collect()
}

pub async fn note(
    State(app): State<App>,
    actor: Actor,
    Path((id, note)): Path<(CaseId, FitNoteId)>,
) -> Result<Response> {
    let mut tx = app.read(&actor).await?;
    let case = cases::find_for(&mut tx, Action::SeeCase, id, None).await?;
    let revisions = store::revisions(&mut tx, id, note).await?;
    let today = tx.today();
    let now = revisions.first().ok_or(Error::NotFound)?;
    let photos = photos::photos_of(&mut tx, id, now.root).await?;
    tx.viewed(
        Entry::of(Event::FitNoteViewed)
            .case(id)
            .person(case.person_id)
            .subject(now.root),
    );
    let versions = revisions
        .iter()
        .enumerate()
        .map(|(at, n)| Version {
            title: match (at, n.revision) {
                (0, _) => "What it says",
                (_, 1) => "As it was first recorded",
                _ => "Before that",
            },
            when: said_instant(n.recorded_at, today),
            author: n
                .recorder
                .clone()
                .unwrap_or_else(|| "brought in from a file".to_owned()),
            // The reason stands with the revision that gave way: the next older one.
            why: revisions
                .get(at + 1)
                .and_then(|older| older.superseded_reason.clone()),
            said: said(n, today),
        })
        .collect();
    let page = NotePage {
        page: page(&actor, format!("Fit note: {}", case.person_name), "/people"),
        root: now.root,
        days: period_words(now, today),
        standing: now.standing,
        same_as: now.same_as,
        unusual: now.warnings.iter().map(|w| w.label()).collect(),
        photos: photos
            .into_iter()
            .map(|p| {
                let at = said_instant(p.added_at, today);
                (p, at)
            })
            .collect(),
        versions,
        may_record: case.status != Status::Closed && actor.may(Action::RecordFitNote),
        case: case.clone(),
    };
    show(tx, page).await
}
