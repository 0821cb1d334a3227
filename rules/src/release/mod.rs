//! What a person lets somebody else see: documents for an employer or a GP practice, chosen item by item, for a purpose and a period.
//!
//! Nothing is shown by default. Every face of a document (a page today, whatever comes later) is made from a [`Released`] and from nothing else.

mod compose;
mod prepare;
#[cfg(test)]
mod properties;

use chrono::{Days, NaiveDate};

pub use compose::{Asked, Body, Chosen, Item, Part, Prepared, Recipient, Released, Shown, compose};
pub use prepare::{Report, Sources, prepare};

use crate::{
    choices,
    consent::{self, Record, agrees},
    organisation::PlanType,
    person::Employment,
    registration::Registration,
};

/// The longest that somebody can open a document, in days.
pub const MOST_DAYS: u32 = 90;
/// How long a person may keep a document to think, in days (as in the Access to Medical Reports Act 1988, fit-notes-and-programmes §5).
pub const THINK_DAYS: u64 = 21;
/// The key of the head of a Health and Work Report.
const ADVICE: &str = "advice";
/// Wrong codes after which a link asks for a new code.
pub const MOST_TRIES: i64 = 5;

choices! {
    /// What kind of document it is.
    pub enum Kind {
        ReturnPlan = "return_plan", "Return-to-work plan";
        GradedReturn = "graded_return", "Graded return, week by week";
        Adjustments = "adjustments", "Request for adjustments";
        WorkReport = "work_report", "AHP Health and Work Report";
        OwnLetter = "own_letter", "Letter in the first person";
        GpNote = "gp_note", "Note to the GP practice";
    }
}

impl Kind {
    pub fn is_for(self, recipient: RecipientKind) -> bool {
        match recipient {
            RecipientKind::Employer | RecipientKind::Prospective => self != Self::GpNote,
            RecipientKind::Gp => matches!(self, Self::GpNote | Self::WorkReport),
        }
    }

    /// The first heading of the document.
    pub fn title(self, person: &str) -> String {
        match self {
            Self::ReturnPlan => format!("Coming back to work: {person}"),
            Self::GradedReturn => format!("My hours, week by week: {person}"),
            Self::Adjustments => format!("What would help me at work: {person}"),
            Self::WorkReport => format!("AHP Health and Work Report: {person}"),
            Self::OwnLetter => format!("A letter from {person}"),
            Self::GpNote => format!("A note for the practice from {person}"),
        }
    }
}

choices! {
    /// Who is to see it.
    pub enum RecipientKind {
        Employer = "employer", "Somebody at their employer";
        Prospective = "prospective", "An employer they do not work for yet";
        Gp = "gp", "A GP practice";
    }
}

choices! {
    /// What an item tells. Each item is ticked by itself; the condition has a tick of its own kind.
    pub enum Aspect {
        Statement = "statement", "My own words";
        TakingPart = "taking_part", "That I am getting support";
        Identity = "identity", "Who I am";
        Advice = "advice", "The professional’s advice";
        Dates = "dates", "Dates";
        Hours = "hours", "Hours";
        CanDo = "can_do", "What I can do";
        Adjustment = "adjustment", "What would help me";
        Difficulty = "difficulty", "What I find hard at work";
        Condition = "condition", "My health condition";
    }
}

choices! {
    /// How it gets to the recipient.
    pub enum Way {
        ByHand = "by_hand", "They take it themselves, printed";
        Link = "link", "A link, with a code given separately";
        Email = "email", "A PDF by email";
        Post = "post", "A letter by post";
    }
}

impl Way {
    /// Whether the service sends it, and so contacts somebody by itself.
    pub fn is_sent(self) -> bool {
        self != Self::ByHand
    }
}

choices! {
    /// Where a document is.
    pub enum State {
        Draft = "draft", "Being prepared";
        Offered = "offered", "With the person to look at";
        Thinking = "thinking", "The person is thinking about it";
        Released = "released", "Released";
        Declined = "declined", "The person said no";
        Revoked = "revoked", "Closed by the person";
        Expired = "expired", "Its time is over";
    }
}

choices! {
    /// What a worker does next with a document. Nothing waits that only the person can do.
    pub enum Waits {
        Tell = "tell", "An answer waits for the person";
        Read = "read", "The person has seen an answer";
        Send = "send", "Released, and not sent yet";
    }
}

choices! {
    /// Who moves a document on.
    pub enum By {
        Worker = "worker", "Support worker";
        Person = "person", "The person";
        Recipient = "recipient", "The recipient";
        Clock = "clock", "Its time was over";
    }
}

impl State {
    /// What can come next, and at whose wish. Only the person releases, declines and closes.
    pub fn next(self) -> &'static [(Self, By)] {
        use State::*;
        match self {
            Draft => &[(Offered, By::Worker)],
            Offered => &[
                (Thinking, By::Person),
                (Released, By::Person),
                (Declined, By::Person),
            ],
            Thinking => &[
                (Released, By::Person),
                (Declined, By::Person),
                (Expired, By::Clock),
            ],
            Released => &[(Revoked, By::Person), (Expired, By::Clock)],
            Declined => &[(Offered, By::Person)],
            Revoked | Expired => &[],
        }
    }

    /// Whether the person still chooses what is in it.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Draft | Self::Offered | Self::Thinking)
    }

    /// Where it is on a day, whatever was written down: a period ends by itself.
    pub fn on(
        self,
        today: NaiveDate,
        until_on: Option<NaiveDate>,
        think_until_on: Option<NaiveDate>,
    ) -> Self {
        let over = |day: Option<NaiveDate>| day.is_some_and(|day| day < today);
        match self {
            Self::Released if over(until_on) => Self::Expired,
            Self::Thinking if over(think_until_on) => Self::Expired,
            state => state,
        }
    }
}

/// Whether a document may move on, at somebody's wish.
///
/// # Errors
/// [`Refused::NotNow`].
pub fn may_move(from: State, to: State, by: By) -> Result<(), Refused> {
    if from.next().contains(&(to, by)) {
        Ok(())
    } else {
        Err(Refused::NotNow)
    }
}

choices! {
    /// How a person said that something may be released.
    pub enum SpokenHow {
        Telephone = "telephone", "On the telephone";
        Video = "video", "On a video call";
        FaceToFace = "face_to_face", "Face to face";
    }
}

choices! {
    /// What a recipient answers to something that was asked.
    pub enum Answer {
        Agree = "agree", "Yes";
        Part = "part", "Yes, in part";
        Cannot = "cannot", "No, we cannot do this";
        Talk = "talk", "I would like to talk about it";
    }
}

impl Answer {
    /// Whether the person should learn why.
    pub fn needs_reason(self) -> bool {
        matches!(self, Self::Part | Self::Cannot)
    }
}

choices! {
    /// What happened with a document: a row for each, with who and when.
    pub enum Step {
        Prepared = "prepared", "Prepared";
        Chosen = "chosen", "What is in it chosen";
        Offered = "offered", "Given to the person to look at";
        WayChanged = "way_changed", "How it gets there was changed";
        Thinking = "thinking", "Kept to think";
        Released = "released", "Released";
        LinkMade = "link_made", "A link and a code made";
        Sent = "sent", "Sent";
        Opened = "opened", "Opened";
        Downloaded = "downloaded", "Downloaded";
        Answered = "answered", "Answered";
        AnswerTold = "answer_told", "The answer reached the person";
        CodeLocked = "code_locked", "Too many wrong codes";
        Declined = "declined", "The person said no";
        Revoked = "revoked", "Closed by the person";
        Expired = "expired", "Its time was over";
    }
}

/// Why a document is not made or not released.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    #[error(
        "Nothing about health goes to an employer that the person does not work for yet. They can talk about it themselves once they have an offer."
    )]
    NotYetEmployed,
    #[error(
        "They work for themselves, so there is no employer to release anything to. Their plan is theirs to print."
    )]
    NobodyToReleaseTo,
    #[error("Choose a document that is meant for this recipient")]
    NotForThem,
    #[error(
        "Only an author with a current HCPC registration makes the AHP Health and Work Report. Choose another document."
    )]
    NotRegistered,
    #[error("Make the AHP Health and Work Report in the assessment first")]
    NoReport,
    #[error(
        "The person has not agreed that you speak with their employer. Record their consent first, or let them take the document themselves."
    )]
    NoConsentEmployer,
    #[error(
        "The person has not agreed that you share with their GP. Record their consent first, or let them take the document themselves."
    )]
    NoConsentGp,
    #[error("Nothing is ticked. Tick what may be seen first.")]
    NothingChosen,
    #[error("Something was changed after it was shown. Look at it again before it is released.")]
    NotSeen,
    #[error(
        "A Health and Work Report needs the professional’s advice. Tick it, or choose another document."
    )]
    NoAdvice,
    #[error("Enter what it is for")]
    NoPurpose,
    #[error("Choose for how many days they can open it, 1 to 90")]
    NotThatLong,
    #[error("This document cannot do that now. Look at where it is.")]
    NotNow,
    #[error("Say that it was read back and that they said yes")]
    NotReadBack,
    #[error("They have no own pages yet. Set their word with them first.")]
    NoPages,
}

impl Refused {
    pub fn code(self) -> &'static str {
        match self {
            Self::NotYetEmployed => "document_not_yet_employed",
            Self::NobodyToReleaseTo => "document_nobody_to_release_to",
            Self::NotForThem => "document_not_for_them",
            Self::NotRegistered => "document_not_registered",
            Self::NoReport => "document_no_report",
            Self::NoConsentEmployer => "document_no_consent_employer",
            Self::NoConsentGp => "document_no_consent_gp",
            Self::NothingChosen => "document_nothing_chosen",
            Self::NotSeen => "document_not_seen",
            Self::NoAdvice => "document_no_advice",
            Self::NoPurpose => "document_no_purpose",
            Self::NotThatLong => "document_not_that_long",
            Self::NotNow => "document_not_now",
            Self::NotReadBack => "document_not_read_back",
            Self::NoPages => "document_no_pages",
        }
    }
}

/// Whether a document may reach a kind of recipient at all.
///
/// # Errors
/// Health is never released to a prospective employer (Equality Act 2010 s.60), and the self-employed have nobody to release to.
pub fn may_reach(
    recipient: RecipientKind,
    employment: Employment,
    plan: Option<PlanType>,
) -> Result<(), Refused> {
    match (recipient, employment) {
        (RecipientKind::Prospective, _) => Err(Refused::NotYetEmployed),
        (RecipientKind::Employer, Employment::SelfEmployed) => Err(Refused::NobodyToReleaseTo),
        (RecipientKind::Employer, Employment::NotWorking) => Err(Refused::NotYetEmployed),
        (RecipientKind::Employer, _) if plan == Some(PlanType::SeekWork) => {
            Err(Refused::NotYetEmployed)
        }
        _ => Ok(()),
    }
}

/// Whether a document of a kind may be prepared for somebody. A Health and Work Report needs its author's current registration.
///
/// # Errors
/// Why not.
pub fn may_prepare(
    kind: Kind,
    recipient: RecipientKind,
    employment: Employment,
    plan: Option<PlanType>,
    registration: Option<&Registration>,
) -> Result<(), Refused> {
    if !kind.is_for(recipient) {
        return Err(Refused::NotForThem);
    }
    may_reach(recipient, employment, plan)?;
    if kind == Kind::WorkReport && registration.is_none() {
        return Err(Refused::NotRegistered);
    }
    Ok(())
}

/// Whether the service may send it: contacting an employer or a practice at all has its own consent, given before.
///
/// # Errors
/// Which consent is missing.
pub fn may_send(way: Way, recipient: RecipientKind, consents: &[Record]) -> Result<(), Refused> {
    let (kind, missing) = match recipient {
        RecipientKind::Gp => (consent::Kind::ShareWithGp, Refused::NoConsentGp),
        _ => (consent::Kind::ShareWithEmployer, Refused::NoConsentEmployer),
    };
    if !way.is_sent() || agrees(consents, kind) {
        Ok(())
    } else {
        Err(missing)
    }
}

/// Whether what was chosen may be released now. `seen` is what the person was shown, or had read out to them, last.
///
/// # Errors
/// Nothing is released that was not seen exactly as it goes.
pub fn may_release(prepared: &Prepared, chosen: &Chosen, seen: &Chosen) -> Result<(), Refused> {
    if chosen != seen {
        return Err(Refused::NotSeen);
    }
    if compose(prepared, chosen).parts().is_empty() {
        return Err(Refused::NothingChosen);
    }
    if prepared.kind == Kind::WorkReport && !chosen.items.contains(ADVICE) {
        return Err(Refused::NoAdvice);
    }
    if chosen.purpose.is_empty() {
        return Err(Refused::NoPurpose);
    }
    match chosen.days {
        Some(1..=MOST_DAYS) => Ok(()),
        _ => Err(Refused::NotThatLong),
    }
}

/// The last day on which the recipient can open what is released today.
pub fn until_on(today: NaiveDate, chosen: &Chosen) -> NaiveDate {
    let days = u64::from(chosen.days.unwrap_or(0));
    today.checked_add_days(Days::new(days)).unwrap_or(today)
}
