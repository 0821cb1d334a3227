//! What is done with a document: prepared, chosen, offered, kept to think, declined, released, closed. Every face calls these commands.

use chrono::{DateTime, Days, Utc};

use super::{
    answer_store::{self, NewAnswer},
    link_store,
    store::{self, Document, NewDocument},
    way::GetsThere,
};
use crate::{
    features::{
        caseload::{self, store::Case},
        consent, identity, message, person, plan,
    },
    platform::{
        Error, Result,
        audit::Entry,
        db::{Reader, WriteTx},
    },
    rules::{
        caseload::must_be_open,
        event::Event,
        id::{CaseId, DocumentId},
        registration::may_make_report,
        release::{
            By, Chosen, Kind, Refused, SpokenHow, State, Step, THINK_DAYS, Way, compose, may_move,
            may_reach, may_release, may_send, until_on,
        },
    },
};

/// How the person said what they want done.
#[derive(Debug, Clone, Copy)]
pub enum Said {
    /// On their own pages.
    Themselves,
    /// To a worker, who writes it down.
    Spoken(Spoken),
}

/// The person's word, as a worker recorded it.
#[derive(Debug, Clone, Copy)]
pub struct Spoken {
    pub how: SpokenHow,
    pub at: DateTime<Utc>,
    /// Whether it was read out to them exactly as it goes, and they said yes.
    pub read_back: bool,
}

pub(super) fn entry(event: Event, document: &Document) -> Entry {
    Entry::of(event)
        .case(document.case_id)
        .person(document.person_id)
        .subject(document.id)
}

/// Keeps a document that was prepared. Nothing of it is chosen, and nobody sees it but the person and their team.
pub async fn prepare_document(
    tx: &mut WriteTx,
    case: &Case,
    new: NewDocument,
) -> Result<DocumentId> {
    must_be_open(case.status)?;
    let author = tx.actor().account_id().ok_or(Error::SignInNeeded)?;
    let id: DocumentId = tx.new_id();
    store::insert(tx, (id, case.id, case.person_id), author, &new).await?;
    let document = store::document(tx, case.id, id).await?;
    store::add_step(tx, &document, Step::Prepared, By::Worker, None).await?;
    tx.record(entry(Event::DocumentPrepared, &document)).await?;
    Ok(id)
}

/// Keeps what is ticked, and so what was shown last. It releases nothing.
pub async fn choose(tx: &mut WriteTx, document: &mut Document, chosen: Chosen) -> Result<()> {
    if !document.state_on(tx.today()).is_open() {
        return Err(Refused::NotNow.into());
    }
    document.chosen = chosen;
    save(tx, document).await?;
    tx.record(entry(Event::DocumentChosen, document)).await
}

/// Changes how a document that is not released yet gets to its recipient. Contacting them has its own consent, as where it is prepared. It sends nothing.
pub async fn change_way(
    tx: &mut WriteTx,
    document: &mut Document,
    new: GetsThere,
    by: By,
) -> Result<Result<(), Refused>> {
    if !document.state_on(tx.today()).is_open() {
        return Ok(Err(Refused::NotNow));
    }
    let consents = consent::records(tx, document.case_id).await?;
    let recipient = document.prepared.recipient.kind;
    if let Err(refused) = may_send(new.way, recipient, &consents) {
        return Ok(Err(refused));
    }
    (document.way, document.send_to, document.code_to) = (new.way, new.send_to, new.code_to);
    save(tx, document).await?;
    store::add_step(tx, document, Step::WayChanged, by, None).await?;
    tx.record(entry(Event::DocumentWayChanged, document))
        .await?;
    Ok(Ok(()))
}

async fn save(tx: &mut WriteTx, document: &mut Document) -> Result<()> {
    let recorded_by = match document.state {
        State::Released => tx.actor().account_id(),
        _ => None,
    };
    store::update(tx, document, recorded_by).await?;
    document.version += 1;
    Ok(())
}

async fn move_to(
    tx: &mut WriteTx,
    document: &mut Document,
    (to, by): (State, By),
    (step, event): (Step, Event),
    words: Option<&str>,
) -> Result<()> {
    may_move(document.state_on(tx.today()), to, by)?;
    document.state = to;
    save(tx, document).await?;
    store::add_step(tx, document, step, by, words).await?;
    tx.record(entry(event, document)).await
}

const OFFERED: (Step, Event) = (Step::Offered, Event::DocumentOffered);

/// Gives a document to the person to look at on their own pages. What a worker ticked while preparing it is nobody's choice: nothing is ticked.
pub async fn offer(tx: &mut WriteTx, document: &mut Document) -> Result<()> {
    document.chosen = Chosen {
        purpose: std::mem::take(&mut document.chosen.purpose),
        days: document.chosen.days,
        ..Chosen::default()
    };
    move_to(tx, document, (State::Offered, By::Worker), OFFERED, None).await
}

/// Takes up again what the person said no to, at their wish, with what they had ticked.
pub async fn take_up_again(tx: &mut WriteTx, document: &mut Document) -> Result<()> {
    move_to(tx, document, (State::Offered, By::Person), OFFERED, None).await
}

/// A worker who goes through a document with the person has given it to them to look at.
async fn offered(tx: &mut WriteTx, document: &mut Document, said: Said) -> Result<()> {
    match (document.state, said) {
        (State::Draft, Said::Spoken(_)) => {
            move_to(tx, document, (State::Offered, By::Worker), OFFERED, None).await
        }
        _ => Ok(()),
    }
}

/// Keeps a document for 21 days, at the person's wish. Nobody is shown anything meanwhile.
pub async fn keep_to_think(tx: &mut WriteTx, document: &mut Document, said: Said) -> Result<()> {
    offered(tx, document, said).await?;
    document.think_until_on = tx.today().checked_add_days(Days::new(THINK_DAYS));
    let what = (Step::Thinking, Event::DocumentKept);
    move_to(tx, document, (State::Thinking, By::Person), what, None).await
}

/// Releases nothing, at the person's wish.
pub async fn decline(tx: &mut WriteTx, document: &mut Document, said: Said) -> Result<()> {
    offered(tx, document, said).await?;
    let what = (Step::Declined, Event::DocumentDeclined);
    move_to(tx, document, (State::Declined, By::Person), what, None).await
}

/// Whether it may be released now as it is chosen: as things stand today, not when it was prepared.
pub async fn check_release(
    tx: &mut Reader,
    document: &Document,
    chosen: &Chosen,
) -> Result<Result<(), Refused>> {
    let recipient = document.prepared.recipient.kind;
    let (plan, _) = plan::snapshot(tx, document.case_id).await?;
    let person = person::person_of(tx, document.person_id).await?;
    let consents = consent::records(tx, document.case_id).await?;
    if document.prepared.kind == Kind::WorkReport {
        let registration = identity::registration_of(tx, document.author).await?;
        if may_make_report(registration.as_ref(), tx.today()).is_none() {
            return Ok(Err(Refused::NotRegistered));
        }
    }
    Ok(may_release(&document.prepared, chosen, &document.chosen)
        .and_then(|()| may_reach(recipient, person.employment, plan.kind))
        .and_then(|()| may_send(document.way, recipient, &consents)))
}

/// Whether its recipient can open it at this moment: while it is released, the person lives, and they still agree that the service contacts the
/// recipient. Consent is looked up each time, so that taking it back closes every link at once.
pub async fn opens(tx: &mut Reader, document: &Document) -> Result<bool> {
    if document.state_on(tx.today()) != State::Released {
        return Ok(false);
    }
    let consents = consent::records(tx, document.case_id).await?;
    let recipient = document.prepared.recipient.kind;
    Ok(may_send(document.way, recipient, &consents).is_ok()
        && !caseload::has_died(tx, document.person_id).await?)
}

/// Whether a message about a document may still go to its recipient.
pub async fn may_still_go(tx: &mut Reader, case: CaseId, id: DocumentId) -> Result<bool> {
    match store::document(tx, case, id).await {
        Ok(document) => opens(tx, &document).await,
        Err(Error::NotFound) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Releases what the person chose and saw, at their word. `chosen` is what stood on the page when they said so.
pub async fn release(
    tx: &mut WriteTx,
    document: &mut Document,
    chosen: &Chosen,
    said: Said,
) -> Result<()> {
    let today = tx.today();
    check_release(tx, document, chosen).await??;
    if let Said::Spoken(spoken) = said {
        if !spoken.read_back {
            return Err(Refused::NotReadBack.into());
        }
        document.spoken_how = Some(spoken.how);
        document.spoken_at = Some(spoken.at);
    }
    offered(tx, document, said).await?;
    document.released = Some(compose(&document.prepared, chosen));
    document.released_at = Some(tx.now());
    document.until_on = Some(until_on(today, chosen));
    let what = (Step::Released, Event::DocumentReleased);
    move_to(tx, document, (State::Released, By::Person), what, None).await
}

/// Nothing opens it any more, and what was not sent yet stays here.
async fn close_links(tx: &mut WriteTx, document: &Document) -> Result<()> {
    link_store::close_all(tx, document.id).await?;
    message::take_back_messages(tx, document.id.uuid())
        .await
        .map(drop)
}

/// Closes a document at the person's wish: every link is dead with this transaction. What was released stays theirs to keep.
pub async fn revoke(tx: &mut WriteTx, document: &mut Document) -> Result<()> {
    close_links(tx, document).await?;
    let what = (Step::Revoked, Event::DocumentRevoked);
    move_to(tx, document, (State::Revoked, By::Person), what, None).await
}

/// Makes a new link with a new code for what is released. Earlier ones open nothing any more.
pub async fn make_link(tx: &mut WriteTx, document: &mut Document) -> Result<link_store::Made> {
    if document.way != Way::Link || !opens(tx, document).await? {
        return Err(Refused::NotNow.into());
    }
    close_links(tx, document).await?;
    let made = link_store::make(tx, document.case_id, document.id).await?;
    document.sent_at = Some(tx.now());
    save(tx, document).await?;
    store::add_step(tx, document, Step::LinkMade, By::Worker, None).await?;
    tx.record(entry(Event::DocumentLinkMade, document)).await?;
    Ok(made)
}

/// Notes that it went, as a letter or as a file.
pub async fn sent(tx: &mut WriteTx, document: &mut Document) -> Result<()> {
    if !opens(tx, document).await? {
        return Err(Refused::NotNow.into());
    }
    document.sent_at = Some(tx.now());
    save(tx, document).await?;
    store::add_step(tx, document, Step::Sent, By::Worker, None).await?;
    tx.record(entry(Event::DocumentSent, document)).await
}

/// Notes that the recipient opened a document: with the right code, by a press of theirs.
pub async fn open_document(tx: &mut WriteTx, document: &Document) -> Result<()> {
    store::add_step(tx, document, Step::Opened, By::Recipient, None).await?;
    tx.record(entry(Event::DocumentOpened, document)).await
}

/// Notes that the recipient took a document away as a file.
pub async fn download_document(tx: &mut WriteTx, document: &Document) -> Result<()> {
    store::add_step(tx, document, Step::Downloaded, By::Recipient, None).await?;
    tx.record(entry(Event::DocumentDownloaded, document)).await
}

/// Keeps the answers that differ from those that stand, and says whether there were any. They go to the person first. `by` is the recipient in their
/// browser, or a worker who was told on paper or by telephone.
pub async fn answer_document(
    tx: &mut WriteTx,
    document: &mut Document,
    by: By,
    new: &[NewAnswer],
) -> Result<bool> {
    let standing = answer_store::answers(tx, document.id).await?;
    let differs = |new: &&NewAnswer| {
        standing
            .get(&new.item)
            .is_none_or(|old| old.answer != new.answer || old.reason != new.reason)
    };
    let changed: Vec<&NewAnswer> = new.iter().filter(differs).collect();
    if changed.is_empty() {
        return Ok(false);
    }
    for answer in changed {
        answer_store::insert(tx, document, answer).await?;
    }
    document.answers_waiting = true;
    save(tx, document).await?;
    store::add_step(tx, document, Step::Answered, by, None).await?;
    tx.record(entry(Event::DocumentAnswered, document)).await?;
    Ok(true)
}

/// Notes that the answers reached the person: they saw them on their pages, or a worker reads them out. From then on the team sees them too.
pub async fn tell_answers(tx: &mut WriteTx, document: &mut Document, by: By) -> Result<()> {
    if !document.answers_waiting {
        return Ok(());
    }
    answer_store::told(tx, document.id).await?;
    document.answers_waiting = false;
    document.answers_unread = by == By::Person;
    save(tx, document).await?;
    store::add_step(tx, document, Step::AnswerTold, by, None).await?;
    tx.record(entry(Event::DocumentAnswerTold, document)).await
}

/// Notes that somebody of the team read the answers that the person saw.
pub async fn read_answers(tx: &mut WriteTx, document: &mut Document) -> Result<()> {
    if !document.answers_unread {
        return Ok(());
    }
    document.answers_unread = false;
    save(tx, document).await?;
    tx.record(entry(Event::DocumentAnswerRead, document)).await
}

/// Writes down which periods are over, at most 100 at a time, and says how many that was. They were over without it.
pub async fn end_periods(tx: &mut WriteTx) -> Result<usize> {
    let today = tx.today();
    let over = store::over(tx, today).await?;
    for mut document in over.iter().cloned() {
        let from = document.state;
        may_move(from, State::Expired, By::Clock)?;
        close_links(tx, &document).await?;
        document.state = State::Expired;
        save(tx, &mut document).await?;
        store::add_step(tx, &document, Step::Expired, By::Clock, None).await?;
        tx.record(entry(Event::DocumentExpired, &document)).await?;
    }
    Ok(over.len())
}
