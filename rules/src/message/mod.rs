//! What may be sent to whom, when, and how much it may say. Nothing is sent that nobody agreed to, and what is not known is not safe.

mod heard;
mod number;
mod times;

pub use heard::{Said, in_time_since, said, to_be_read_by};
pub use number::{number_key, textable};
pub use times::{Days, Times};

use crate::{
    choices,
    consent::{Kind, Record, agrees},
    person::{Answer, PreferredWay, SafeContact},
};

choices! {
    /// By which way a message goes.
    pub enum Channel {
        Text = "text", "Text";
        Email = "email", "Email";
        Letter = "letter", "Letter";
    }
}

choices! {
    /// Where a message is. The last three are final; of a sent one it may still be heard that it was delivered or was not.
    pub enum State {
        Waiting = "waiting", "Waiting";
        Sending = "sending", "Being sent";
        Held = "held", "Held";
        FailedForNow = "failed_for_now", "Failed for now";
        Sent = "sent", "Sent";
        Delivered = "delivered", "Delivered";
        Failed = "failed", "Failed";
    }
}

impl State {
    /// Nothing more is done by itself, and what it said is erased.
    pub fn is_over(self) -> bool {
        matches!(self, Self::Sent | Self::Delivered | Self::Failed)
    }
}

choices! {
    /// Why a message is where it is.
    pub enum Why {
        NothingIsSent = "nothing_is_sent", "Nothing is sent by this service yet";
        ToBePrinted = "to_be_printed", "To be printed from the case, and posted";
        NotKnown = "not_known", "Not known whether it went";
        NoConsent = "no_consent", "The person has not agreed to be contacted like this";
        Stopped = "stopped", "They asked for these messages to stop";
        NotSafe = "not_safe", "They have not said that this way is safe";
        NoAddress = "no_address", "There is no number or address for it";
        Died = "died", "The person has died";
        Closed = "closed", "The support has ended";
        QuietHours = "quiet_hours", "Waits for the hours when they like to hear from us";
        EnoughThisWeek = "enough_this_week", "Waits, because enough was sent this week";
        CannotBeRead = "cannot_be_read", "Its words could not be opened with the keys at hand";
        TooLate = "too_late", "It was of no more use";
        TakenBack = "taken_back", "Taken back before it was sent";
        Busy = "busy", "The provider asked to wait";
        NoAnswer = "no_answer", "The provider could not be reached";
        ProviderRefused = "provider_refused", "The provider refused it";
        NotDelivered = "not_delivered", "It could not be delivered";
        GaveUp = "gave_up", "Tried too often";
        SaidToHaveGone = "said_to_have_gone", "Somebody found that it went";
    }
}

choices! {
    /// How much a text may say: even a question about days off tells something on a telephone that others see.
    pub enum Says {
        Neutral = "neutral", "Only that there is a message, with a link";
        Service = "service", "The name of the service, with a link";
        Question = "question", "The question itself";
    }
}

choices! {
    /// What is sent. Each has a file with its wordings.
    pub enum Template {
        OwnPages = "own-pages", "Link to their own pages";
        CheckinQuestion = "checkin-question", "Check-in question";
        CheckinReminder = "checkin-reminder", "Reminder of a check-in";
        CheckinAgain = "checkin-again", "One question back";
        HowThings = "how-things", "How things are";
        AfterwardsQuestion = "afterwards-question", "How it was, after the end";
        DocumentNews = "document-news", "News of a document";
        DocumentLink = "document-link", "Link to a document";
        DocumentCode = "document-code", "Code for a document";
        DocumentFile = "document-file", "Document as a file";
        NotWatched = "not-watched", "Nobody watches this number";
        TextsStopped = "texts-stopped", "Messages are stopped";
        StaffDigest = "staff-digest", "What waits, for a member of staff";
    }
}

choices! {
    /// What somebody must have agreed to before a message of a kind goes to them.
    pub enum Needs {
        TakePart = "take_part", "To take part, and to be contacted";
        Contact = "contact", "To be contacted";
        Nothing = "nothing", "Nothing: it answers what they sent";
    }
}

/// The most messages that somebody gets in seven days without having asked for them.
pub const MOST_A_WEEK: i64 = 5;

/// What a kind of message is, as far as the rules go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kept {
    pub needs: Needs,
    /// It may still go when the support has ended.
    pub after_end: bool,
    /// It goes at any hour, because somebody waits for it.
    pub at_once: bool,
    /// It is one of the few a week.
    pub counts: bool,
}

/// How things stand with a person at the moment of sending.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    pub consents: Vec<Record>,
    pub died: bool,
    pub closed: bool,
    pub safe: SafeContact,
    /// Whether they said that an email is safe.
    pub safe_email: Answer,
    pub preferred: Option<PreferredWay>,
    /// The ways they asked to stop.
    pub stopped: Vec<Channel>,
    /// The ways that there is a number or an address for.
    pub reachable: Vec<Channel>,
}

impl Standing {
    /// Whether a message of a kind may go to them at all.
    pub fn may_hear(&self, kept: Kept) -> Result<(), Why> {
        let agreed = |kind| agrees(&self.consents, kind);
        if self.died {
            return Err(Why::Died);
        }
        if self.closed && !kept.after_end {
            return Err(Why::Closed);
        }
        let consents = match kept.needs {
            Needs::Nothing => true,
            Needs::Contact => agreed(Kind::Contact),
            Needs::TakePart => agreed(Kind::Contact) && agreed(Kind::TakePart),
        };
        if consents {
            Ok(())
        } else {
            Err(Why::NoConsent)
        }
    }

    /// Whether a way may be used. What was not asked is not safe.
    pub fn may_use(&self, channel: Channel) -> Result<(), Why> {
        if self.stopped.contains(&channel) {
            return Err(Why::Stopped);
        }
        let safe = match channel {
            Channel::Text => self.safe.text == Answer::Yes,
            Channel::Letter => self.safe.letter == Answer::Yes,
            // Whoever likes to be reached by email has said that it is safe, unless they said that it is not.
            Channel::Email => {
                self.safe_email == Answer::Yes
                    || (self.safe_email == Answer::NotKnown
                        && self.preferred == Some(PreferredWay::Email))
            }
        };
        if !safe {
            return Err(Why::NotSafe);
        }
        if self.reachable.contains(&channel) {
            Ok(())
        } else {
            Err(Why::NoAddress)
        }
    }

    /// The way to take: the one asked for, or the one they like, or the first that may be used. Where none may, why the first of them may not.
    pub fn way(&self, asked: Option<Channel>) -> Result<Channel, Why> {
        if let Some(channel) = asked {
            return self.may_use(channel).map(|()| channel);
        }
        let liked = match self.preferred {
            Some(PreferredWay::Text) => Some(Channel::Text),
            Some(PreferredWay::Email) => Some(Channel::Email),
            Some(PreferredWay::Letter) => Some(Channel::Letter),
            Some(PreferredWay::Call | PreferredWay::Video) | None => None,
        };
        let ways = liked
            .into_iter()
            .chain([Channel::Text, Channel::Email, Channel::Letter]);
        let mut why_not = None;
        for channel in ways {
            match self.may_use(channel) {
                Ok(()) => return Ok(channel),
                Err(why) => why_not = why_not.or(Some(why)),
            }
        }
        Err(why_not.unwrap_or(Why::NoAddress))
    }
}

#[cfg(test)]
mod tests {
    use chrono::{TimeZone, Utc};

    use super::*;
    use crate::consent::Decision;

    const QUESTION: Kept = Kept {
        needs: Needs::TakePart,
        after_end: false,
        at_once: false,
        counts: true,
    };

    fn agreed(kind: Kind) -> Record {
        Record {
            kind,
            decision: Decision::Given,
            at: Utc.with_ymd_and_hms(2026, 11, 20, 9, 0, 0).unwrap(),
        }
    }

    fn fine() -> Standing {
        Standing {
            consents: vec![agreed(Kind::TakePart), agreed(Kind::Contact)],
            died: false,
            closed: false,
            safe: SafeContact {
                text: Answer::Yes,
                ..SafeContact::default()
            },
            safe_email: Answer::NotKnown,
            preferred: None,
            stopped: vec![],
            reachable: vec![Channel::Text, Channel::Email, Channel::Letter],
        }
    }

    #[test]
    fn nothing_goes_to_somebody_who_did_not_agree_or_has_died_or_whose_support_ended() {
        assert_eq!(fine().may_hear(QUESTION), Ok(()));
        let standing = |change: fn(&mut Standing)| {
            let mut standing = fine();
            change(&mut standing);
            standing
        };
        for (changed, why) in [
            (standing(|s| s.consents.clear()), Why::NoConsent),
            (
                standing(|s| {
                    s.consents.pop();
                }),
                Why::NoConsent,
            ),
            (
                standing(|s| {
                    s.consents.remove(0);
                }),
                Why::NoConsent,
            ),
            (standing(|s| s.died = true), Why::Died),
            (standing(|s| s.closed = true), Why::Closed),
        ] {
            assert_eq!(changed.may_hear(QUESTION), Err(why));
        }
        let after = Kept {
            after_end: true,
            ..QUESTION
        };
        assert_eq!(standing(|s| s.closed = true).may_hear(after), Ok(()));
        assert_eq!(standing(|s| s.died = true).may_hear(after), Err(Why::Died));
        let contact = Kept {
            needs: Needs::Contact,
            ..QUESTION
        };
        assert_eq!(
            standing(|s| {
                s.consents.remove(0);
            })
            .may_hear(contact),
            Ok(()),
            "they agreed to be contacted"
        );
    }

    #[test]
    fn a_way_that_nobody_asked_about_is_not_safe() {
        let mut standing = fine();
        assert_eq!(standing.may_use(Channel::Letter), Err(Why::NotSafe));
        assert_eq!(standing.may_use(Channel::Email), Err(Why::NotSafe));
        standing.preferred = Some(PreferredWay::Email);
        assert_eq!(standing.may_use(Channel::Email), Ok(()));
        standing.safe_email = Answer::No;
        assert_eq!(standing.may_use(Channel::Email), Err(Why::NotSafe));
        standing.reachable = vec![];
        assert_eq!(standing.may_use(Channel::Text), Err(Why::NoAddress));
    }

    #[test]
    fn the_way_asked_for_is_taken_or_none_and_else_the_one_they_like() {
        let mut standing = fine();
        assert_eq!(standing.way(None), Ok(Channel::Text));
        assert_eq!(standing.way(Some(Channel::Letter)), Err(Why::NotSafe));
        standing.preferred = Some(PreferredWay::Email);
        assert_eq!(standing.way(None), Ok(Channel::Email));
        standing.stopped = vec![Channel::Email];
        assert_eq!(standing.way(None), Ok(Channel::Text));
        standing.stopped = vec![Channel::Text, Channel::Email];
        assert_eq!(standing.way(None), Err(Why::Stopped), "the first reason");
    }

    #[test]
    fn what_is_over_is_said_once() {
        let over: Vec<State> = <State as crate::Choice>::ALL
            .iter()
            .copied()
            .filter(|s| s.is_over())
            .collect();
        assert_eq!(over, [State::Sent, State::Delivered, State::Failed]);
    }
}
