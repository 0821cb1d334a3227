//! The plan: goals in the person's own words, what is tried, by whom and by when, and how it went.

pub mod adjustment;
pub mod check;
pub mod reading;
pub mod snapshot;
pub mod template;
pub mod week;
pub mod words;

use chrono::NaiveDate;

use crate::choices;

choices! {
    /// Where a goal is. Setting one aside is as good an answer as reaching it.
    pub enum GoalState {
        Open = "open", "Working on it";
        Reached = "reached", "Reached";
        SetAside = "set_aside", "Set aside for now";
    }
}

choices! {
    /// Who does what is agreed.
    pub enum Who {
        Person = "person", "The person";
        Worker = "worker", "Support worker";
        Employer = "employer", "Employer";
        Gp = "gp", "GP practice";
        Service = "service", "A service";
        Other = "other", "Somebody else";
    }
}

impl Who {
    /// As the person reads it on their own plan.
    pub fn to_the_person(self) -> &'static str {
        match self {
            Self::Person => "Me",
            Self::Worker => "My support worker",
            Self::Employer => "My boss",
            Self::Gp => "My GP",
            Self::Service => "A service",
            Self::Other => "Someone else",
        }
    }
}

choices! {
    /// What kind of service something is sent to.
    pub enum Service {
        ExerciseClass = "exercise_class", "Exercise class";
        CareerCoach = "career_coach", "Career coach";
        MoneyAdvice = "money_advice", "Money advice";
        TalkingTherapy = "talking_therapy", "Talking therapy";
        Physiotherapy = "physiotherapy", "Physiotherapy";
        RightsAdvice = "rights_advice", "Union or rights advice";
        AccessToWork = "access_to_work", "Access to Work";
        Community = "community", "Community group";
        Other = "other", "Another service";
    }
}

choices! {
    /// How far something to try has come.
    pub enum ActionState {
        ToDo = "to_do", "To do";
        Sent = "sent", "Sent, or asked for";
        TakenUp = "taken_up", "Taken up";
        NotTakenUp = "not_taken_up", "Not taken up this time";
        Tried = "tried", "Tried";
        Done = "done", "Done";
        SetAside = "set_aside", "Set aside";
    }
}

impl ActionState {
    /// Whether there is still something to ask about.
    pub fn is_open(self) -> bool {
        matches!(self, Self::ToDo | Self::Sent | Self::TakenUp)
    }

    /// As the person reads it on their own plan.
    pub fn to_the_person(self) -> &'static str {
        match self {
            Self::ToDo => "To do",
            Self::Sent => "Asked for",
            Self::TakenUp => "I go to it",
            Self::NotTakenUp => "Not this time",
            Self::Tried => "I tried it",
            Self::Done => "Done",
            Self::SetAside => "Left for now",
        }
    }

    /// The states that can be recorded for what is done by somebody: only a service is sent to and taken up.
    pub fn of(who: Who) -> &'static [Self] {
        use ActionState::*;
        match who {
            Who::Person | Who::Worker => &[Tried, Done, SetAside, ToDo],
            Who::Employer | Who::Gp | Who::Other => &[Sent, Tried, Done, SetAside, ToDo],
            Who::Service => &[Sent, TakenUp, NotTakenUp, Tried, Done, SetAside, ToDo],
        }
    }
}

choices! {
    /// How something went, as the person sees it.
    pub enum HowItWent {
        Helped = "helped", "It helped";
        HelpedALittle = "helped_a_little", "It helped a little";
        NoDifference = "no_difference", "It made no difference";
        Harder = "harder", "It made things harder";
        TooSoon = "too_soon", "Too soon to say";
    }
}

/// Whether it is time to ask how something went: its day is past and nothing final was recorded.
pub fn to_ask_about(state: ActionState, by_on: Option<NaiveDate>, today: NaiveDate) -> bool {
    state.is_open() && by_on.is_some_and(|by| by < today)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Choice;

    #[test]
    fn what_is_past_its_day_is_asked_about_until_it_was_tried_done_or_set_aside() {
        let day = |d| NaiveDate::from_ymd_opt(2026, 11, d).unwrap();
        for state in ActionState::ALL {
            assert_eq!(
                to_ask_about(*state, Some(day(19)), day(20)),
                matches!(state.code(), "to_do" | "sent" | "taken_up"),
                "{}",
                state.code()
            );
            assert!(
                !to_ask_about(*state, Some(day(20)), day(20)),
                "the day itself is not past"
            );
            assert!(!to_ask_about(*state, None, day(20)), "no day is no hurry");
        }
    }

    #[test]
    fn only_a_service_is_taken_up() {
        for who in Who::ALL {
            let states = ActionState::of(*who);
            assert_eq!(states.contains(&ActionState::TakenUp), *who == Who::Service);
            assert!(
                states.contains(&ActionState::Tried) && states.contains(&ActionState::SetAside)
            );
        }
    }
}
