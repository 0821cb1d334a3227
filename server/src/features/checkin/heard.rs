//! A text that came: a worrying word goes to whoever is on duty, and a plain answer to the check-in that asked.

use chrono::{DateTime, Utc};

use super::{
    answer::{Given, answer_days_off},
    how::text_how_it_was,
    send::{Part, send},
    store::{self, Checkin},
};
use crate::{
    app::App,
    features::{
        caseload::store::{self as cases, Case, For},
        message::{self, Heard, took_as_answer},
        organisation::store::parameters_of_case,
        safety::raise_concern,
    },
    platform::{Result, db::WriteTx},
    rules::{
        caseload::Status,
        checkin::{Kind, Mode, Reading, State, read_days_off, read_experience, worrying_word},
        id::{CaseId, InboundId, MessageId},
        message::Said,
        permission::Action,
        safety,
    },
};

/// How words came, before them where somebody on duty reads them.
const BY_TEXT: &str = "They sent this by text";

/// The case that a text is about, for whoever hears it: the server itself, or somebody of the team in the demonstration.
async fn case_of(tx: &mut WriteTx, id: CaseId) -> Result<For<Case>> {
    if tx.actor().account().is_some() {
        cases::find_for(tx, Action::SeeCase, id, None).await
    } else {
        cases::find_heard(tx, id).await
    }
}

/// Sends words with a worrying word in them to whoever is on duty, and says whether there was one. The list is the programme's. `how` says by which way
/// they came.
pub async fn look_for_worry(
    tx: &mut WriteTx,
    case: &For<Case>,
    words: &str,
    how: &str,
) -> Result<bool> {
    let list = parameters_of_case(tx, case.id)
        .await?
        .checkins
        .worrying_words;
    if worrying_word(words, &list).is_none() {
        return Ok(false);
    }
    let what = format!("{how}: “{words}”");
    raise_concern(tx, case, safety::Kind::Other, what, None).await?;
    Ok(true)
}

/// The same for words that the team does not read: whoever is on duty is told the worrying word, and nothing else of what was written.
pub(super) async fn look_for_worry_apart(
    tx: &mut WriteTx,
    case: &For<Case>,
    words: &str,
    what: &str,
) -> Result<()> {
    let list = parameters_of_case(tx, case.id)
        .await?
        .checkins
        .worrying_words;
    if let Some(word) = worrying_word(words, &list) {
        let what = format!("{what} has these words in it: “{word}”. Ask them how they are.");
        raise_concern(tx, case, safety::Kind::Other, what, None).await?;
    }
    Ok(())
}

/// Hears a text of somebody known, in the transaction that keeps it. What is no answer stays to be read by a person.
pub async fn hear_text(tx: &mut WriteTx, app: &App, heard: &Heard) -> Result<()> {
    let Some((case, person)) = heard.whose else {
        if heard.perhaps.is_empty() {
            return message::look_for_worry_of_nobody(tx, heard.id, &heard.words).await;
        }
        // It may be from any of those who share the telephone, so it stands in nobody's record: whoever is on duty asks each of them.
        for case in &heard.perhaps {
            let case = case_of(tx, *case).await?;
            look_for_worry_apart(
                tx,
                &case,
                &heard.words,
                "A text from a telephone that they share",
            )
            .await?;
        }
        return Ok(());
    };
    let case = case_of(tx, case).await?;
    let worrying = look_for_worry(tx, &case, &heard.words, BY_TEXT).await?;
    let Some((message, _)) = heard.answers.filter(|_| heard.said == Said::Words) else {
        return Ok(());
    };
    let Some(checkin) = asked_by(tx, &case, message).await? else {
        return Ok(());
    };
    let now = tx.now();
    let plain = take_plain(tx, &case, &checkin, message, (&heard.words, now)).await?;
    if plain && !worrying {
        return took_as_answer(tx, heard.id).await;
    }
    // Where nothing waits for a number of days, they write of something else: words for a person to read.
    let waits =
        checkin.kind == Kind::DaysOff && checkin.state.is_open() && case.status != Status::Closed;
    if plain || !waits {
        return Ok(());
    }
    let reading = answer_days_off(tx, &case, &checkin, given(&heard.words, now)).await?;
    let unclear = matches!(reading, Reading::TooMany | Reading::Unclear);
    if unclear && checkin.state == State::Asked && !worrying {
        send(tx, app, person, &checkin, Part::Again(reading)).await?;
    }
    Ok(())
}

/// Hears a text that somebody found to be of this case. It is the answer to what they had been asked when it came, where it plainly is one. Whatever else it
/// is waits for its worker, and nothing is asked back: nobody knows yet whose telephone it came from. What they said since then stands. Says whether nobody
/// needs to read it any more.
pub async fn hear_matched(
    tx: &mut WriteTx,
    case: &For<Case>,
    text: InboundId,
    (words, came): (&str, DateTime<Utc>),
    answers: Option<MessageId>,
) -> Result<bool> {
    let worrying = look_for_worry(tx, case, words, BY_TEXT).await?;
    let Some(message) = answers else {
        return Ok(false);
    };
    let Some(checkin) = asked_by(tx, case, message).await? else {
        return Ok(false);
    };
    if checkin.replies.iter().any(|reply| reply.at > came) {
        return Ok(false);
    }
    let plain = take_plain(tx, case, &checkin, message, (words, came)).await? && !worrying;
    if plain {
        took_as_answer(tx, text).await?;
    }
    Ok(plain)
}

async fn asked_by(tx: &mut WriteTx, case: &Case, message: MessageId) -> Result<Option<Checkin>> {
    match store::asked_by(tx, case.id, message).await? {
        Some(id) => store::find(tx, case.id, id).await.map(Some),
        None => Ok(None),
    }
}

fn given(words: &str, at: DateTime<Utc>) -> Given<'_> {
    Given {
        raw: words,
        at,
        mode: Mode::Text,
        reason: "They sent another answer",
    }
}

/// Takes words as the answer to the check-in that a message asked, where they plainly are one, and says whether they were. How things are is answered on
/// their own pages.
async fn take_plain(
    tx: &mut WriteTx,
    case: &For<Case>,
    checkin: &Checkin,
    message: MessageId,
    (words, came): (&str, DateTime<Utc>),
) -> Result<bool> {
    let closed = case.status == Status::Closed;
    match checkin.kind {
        Kind::Afterwards if closed => {
            let Some(experience) = read_experience(words) else {
                return Ok(false);
            };
            text_how_it_was(tx, case, checkin, experience, (words, came)).await?;
        }
        Kind::DaysOff if !closed => {
            let reading = read_days_off(words, checkin.normal_days, checkin.window_days());
            let Reading::Days { .. } = reading else {
                return Ok(false);
            };
            // Where nothing waits for it, it may be of what they were asked since.
            if !checkin.state.is_open() && store::asked_since(tx, case.id, message, came).await? {
                return Ok(false);
            }
            answer_days_off(tx, case, checkin, given(words, came)).await?;
        }
        _ => return Ok(false),
    }
    Ok(true)
}
