//! Who looked at a person's record or changed it, when and as what, on the person's own pages.

use askama::Template;
use axum::{
    extract::{Query, State},
    response::Response,
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::words;
use crate::{
    app::App,
    features::{
        portal::{Item, Me, in_words},
        safety,
    },
    platform::{
        Error, Result,
        clock::day_of,
        db::{Reader, Row, Sql, sql},
        messages::said,
        web::{Page, said_date, said_time, show},
    },
    rules::{
        Choice,
        event::Event,
        id::{CaseId, PersonId},
        permission::Role,
    },
};

/// Events on a page, before those that are alike are put together.
const PAGE: usize = 60;

/// What is not listed here: what is done about somebody's safety may not be told where it puts somebody at risk, and complaints are the mentor's.
/// The page says that such things are left out; what was told to somebody else, and the person knows of, stands on its own.
const NOT_LISTED: &[&str] = &["safety.", "complaint.", "access.", "account.", "audit."];

#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct Asked {
    after: String,
    after_id: String,
}

/// What somebody did on a day, once or several times.
#[derive(Debug, PartialEq, Eq)]
struct Line {
    day: String,
    time: String,
    what: String,
    who: String,
    times: usize,
}

#[derive(Template)]
#[template(path = "audit/mine.html")]
struct SeenPage {
    page: Page,
    lines: Vec<Line>,
    /// What was told to somebody else for safety, and the person knows.
    told: Vec<safety::ToldOf>,
    first: bool,
    next_page: Option<String>,
}
in_words!(SeenPage);

/// What happened, in words for the person: the message file's, or the log's own.
fn what(event: Event, fields: Option<&str>) -> String {
    let own = said(&format!("own_event.{}", event.code().replace('.', "_")));
    let words = if own.is_empty() { event.label() } else { own };
    match (event, fields) {
        (Event::PersonChanged, Some(fields)) => format!("{words}: {}", own_fields(fields)),
        _ => words.to_owned(),
    }
}

/// The fields of a person that were changed, in their words: those of the message file, or the log's own.
fn own_fields(names: &str) -> String {
    let own = |name: &str| match said(&format!("own_field.{name}")) {
        "" => words::fields(name),
        own => own.to_owned(),
    };
    names.split(',').map(own).collect::<Vec<_>>().join(", ")
}

/// Who it was: as what, where they work, and the name of whoever supports the person.
fn who(row: &Row) -> Result<String> {
    let actor: String = row.get("actor")?;
    let Some(role) = Role::from_code(&actor) else {
        return Ok(match actor.as_str() {
            "person" => said("own_seen.you"),
            "public" => said("own_seen.public"),
            "system" => said("own_seen.system"),
            _ => said("own_seen.operator"),
        }
        .to_owned());
    };
    let works_for: Option<String> = match row.optional("provider")? {
        Some(provider) => Some(provider),
        None => row.optional("practice")?,
    };
    let named = matches!(role, Role::SupportWorker | Role::Mentor);
    let name: Option<String> = row.optional::<String>("who")?.filter(|_| named);
    let as_what = match role {
        Role::SupportWorker => "own_role.support_worker",
        Role::Mentor => "own_role.mentor",
        Role::PracticeStaff => "own_role.practice_staff",
        Role::ProgrammeManager => "own_role.programme_manager",
        Role::Administrator => "own_role.administrator",
    };
    let as_what = match works_for {
        Some(place) => format!("{}, {place}", said(as_what)),
        None => said(as_what).to_owned(),
    };
    Ok(match name {
        Some(name) => format!("{name}, {as_what}"),
        None => capital(&as_what),
    })
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}

struct Seen {
    line: Line,
    at: DateTime<Utc>,
    id: Uuid,
}

/// The events of a person in one case, but for those whose names begin as said. Without an order.
fn looks((case, person): (CaseId, PersonId), not: &[&str]) -> Sql {
    let listed = Event::ALL
        .iter()
        .map(|event| event.code())
        .filter(|code| !not.iter().any(|not| code.starts_with(not)));
    sql(
        "SELECT e.id, e.at, e.name, e.actor, e.fields, a.name AS who, o.name AS provider, p.name AS practice FROM audit_events e \
         LEFT JOIN accounts a ON a.id = e.account_id LEFT JOIN teams t ON a.scope_kind = 'team' AND t.id = a.scope_id \
         LEFT JOIN providers o ON o.id = t.provider_id LEFT JOIN practices p ON a.scope_kind = 'practice' AND p.id = a.scope_id \
         WHERE e.person_id = ? AND (e.case_id = ? OR e.case_id IS NULL) AND e.name IN ",
    )
    .bind(person)
    .bind(case)
    .list(listed)
}

async fn seen(tx: &mut Reader, of: (CaseId, PersonId), asked: &Asked) -> Result<Vec<Seen>> {
    let mut list = looks(of, NOT_LISTED);
    if let Ok(id) = asked.after_id.parse::<Uuid>() {
        let at: DateTime<Utc> = asked.after.parse().map_err(|_| Error::NotFound)?;
        list = list.and(" AND (e.at, e.id) < (?, ?)").bind(at).bind(id);
    }
    let rows = tx
        .all(
            list.and(" ORDER BY e.at DESC, e.id DESC LIMIT ?")
                .bind(PAGE as i64 + 1),
        )
        .await?;
    rows.iter().map(read).collect()
}

fn read(row: &Row) -> Result<Seen> {
    let at = row.get("at")?;
    let fields: Option<String> = row.optional("fields")?;
    Ok(Seen {
        line: Line {
            day: said_date(day_of(at)),
            time: said_time(at),
            what: what(row.choice("name")?, fields.as_deref()),
            who: who(row)?,
            times: 1,
        },
        at,
        id: row.get("id")?,
    })
}

/// Not in a copy of everything: complaints stand there by themselves, as far as the mentor who looks through it may read them; accounts are not about the
/// person. What is done about their safety is in it, and the mentor leaves out what may put somebody at risk.
const NOT_IN_A_COPY: &[&str] = &["complaint.", "access.", "account.", "audit."];

/// Events in a copy of everything.
const MOST: i64 = 10_000;

/// Who looked at a person's record or changed it before a moment: for each day and each of them what they did, newest first.
/// The caller has been let through to the case.
pub async fn every_look(
    tx: &mut Reader,
    of: (CaseId, PersonId),
    until: DateTime<Utc>,
) -> Result<Vec<Item>> {
    let rows = tx
        .all(
            looks(of, NOT_IN_A_COPY)
                .and(" AND e.at < ? ORDER BY e.at DESC, e.id DESC LIMIT ?")
                .bind(until)
                .bind(MOST + 1),
        )
        .await?;
    let more = rows.len() > usize::try_from(MOST).unwrap_or(usize::MAX);
    let seen: Vec<Seen> = rows.iter().map(read).collect::<Result<_>>()?;
    let mut items = by_day(&seen);
    if more {
        items.push(Item::new("", "Before that", "There is more. Ask for it."));
    }
    Ok(items)
}

/// What somebody did on one day: each thing, and how often.
struct Did<'a> {
    day: &'a str,
    who: &'a str,
    what: Vec<(&'a str, usize)>,
}

/// One item for each day and each of those who did something on it.
fn by_day(seen: &[Seen]) -> Vec<Item> {
    let mut all: Vec<Did> = vec![];
    for Seen { line, .. } in seen {
        let mut same_day = all.iter().rev().take_while(|did| did.day == line.day);
        let at = match same_day.position(|did| did.who == line.who) {
            Some(back) => all.len() - 1 - back,
            None => {
                all.push(Did {
                    day: &line.day,
                    who: &line.who,
                    what: vec![],
                });
                all.len() - 1
            }
        };
        let did = &mut all[at].what;
        match did.iter_mut().find(|(what, _)| *what == line.what) {
            Some((_, times)) => *times += 1,
            None => did.push((&line.what, 1)),
        }
    }
    all.into_iter()
        .map(|did| {
            let lines = did.what.into_iter().map(|(what, times)| match times {
                1 => what.to_owned(),
                n => format!("{what} ({n} {})", said("own_seen.times")),
            });
            Item::new(did.day, did.who, lines.collect::<Vec<_>>().join("\n"))
        })
        .collect()
}

/// What somebody did several times in a row on a day stands in one line, with the latest time.
fn together(seen: Vec<Seen>) -> Vec<Line> {
    let mut lines: Vec<Line> = vec![];
    for Seen { line, .. } in seen {
        match lines.last_mut() {
            Some(last)
                if (&last.day, &last.what, &last.who) == (&line.day, &line.what, &line.who) =>
            {
                last.times += 1;
            }
            _ => lines.push(line),
        }
    }
    lines
}

pub async fn show_seen(
    State(app): State<App>,
    me: Me,
    Query(asked): Query<Asked>,
) -> Result<Response> {
    let mut tx = app.read(&me.actor).await?;
    let mut seen = seen(&mut tx, (me.case, me.person), &asked).await?;
    let more = seen.len() > PAGE;
    seen.truncate(PAGE);
    let next_page = seen.last().filter(|_| more).map(|last| {
        let next = Asked {
            after: last.at.to_rfc3339(),
            after_id: last.id.to_string(),
        };
        format!(
            "/me/seen?{}",
            serde_html_form::to_string(next).unwrap_or_default()
        )
    });
    let told = if asked.after_id.is_empty() {
        safety::told_of(&mut tx, me.case).await?
    } else {
        vec![]
    };
    tx.viewed(me.viewed());
    let page = SeenPage {
        page: me.page(said("own_seen.title")),
        lines: together(seen),
        told,
        first: asked.after_id.is_empty(),
        next_page,
    };
    show(tx, page).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_happens_to_a_record_is_said_in_the_words_of_the_message_file() {
        let of_a_record = [
            "referral.",
            "case.",
            "contact.",
            "note.",
            "assessment.",
            "fit_note.",
            "absence.",
            "questionnaire.",
            "plan.",
            "consent.",
            "person.",
            "portal.",
            "message.",
            "document.",
            "checkin.",
            "access_request.",
        ];
        // About nobody's record alone.
        let of_many = [
            "referral.listed",
            "case.listed",
            "case.searched",
            "questionnaire.loaded",
            "questionnaire.value_set_loaded",
            "message.taken",
            "message.settled",
            "message.disposed",
        ];
        for event in Event::ALL {
            let code = event.code();
            if of_a_record.iter().any(|part| code.starts_with(part)) && !of_many.contains(&code) {
                let key = format!("own_event.{}", code.replace('.', "_"));
                assert_ne!(said(&key), "", "{key}");
            }
        }
    }

    #[test]
    fn a_copy_has_one_item_for_each_day_and_each_person_with_what_they_did() {
        let seen = |what: &str, day: &str, who: &str| Seen {
            line: Line {
                day: day.to_owned(),
                time: "10:00".to_owned(),
                what: what.to_owned(),
                who: who.to_owned(),
                times: 1,
            },
            at: DateTime::<Utc>::UNIX_EPOCH,
            id: Uuid::nil(),
        };
        let items = by_day(&[
            seen("Looked", "Friday", "Priya"),
            seen("Wrote", "Friday", "Leila"),
            seen("Looked", "Friday", "Priya"),
            seen("Wrote", "Friday", "Priya"),
            seen("Looked", "Thursday", "Priya"),
        ]);
        let expected = [
            Item::new("Friday", "Priya", "Looked (2 times)\nWrote"),
            Item::new("Friday", "Leila", "Wrote"),
            Item::new("Thursday", "Priya", "Looked"),
        ];
        assert_eq!(items, expected);
    }

    #[test]
    fn what_is_done_several_times_in_a_row_stands_in_one_line() {
        let at = DateTime::<Utc>::UNIX_EPOCH;
        let line = |what: &str, day: &str| Seen {
            line: Line {
                day: day.to_owned(),
                time: "10:00".to_owned(),
                what: what.to_owned(),
                who: "Priya".to_owned(),
                times: 1,
            },
            at,
            id: Uuid::nil(),
        };
        let lines = together(vec![
            line("Looked", "Friday"),
            line("Looked", "Friday"),
            line("Wrote", "Friday"),
            line("Looked", "Friday"),
            line("Looked", "Thursday"),
        ]);
        let times: Vec<usize> = lines.iter().map(|l| l.times).collect();
        assert_eq!(times, [2, 1, 1, 1]);
    }
}
