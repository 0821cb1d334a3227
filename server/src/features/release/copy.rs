//! Documents in what a person takes away: in the copy of their own pages, what stands there; in a copy of everything, what was prepared, what was released,
//! what came back.

use super::{
    acts::opens,
    answer_store,
    document::{Reply, replies},
    mine, store, story,
};
use crate::{
    features::portal::Item,
    platform::{
        Result,
        clock::day_of,
        db::Reader,
        messages::{phrase, said},
        web::{quoted, said_date, said_time},
    },
    rules::{
        Choice,
        id::CaseId,
        release::{Chosen, Part, Prepared, Released, Shown, State, compose},
    },
};

/// The documents on a person's own pages: exactly what each showed, what came back, and what happened with it. While an answer waits
/// to be heard, all answers to that document wait on its own page.
pub async fn own_items(tx: &mut Reader, case: CaseId) -> Result<Vec<Item>> {
    let today = tx.today();
    let mut items = vec![];
    for document in store::documents(tx, case).await? {
        if !mine::is_theirs(&document) {
            continue;
        }
        let state = document.state_on(today);
        let mut lines = vec![format!("{}.", mine::own_state(state))];
        if state == State::Released && !opens(tx, &document).await? {
            lines.push(said("my_documents.not_open").to_owned());
        }
        if let Some(released) = &document.released {
            lines.push(format!("{}:", said("my_documents.exactly_was")));
            lines.push(words(released));
        }
        if document.answers_waiting {
            lines.push(said("my_documents.has_answer").to_owned());
        }
        let replies = replies(tx, &document, !document.answers_waiting).await?;
        let answers: Vec<String> = replies.into_iter().filter_map(answer_said).collect();
        let steps = store::steps(tx, document.id).await?;
        let happened: Vec<String> = steps
            .iter()
            .filter_map(|step| Some((step, mine::told(step, &document)?)))
            .map(|(step, what)| format!("{}: {what}.", story::said_at(step.at)))
            .collect();
        for (heading, under) in [
            ("my_documents.answers", answers),
            ("my_documents.happened", happened),
        ] {
            if !under.is_empty() {
                lines.push(format!("{}:", said(heading)));
                lines.extend(under);
            }
        }
        let day = document
            .released_at
            .map_or(String::new(), |at| said_date(day_of(at)));
        items.push(Item::new(day, document.said(), lines.join("\n")));
    }
    Ok(items)
}

/// "East wing on Tuesdays: Yes, in part. “From week 6”", where it was answered.
fn answer_said(reply: Reply) -> Option<String> {
    let answered = reply.answered?;
    let answer = phrase(answered.answer.label());
    let reason = answered
        .reason
        .map_or(String::new(), |words| format!(" {}", quoted(&words)));
    Some(format!("{}: {answer}.{reason}", reply.asked.words))
}

/// The documents of a case with all that happened to each. The caller has been let through to the case.
pub async fn every_item(tx: &mut Reader, case: CaseId) -> Result<Vec<Item>> {
    let today = tx.today();
    let mut items = vec![];
    for document in store::documents(tx, case).await? {
        let mut lines = vec![
            format!("{}.", document.state_on(today).label()),
            format!("Prepared by {}.", document.prepared_by),
            format!("{}.", document.way.label()),
        ];
        let to = [&document.send_to, &document.code_to];
        lines.extend(to.into_iter().flatten().map(|to| format!("To: {to}")));
        lines.push(words(&all_of(&document.prepared)));
        items.push(Item::new(
            said_date(day_of(document.prepared_at)),
            format!("Prepared: {}", document.said()),
            lines.join("\n"),
        ));
        if let (Some(released), Some(at)) = (&document.released, document.released_at) {
            items.push(Item::new(
                said_date(day_of(at)),
                format!("Released, exactly this: {}", document.said()),
                words(released),
            ));
            for (item, answered) in answer_store::every_answer(tx, document.id).await? {
                let asked = released.asked().find(|asked| asked.key == item);
                let reason = answered.reason.map_or(String::new(), |r| format!("\n{r}"));
                items.push(Item::new(
                    said_date(day_of(answered.at)),
                    format!("Answer of {}", document.prepared.recipient.said()),
                    format!(
                        "{}\n{}{reason}",
                        asked.map_or("", |asked| asked.words.as_str()),
                        answered.answer.label()
                    ),
                ));
            }
        }
        let steps = store::steps(tx, document.id).await?;
        let happened = steps.iter().map(|step| {
            let day = said_date(day_of(step.at));
            let what = story::said(step, &document);
            format!("{day}, {}: {what}.", said_time(step.at))
        });
        items.push(Item::new(
            "",
            format!("What happened with: {}", document.said()),
            happened.collect::<Vec<_>>().join("\n"),
        ));
    }
    Ok(items)
}

/// What a document would say if everything that was prepared were ticked.
fn all_of(prepared: &Prepared) -> Released {
    let chosen = Chosen {
        items: prepared.items.iter().map(|item| item.key.clone()).collect(),
        condition: true,
        ..Chosen::default()
    };
    compose(prepared, &chosen)
}

/// A document as lines of text.
fn words(released: &Released) -> String {
    let mut lines = vec![
        released.title().to_owned(),
        format!("For {}.", released.to()),
    ];
    lines.push(released.purpose().to_owned());
    lines.extend(released.parts().iter().flat_map(lines_of));
    lines.extend(released.closing().map(str::to_owned));
    lines.retain(|line| !line.is_empty());
    lines.join("\n")
}

fn lines_of(part: &Part) -> Vec<String> {
    let shown: Vec<String> = match &part.shown {
        Shown::Paragraphs(all) => all.clone(),
        Shown::Facts(facts) => facts
            .iter()
            .map(|(label, words)| format!("{label}: {words}"))
            .collect(),
        Shown::Table { head, rows } => std::iter::once(head)
            .chain(rows)
            .map(|cells| cells.join(", "))
            .collect(),
        Shown::Asked(asked) => asked.iter().map(|one| one.words.clone()).collect(),
    };
    part.heading.iter().cloned().chain(shown).collect()
}
