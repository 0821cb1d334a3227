//! The work-focused assessment: its sections, what stands in the way and how that goes, and what the job asks.

use chrono::NaiveDate;

use crate::{Choice, choices};

choices! {
    /// A part of the assessment. They may be done in any order, over several contacts, and none must be done.
    pub enum Section {
        Story = "story", "What happened, and what they want";
        Health = "health", "Health, as they describe it";
        Work = "work", "Work";
        Home = "home", "Home and money";
        Helps = "helps", "What helps";
        Fears = "fears", "What worries them about work";
    }
}

choices! {
    /// One box of a section.
    pub enum Topic {
        Happened = "happened", "What has happened";
        Wants = "wants", "What they want";
        Body = "body", "Their body";
        Mind = "mind", "Their mind and mood";
        Treatment = "treatment", "Treatment, and what they wait for";
        Job = "job", "The job";
        Tasks = "tasks", "What they do in a day";
        Hours = "hours", "Hours and shifts";
        Manager = "manager", "Their manager";
        Relations = "relations", "Other people at work";
        Offered = "offered", "What work has offered";
        Home = "home", "Home";
        Money = "money", "Money";
        Helps = "helps", "What helps";
        Fears = "fears", "What worries them";
    }
}

impl Section {
    /// The boxes of this section, in the order in which they are asked.
    pub fn topics(self) -> &'static [Topic] {
        match self {
            Self::Story => &[Topic::Happened, Topic::Wants],
            Self::Health => &[Topic::Body, Topic::Mind, Topic::Treatment],
            Self::Work => &[
                Topic::Job,
                Topic::Tasks,
                Topic::Hours,
                Topic::Manager,
                Topic::Relations,
                Topic::Offered,
            ],
            Self::Home => &[Topic::Home, Topic::Money],
            Self::Helps => &[Topic::Helps],
            Self::Fears => &[Topic::Fears],
        }
    }

    /// The heading on a page that the person reads.
    pub fn to_the_person(self) -> &'static str {
        match self {
            Self::Story => "What happened, and what I want",
            Self::Health => "My health",
            Self::Work => "My work",
            Self::Home => "Home and money",
            Self::Helps => "What helps me",
            Self::Fears => "What worries me about work",
        }
    }
}

impl Topic {
    /// A way to ask, in our own words. It is offered, never required.
    pub fn ask(self) -> &'static str {
        match self {
            Self::Happened => "“How did you come to be off work?” Let them tell it in their order.",
            Self::Wants => "“If this went well, what would be different?”",
            Self::Body => "“What does your body let you do on a usual day, and on a bad one?”",
            Self::Mind => "“How are your mood, sleep and concentration?”",
            Self::Treatment => "“What are you having, and what are you waiting for?”",
            Self::Job => "“What is your job, and how long have you done it?”",
            Self::Tasks => "“Take me through a usual day there.”",
            Self::Hours => "“Which days and hours are you meant to work?”",
            Self::Manager => "“How do you get on with your manager, and when did you last speak?”",
            Self::Relations => "“Who at work helps, and who makes it harder?”",
            Self::Offered => "“What has work offered or changed so far?”",
            Self::Home => "“Who and what do you look after at home?”",
            Self::Money => "“How does being off work affect money?”",
            Self::Helps => {
                "“What has helped, now or in the past?” Include what they did themselves."
            }
            Self::Fears => "“When you picture going back, what do you see?”",
        }
    }

    /// The heading on a page that the person reads.
    pub fn to_the_person(self) -> &'static str {
        match self {
            Self::Happened => "What happened",
            Self::Wants => "What I want",
            Self::Body => "My body",
            Self::Mind => "My mind and mood",
            Self::Treatment => "Treatment, and what I am waiting for",
            Self::Job => "My job",
            Self::Tasks => "What I do in a day",
            Self::Hours => "My hours and shifts",
            Self::Manager => "My manager",
            Self::Relations => "Other people at work",
            Self::Offered => "What work has offered",
            Self::Home => "Home",
            Self::Money => "Money",
            Self::Helps => "What helps",
            Self::Fears => "What worries me",
        }
    }
}

choices! {
    /// What sort of thing stands in the way. The domains of the starter catalogue.
    pub enum ObstacleKind {
        Health = "health", "Health";
        Thoughts = "thoughts", "Thoughts and beliefs";
        Feelings = "feelings", "Feelings";
        Behaviour = "behaviour", "Behaviour";
        Workplace = "workplace", "Workplace";
        Circumstances = "circumstances", "Wider circumstances";
    }
}

choices! {
    /// How much an obstacle is in the way, 0 to 3.
    pub enum InTheWay {
        Not = "0", "0: not in the way now";
        Little = "1", "1: a little in the way";
        Lot = "2", "2: a lot in the way";
        Completely = "3", "3: completely in the way";
    }
}

impl InTheWay {
    /// 0 to 3.
    pub fn number(self) -> u8 {
        self as u8
    }

    /// The label without its number, for the middle of a sentence.
    pub fn words(self) -> &'static str {
        self.label().split_once(": ").map_or("", |(_, words)| words)
    }
}

choices! {
    pub enum CanChange {
        Yes = "yes", "Yes";
        Partly = "partly", "In part";
        No = "no", "No, it needs a way round";
        NotKnown = "not_known", "Not known yet";
    }
}

choices! {
    /// How an obstacle was found at a review.
    pub enum ObstacleState {
        New = "new", "New";
        Ongoing = "ongoing", "Ongoing";
        Easing = "easing", "Easing";
        Gone = "gone", "Gone";
    }
}

/// How much an obstacle is in the way after a review. A blank leaves it as it was; gone is not in the way.
pub fn reviewed(
    before: InTheWay,
    state: ObstacleState,
    typed: Option<InTheWay>,
) -> Result<InTheWay, &'static str> {
    match (state, typed) {
        (ObstacleState::Gone, None | Some(InTheWay::Not)) => Ok(InTheWay::Not),
        (ObstacleState::Gone, Some(_)) => {
            Err("If it has gone, it is not in the way now. Choose 0, or another answer than gone")
        }
        (_, typed) => Ok(typed.unwrap_or(before)),
    }
}

/// One point of a course: what was found on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Found {
    pub on: NaiveDate,
    pub state: ObstacleState,
    pub in_the_way: InTheWay,
}

/// The course of an obstacle: of several reviews on one day the last one stands. The input is oldest first.
pub fn course(reviews_oldest_first: &[Found]) -> Vec<Found> {
    let mut course: Vec<Found> = vec![];
    for &found in reviews_oldest_first {
        match course.last_mut() {
            Some(last) if last.on == found.on => *last = found,
            _ => course.push(found),
        }
    }
    course
}

choices! {
    /// The flags framework as it is defined here: the staff's view only, never a label for a person (Kendall, Burton, Main and Watson, "Tackling Musculoskeletal
    /// Problems", The Stationery Office 2009). Some sources swap blue and black.
    pub enum Flag {
        Yellow = "yellow", "Yellow: the person’s thoughts, feelings and behaviour";
        Blue = "blue", "Blue: how the person sees their workplace";
        Black = "black", "Black: systems and circumstances that the person cannot change alone";
        Orange = "orange", "Orange: serious distress, or a risk of self-harm";
        Red = "red", "Red: signs of serious illness";
    }
}

impl Flag {
    /// Red and orange are not worked on as obstacles: a clinician or the safety steps come first.
    pub fn goes_to_safety(self) -> bool {
        matches!(self, Self::Red | Self::Orange)
    }

    /// The colour's name alone.
    pub fn colour(self) -> &'static str {
        match self {
            Self::Yellow => "Yellow",
            Self::Blue => "Blue",
            Self::Black => "Black",
            Self::Orange => "Orange",
            Self::Red => "Red",
        }
    }

    /// The colour that usually goes with a kind. Staff may choose another one.
    pub fn usual(kind: ObstacleKind) -> Option<Self> {
        match kind {
            ObstacleKind::Health => None,
            ObstacleKind::Thoughts | ObstacleKind::Feelings | ObstacleKind::Behaviour => {
                Some(Self::Yellow)
            }
            ObstacleKind::Workplace => Some(Self::Blue),
            ObstacleKind::Circumstances => Some(Self::Black),
        }
    }
}

choices! {
    /// What a job asks of a body and a mind.
    pub enum Demand {
        Lifting = "lifting", "Lifting and carrying";
        Standing = "standing", "Standing and walking";
        Driving = "driving", "Driving and travel";
        Screen = "screen", "Screen and desk";
        Shifts = "shifts", "Hours and shifts";
        People = "people", "People";
        Concentration = "concentration", "Concentration";
        Other = "other", "Something else";
    }
}

choices! {
    /// The two statements of the AHP Health and Work Report (worked example, University of Nottingham HELM, "AHP Health and Work Report", section 4.1).
    pub enum WorkAdvice {
        MayBeFit = "may_be_fit", "You may be fit for work, taking account of the advice below";
        NotFit = "not_fit", "You are not fit for work";
    }
}

choices! {
    /// The four options of the report that the employer may agree to (the same source).
    pub enum WorkOption {
        Phased = "phased", "A phased return to work";
        Duties = "duties", "Amended duties";
        Hours = "hours", "Altered hours";
        Workplace = "workplace", "A workplace assessment";
    }
}

/// Every topic belongs to one section.
pub fn section_of(topic: Topic) -> Option<Section> {
    Section::ALL
        .iter()
        .copied()
        .find(|section| section.topics().contains(&topic))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn day(d: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 11, d).unwrap_or_default()
    }

    #[test]
    fn every_topic_stands_in_one_section() {
        for topic in Topic::ALL {
            let homes = Section::ALL
                .iter()
                .filter(|s| s.topics().contains(topic))
                .count();
            assert_eq!(homes, 1, "{}", topic.code());
            assert!(section_of(*topic).is_some());
        }
    }

    #[test]
    fn in_the_way_counts_from_0_to_3_as_its_codes_say() {
        for level in InTheWay::ALL {
            assert_eq!(level.number().to_string(), level.code());
            assert_eq!(
                format!("{}: {}", level.code(), level.words()),
                level.label()
            );
        }
    }

    #[test]
    fn a_review_keeps_the_level_unless_another_is_said_and_gone_is_not_in_the_way() {
        use InTheWay::*;
        use ObstacleState::*;
        for (before, state, typed, after) in [
            (Lot, Ongoing, None, Some(Lot)),
            (Lot, Easing, Some(Little), Some(Little)),
            (Little, New, Some(Completely), Some(Completely)),
            (Completely, Gone, None, Some(Not)),
            (Completely, Gone, Some(Not), Some(Not)),
            (Completely, Gone, Some(Little), None),
        ] {
            assert_eq!(reviewed(before, state, typed).ok(), after, "{state:?}");
        }
    }

    #[test]
    fn the_last_review_of_a_day_stands() {
        let at = |d, state, in_the_way| Found {
            on: day(d),
            state,
            in_the_way,
        };
        let first = at(2, ObstacleState::New, InTheWay::Lot);
        let slip = at(9, ObstacleState::Gone, InTheWay::Not);
        let meant = at(9, ObstacleState::Easing, InTheWay::Little);
        assert_eq!(course(&[first, slip, meant]), vec![first, meant]);
    }

    #[test]
    fn red_and_orange_go_to_safety_and_are_nobodys_usual_colour() {
        for kind in ObstacleKind::ALL {
            assert!(Flag::usual(*kind).is_none_or(|flag| !flag.goes_to_safety()));
        }
        assert!(Flag::Red.goes_to_safety() && Flag::Orange.goes_to_safety());
        assert!(!Flag::Yellow.goes_to_safety());
    }

    proptest! {
        #[test]
        fn a_course_has_each_day_once_and_ends_with_the_last_review(days in proptest::collection::vec(1u32..29, 0..20)) {
            let mut days = days;
            days.sort_unstable();
            let found: Vec<Found> = days
                .iter()
                .enumerate()
                .map(|(n, d)| Found { on: day(*d), state: ObstacleState::ALL[n % 4], in_the_way: InTheWay::ALL[n % 4] })
                .collect();
            let course = course(&found);
            prop_assert!(course.windows(2).all(|pair| pair[0].on < pair[1].on));
            prop_assert_eq!(course.last(), found.last());
        }
    }
}
