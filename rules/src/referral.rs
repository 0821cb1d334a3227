//! A referral: who it is for, whether the programme is for them, and what becomes of it.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::{
    Choice, caseload, choices, day,
    id::AccountId,
    organisation::Eligibility,
    person::{Answer, Employment, SafeContact},
};

choices! {
    /// Where a referral is. What the sender is told of it is [`shown_to_sender`].
    pub enum Status {
        Sent = "sent", "Waiting";
        Accepted = "accepted", "Accepted";
        Declined = "declined", "Not taken forward";
        Withdrawn = "withdrawn", "Withdrawn";
    }
}

choices! {
    /// One thing that a programme asks of the people it is for.
    pub enum Criterion {
        Age = "age", "Old enough for this programme";
        PaidWork = "paid_work", "In paid work, or self-employed";
        AbsenceLongEnough = "absence_long_enough", "Off work long enough";
        AbsenceNotTooLong = "absence_not_too_long", "Not off work too long";
        FitNote = "fit_note", "Has a fit note";
        Agreed = "agreed", "The person agreed to be referred";
    }
}

choices! {
    pub enum Met {
        Yes = "yes", "Yes";
        No = "no", "No";
        NotKnown = "not_known", "Not known";
    }
}

/// One criterion's answer, with who gave it and when. `by` is empty where Handrail worked it out from the referral.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    pub criterion: Criterion,
    pub met: Met,
    pub by: Option<AccountId>,
    pub at: DateTime<Utc>,
}

/// What the referral says that eligibility turns on.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    pub born_on: Option<NaiveDate>,
    pub employment: Option<Employment>,
    /// The first day off work as the person says it. A fit note only estimates it.
    pub absent_since: Option<NaiveDate>,
    pub has_fit_note: Option<bool>,
    pub agreed: bool,
}

/// Answers every criterion of a programme from the facts: what is not known stays "not known" and refuses nobody.
pub fn assess(
    eligibility: &Eligibility,
    facts: &Facts,
    now: DateTime<Utc>,
    today: NaiveDate,
) -> Vec<Finding> {
    let known = |answer: Option<bool>| match answer {
        Some(true) => Met::Yes,
        Some(false) => Met::No,
        None => Met::NotKnown,
    };
    let absent_days = facts.absent_since.map(|since| (today - since).num_days());
    let paid_work = facts
        .employment
        .filter(|e| *e != Employment::NotKnown)
        .map(|e| e != Employment::NotWorking);
    let old_enough = facts
        .born_on
        .and_then(|b| day::age(b, today))
        .map(|age| age >= eligibility.minimum_age);
    let mut findings = vec![
        (Criterion::Agreed, known(Some(facts.agreed))),
        (Criterion::Age, known(old_enough)),
    ];
    if eligibility.needs_paid_work {
        findings.push((Criterion::PaidWork, known(paid_work)));
    }
    if eligibility.absent_at_least_days > 0 {
        findings.push((
            Criterion::AbsenceLongEnough,
            known(absent_days.map(|d| d >= i64::from(eligibility.absent_at_least_days))),
        ));
    }
    findings.push((
        Criterion::AbsenceNotTooLong,
        // Somebody still at work has no first day off, and is not off too long.
        known(absent_days.map(|d| d <= i64::from(eligibility.absent_at_most_days))),
    ));
    if eligibility.needs_fit_note {
        findings.push((Criterion::FitNote, known(facts.has_fit_note)));
    }
    findings
        .into_iter()
        .map(|(criterion, met)| Finding {
            criterion,
            met,
            by: None,
            at: now,
        })
        .collect()
}

choices! {
    /// Why a referral is not the right one for this service. The sender is never told which.
    pub enum DeclineReason {
        TooYoung = "too_young", "Younger than the programme takes";
        NotInWork = "not_in_work", "Not in paid work";
        OffTooLong = "off_too_long", "Off work longer than the programme takes";
        OutsideArea = "outside_area", "Outside the programme's area";
        HasSupport = "has_support", "Has support already";
        ChangedMind = "changed_mind", "The person would rather not";
        DidNotKnow = "did_not_know", "The person had not agreed to be referred";
        NeedsCareFirst = "needs_care_first", "Needs urgent or specialist care first";
        CouldNotReach = "could_not_reach", "Could not be reached";
        Duplicate = "duplicate", "Already referred";
        OtherReason = "other", "Another reason";
    }
}

impl DeclineReason {
    /// Reasons are offered in groups, as a person thinks of them.
    pub const GROUPS: &'static [(&'static str, &'static [Self])] = &[
        (
            "Who the programme is for",
            &[
                Self::TooYoung,
                Self::NotInWork,
                Self::OffTooLong,
                Self::OutsideArea,
            ],
        ),
        (
            "What the person wants",
            &[Self::HasSupport, Self::ChangedMind, Self::DidNotKnow],
        ),
        (
            "Safety and reach",
            &[Self::NeedsCareFirst, Self::CouldNotReach],
        ),
        ("The referral", &[Self::Duplicate, Self::OtherReason]),
    ];
}

choices! {
    /// What may be amended of a referral: by its sender, or by the team for a sender who has no pages here. Each change stands in its log.
    pub enum Field {
        Name = "name", "Name";
        Born = "born_on", "Date of birth";
        NhsNumber = "nhs_number", "NHS number";
        Phone = "phone", "Telephone";
        Employment = "employment", "In work";
        Job = "job", "Job";
        Employer = "employer", "Employer";
        AbsentSince = "absent_since", "First day off work";
        FitNote = "fit_note", "Fit note";
        FitNoteUntil = "fit_note_until_on", "Fit note until";
        Reason = "reason", "Why now";
        RedFlags = "red_flags", "Red flags";
        Avoid = "avoid", "Not safe";
        WhoElse = "who_else", "Who else may answer or read";
        /// The whole of it was taken back. Nobody may amend this line.
        Withdrawn = "withdrawn", "The referral";
    }
}

choices! {
    /// A way of getting in touch that somebody who refers knows not to be safe.
    pub enum Avoid {
        Text = "text", "Texting";
        Voicemail = "voicemail", "Leaving a voicemail";
        SayWho = "say_who", "Saying who is calling";
        Letter = "letter", "Writing to their address";
    }
}

impl Avoid {
    /// The answer of a person's own record that it is about.
    pub fn answer(self, safe: &mut SafeContact) -> &mut Answer {
        match self {
            Self::Text => &mut safe.text,
            Self::Voicemail => &mut safe.voicemail,
            Self::SayWho => &mut safe.say_who,
            Self::Letter => &mut safe.letter,
        }
    }

    /// What is not safe, in the list's order.
    pub fn of(safe: &SafeContact) -> Vec<Self> {
        let mut safe = safe.clone();
        Self::ALL
            .iter()
            .copied()
            .filter(|way| *way.answer(&mut safe) == Answer::No)
            .collect()
    }
}

/// Answers every criterion again after an amendment. What a person answered stays as they answered it.
pub fn reassess(before: &[Finding], again: Vec<Finding>) -> Vec<Finding> {
    again
        .into_iter()
        .map(|new| {
            before
                .iter()
                .find(|old| old.criterion == new.criterion && old.by.is_some())
                .cloned()
                .unwrap_or(new)
        })
        .collect()
}

choices! {
    /// Answers that need a clinician before a support worker. Asked of referrers and of people who refer themselves.
    pub enum RedFlag {
        SelfHarm = "self_harm", "Thoughts of self-harm or suicide";
        SuddenWeakness = "sudden_weakness", "New weakness, numbness between the legs, or loss of bladder or bowel control";
        ChestPain = "chest_pain", "Chest pain or new trouble breathing";
        Unsafe = "unsafe", "Not safe at home or at work, or somebody else may be at risk";
        SeriousIllness = "serious_illness", "Rapid weight loss, fever or another sign of serious illness";
    }
}

impl RedFlag {
    /// What somebody who refers does about it, before anything else. A clinician of the service confirms these words before first use (hazard H1).
    pub fn what_a_referrer_does(self) -> &'static str {
        match self {
            Self::SelfHarm => {
                "Self-harm: stay with the person or on the line. For urgent mental health help, call 111 and choose option 2."
            }
            Self::SuddenWeakness => {
                "New weakness, numbness or loss of control: this can be an emergency of the spine. It needs A&E now."
            }
            Self::ChestPain => "Chest pain or new trouble breathing: call 999.",
            Self::Unsafe => {
                "Not safe: call 999 where there is danger now, and follow your safeguarding steps today."
            }
            Self::SeriousIllness => {
                "Signs of serious illness: the person needs to see a doctor or nurse today."
            }
        }
    }
}

/// Why a change to a referral was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Refused {
    #[error(
        "This referral is no longer waiting, so it cannot be changed. Somebody may have decided on it just now."
    )]
    NoLongerWaiting,
    #[error(
        "A red flag was ticked. A clinician must confirm that it is dealt with before the referral is accepted."
    )]
    RedFlagOpen,
}

impl Refused {
    pub fn code(self) -> &'static str {
        match self {
            Self::NoLongerWaiting => "referral_no_longer_waiting",
            Self::RedFlagOpen => "referral_red_flag_open",
        }
    }
}

/// May this referral be accepted, declined, amended or withdrawn now?
pub fn must_wait(status: Status) -> Result<(), Refused> {
    if status == Status::Sent {
        Ok(())
    } else {
        Err(Refused::NoLongerWaiting)
    }
}

/// May it be accepted? Red flags must be confirmed as dealt with first.
pub fn may_accept(status: Status, red_flags: &[RedFlag], dealt_with: bool) -> Result<(), Refused> {
    must_wait(status)?;
    if red_flags.is_empty() || dealt_with {
        Ok(())
    } else {
        Err(Refused::RedFlagOpen)
    }
}

choices! {
    /// Where support is, as a GP may know it when the person agreed to that.
    pub enum Stage {
        Received = "received", "Received";
        NotTakenForward = "not_taken_forward", "Not taken forward";
        Withdrawn = "withdrawn", "Withdrawn";
        InSupport = "in_support", "In support";
        Ended = "ended", "Support has ended";
    }
}

impl Stage {
    /// May its sender change it still? Everything that a sender can see, press and be answered is asked of what the sender is *shown*:
    /// what became of the referral would otherwise be told by a button that is gone.
    pub fn may_be_changed(self) -> Result<(), Refused> {
        match self {
            Self::Received | Self::InSupport => Ok(()),
            Self::NotTakenForward | Self::Withdrawn | Self::Ended => Err(Refused::NoLongerWaiting),
        }
    }

    /// May its sender withdraw it still?
    pub fn may_be_withdrawn(self) -> Result<(), Refused> {
        match self {
            Self::Received => Ok(()),
            _ => Err(Refused::NoLongerWaiting),
        }
    }
}

/// What the sender sees: "received" or "not taken forward", without a reason, and what the sender did. `told` is where the support is, given only
/// while the person agrees to share that with the GP.
pub fn shown_to_sender(status: Status, withdrawn: bool, told: Option<caseload::Status>) -> Stage {
    match (status, told) {
        (Status::Declined, _) => Stage::NotTakenForward,
        (Status::Withdrawn, _) => Stage::Withdrawn,
        (Status::Accepted, Some(caseload::Status::Closed)) => Stage::Ended,
        (Status::Accepted, Some(caseload::Status::InSupport)) => Stage::InSupport,
        (Status::Sent | Status::Accepted, _) if withdrawn => Stage::Withdrawn,
        (Status::Sent | Status::Accepted, _) => Stage::Received,
    }
}

/// May its sender's words still be kept? After it was accepted they are kept to be read, and change nothing by themselves.
pub fn must_listen(status: Status) -> Result<(), Refused> {
    match status {
        Status::Sent | Status::Accepted => Ok(()),
        Status::Declined | Status::Withdrawn => Err(Refused::NoLongerWaiting),
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;

    use super::*;

    fn met(findings: &[Finding], criterion: Criterion) -> Option<Met> {
        findings
            .iter()
            .find(|f| f.criterion == criterion)
            .map(|f| f.met)
    }

    #[test]
    fn what_is_not_known_refuses_nobody_and_is_not_guessed() {
        let now = Utc.with_ymd_and_hms(2026, 11, 20, 9, 0, 0).unwrap();
        let findings = assess(
            &Eligibility::default(),
            &Facts::default(),
            now,
            now.date_naive(),
        );
        assert_eq!(met(&findings, Criterion::Age), Some(Met::NotKnown));
        assert_eq!(met(&findings, Criterion::PaidWork), Some(Met::NotKnown));
        assert_eq!(
            met(&findings, Criterion::AbsenceNotTooLong),
            Some(Met::NotKnown)
        );
        assert_eq!(
            met(&findings, Criterion::FitNote),
            None,
            "this programme does not ask for a note"
        );
    }

    #[test]
    fn lengths_are_counted_in_days_of_absence_with_both_ends_allowed() {
        let now = Utc.with_ymd_and_hms(2026, 11, 20, 9, 0, 0).unwrap();
        let wave = Eligibility {
            absent_at_least_days: 14,
            ..Eligibility::default()
        };
        for (since, long_enough, not_too_long) in [
            // 20 November less 14 days is 6 November; less 183 days is 21 May (30+31+31+30+31+20 = 173 days from 31 May, and 10 more).
            ((2026, 11, 6), Met::Yes, Met::Yes),
            ((2026, 11, 7), Met::No, Met::Yes),
            ((2026, 5, 21), Met::Yes, Met::Yes),
            ((2026, 5, 20), Met::Yes, Met::No),
        ] {
            let facts = Facts {
                absent_since: NaiveDate::from_ymd_opt(since.0, since.1, since.2),
                ..Facts::default()
            };
            let findings = assess(&wave, &facts, now, now.date_naive());
            assert_eq!(
                met(&findings, Criterion::AbsenceLongEnough),
                Some(long_enough),
                "{since:?}"
            );
            assert_eq!(
                met(&findings, Criterion::AbsenceNotTooLong),
                Some(not_too_long),
                "{since:?}"
            );
        }
    }

    #[test]
    fn the_sender_hears_no_more_than_received_unless_the_person_agreed() {
        use caseload::Status::{Closed, InSupport, Waiting};
        for (status, withdrawn, told, shown) in [
            (Status::Sent, false, None, Stage::Received),
            (Status::Accepted, false, None, Stage::Received),
            (Status::Accepted, false, Some(Waiting), Stage::Received),
            (Status::Accepted, false, Some(InSupport), Stage::InSupport),
            (Status::Accepted, false, Some(Closed), Stage::Ended),
            (Status::Accepted, true, None, Stage::Withdrawn),
            (Status::Accepted, true, Some(InSupport), Stage::InSupport),
            (Status::Withdrawn, true, None, Stage::Withdrawn),
            (Status::Declined, false, None, Stage::NotTakenForward),
        ] {
            assert_eq!(
                shown_to_sender(status, withdrawn, told),
                shown,
                "{status:?} {withdrawn} {told:?}"
            );
        }
    }

    #[test]
    fn what_is_not_safe_is_read_from_the_answers_and_what_was_not_asked_is_not_named() {
        let safe = SafeContact {
            text: Answer::No,
            voicemail: Answer::Yes,
            letter: Answer::No,
            ..SafeContact::default()
        };
        assert_eq!(Avoid::of(&safe), [Avoid::Text, Avoid::Letter]);
    }

    #[test]
    fn what_a_person_answered_is_not_worked_out_again() {
        let now = Utc.with_ymd_and_hms(2026, 11, 20, 9, 0, 0).unwrap();
        let worker = AccountId::new(uuid::Uuid::nil());
        let finding = |criterion, met, by| Finding {
            criterion,
            met,
            by,
            at: now,
        };
        let before = [
            finding(Criterion::Age, Met::NotKnown, None),
            finding(Criterion::PaidWork, Met::Yes, Some(worker)),
        ];
        let again = vec![
            finding(Criterion::Age, Met::Yes, None),
            finding(Criterion::PaidWork, Met::No, None),
        ];
        let after = reassess(&before, again);
        assert_eq!(met(&after, Criterion::Age), Some(Met::Yes));
        assert_eq!(met(&after, Criterion::PaidWork), Some(Met::Yes));
    }

    #[test]
    fn a_red_flag_holds_acceptance_until_a_clinician_confirms() {
        assert_eq!(
            may_accept(Status::Sent, &[RedFlag::SelfHarm], false),
            Err(Refused::RedFlagOpen)
        );
        assert_eq!(may_accept(Status::Sent, &[RedFlag::SelfHarm], true), Ok(()));
        assert_eq!(
            may_accept(Status::Withdrawn, &[], true),
            Err(Refused::NoLongerWaiting)
        );
    }

    #[test]
    fn every_decline_reason_is_offered_once() {
        let offered: Vec<DeclineReason> = DeclineReason::GROUPS
            .iter()
            .flat_map(|(_, reasons)| reasons.iter().copied())
            .collect();
        assert_eq!(offered.len(), DeclineReason::ALL.len());
        assert!(DeclineReason::ALL.iter().all(|r| offered.contains(r)));
    }
}
