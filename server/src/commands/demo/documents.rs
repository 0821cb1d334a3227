//! Documents in the demonstration's story: what was prepared, what the person let somebody see, and what came back.

use serde::Deserialize;

use crate::{
    features::{
        caseload::store::Case,
        release::{self, GetsThere, NewAnswer, Said, Spoken, Wish},
    },
    platform::{Error, Result, db::WriteTx},
    rules::{
        id::{CaseId, DocumentId},
        release::{Answer, By, Chosen, Kind, Recipient, RecipientKind, SpokenHow, Way},
    },
};

/// A document. Without `released_days_ago` it is with the person to look at.
#[derive(Debug, Deserialize)]
pub struct Document {
    pub days_ago: i64,
    kind: Kind,
    recipient: RecipientKind,
    name: String,
    organisation: Option<String>,
    way: Way,
    send_to: Option<String>,
    code_to: Option<String>,
    purpose: String,
    days: u32,
    #[serde(default)]
    can_do: Vec<String>,
    condition: Option<String>,
    /// Labels or keys of what the person ticked.
    #[serde(default)]
    ticks: Vec<String>,
    pub released_days_ago: Option<i64>,
    pub opened_days_ago: Option<i64>,
    pub answered_days_ago: Option<i64>,
    #[serde(default)]
    answers: Vec<Answered>,
    pub told_days_ago: Option<i64>,
}

#[derive(Debug, Deserialize)]
pub struct Answered {
    to: String,
    answer: Answer,
    reason: Option<String>,
}

/// One thing that happens to a document.
#[derive(Debug, Clone, Copy)]
pub enum Act {
    Prepare,
    Release,
    Open,
    Answer,
    Tell,
}

/// What happens to a document, how many days ago and at what time.
pub fn acts_of(document: &Document) -> Vec<(i64, &'static str, Act)> {
    let mut acts = vec![(document.days_ago, "16:50", Act::Prepare)];
    for (days_ago, time, act) in [
        (document.released_days_ago, "16:55", Act::Release),
        (document.opened_days_ago, "17:20", Act::Open),
        (document.answered_days_ago, "17:35", Act::Answer),
        (document.told_days_ago, "10:40", Act::Tell),
    ] {
        acts.extend(days_ago.map(|days_ago| (days_ago, time, act)));
    }
    acts
}

impl Act {
    /// Whether a recipient does it, who is nobody of the service.
    pub fn is_recipients(self) -> bool {
        matches!(self, Self::Open | Self::Answer)
    }
}

/// Prepares a document, and gives it to the person to look at.
pub async fn prepare(tx: &mut WriteTx, case: &Case, told: &Document) -> Result<DocumentId> {
    let wish = Wish {
        kind: told.kind,
        recipient: Recipient {
            kind: told.recipient,
            name: told.name.clone(),
            organisation: told.organisation.clone(),
        },
        gets_there: GetsThere {
            way: told.way,
            send_to: told.send_to.clone(),
            code_to: told.code_to.clone(),
        },
        purpose: told.purpose.clone(),
        days: Some(told.days),
        own_words: vec![],
        can_do: told.can_do.clone(),
        condition: told.condition.clone(),
    };
    let new = release::put_together(tx, case, wish).await??;
    let id = release::prepare_document(tx, case, new).await?;
    let mut document = release::document(tx, case.id, id).await?;
    release::offer(tx, &mut document).await?;
    Ok(id)
}

/// Does one thing to a document that was prepared.
pub async fn act(
    tx: &mut WriteTx,
    case: CaseId,
    told: &Document,
    id: DocumentId,
    act: Act,
) -> Result<()> {
    let mut document = release::document(tx, case, id).await?;
    match act {
        Act::Prepare => {}
        Act::Release => {
            let ticked = |key: &str, label: &str| told.ticks.iter().any(|t| t == key || t == label);
            let items = document.prepared.items.iter();
            let chosen = Chosen {
                items: items
                    .filter(|item| ticked(&item.key, &item.label))
                    .map(|item| item.key.clone())
                    .collect(),
                ..document.chosen.clone()
            };
            if chosen.items.len() != told.ticks.len() {
                return Err(Error::internal(
                    "a tick of the story is not in its document",
                ));
            }
            release::choose(tx, &mut document, chosen.clone()).await?;
            let said = Said::Spoken(Spoken {
                how: SpokenHow::Telephone,
                at: tx.now(),
                read_back: true,
            });
            release::release(tx, &mut document, &chosen, said).await?;
            if document.way == Way::Link {
                release::make_link(tx, &mut document).await?;
            }
        }
        Act::Open => release::open_document(tx, &document).await?,
        Act::Answer => {
            let asked = document.released.iter().flat_map(|r| r.asked());
            let new: Vec<NewAnswer> = asked
                .filter_map(|asked| {
                    let answered = told.answers.iter().find(|a| a.to == asked.words)?;
                    Some(NewAnswer {
                        item: asked.key.clone(),
                        answer: answered.answer,
                        reason: answered.reason.clone(),
                    })
                })
                .collect();
            release::answer_document(tx, &mut document, By::Recipient, &new).await?;
        }
        Act::Tell => release::tell_answers(tx, &mut document, By::Worker).await?,
    }
    Ok(())
}
