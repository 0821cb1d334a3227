//! Time off work, day by day, from every source: what was said, what it comes to, and who or what settled it where sources disagree.
//!
//! Everything here is a pure function of its inputs. `docs/measures.md` states each rule in words.

mod calendar;
mod facts;
mod figures;
mod holidays;
pub mod json;
mod opinions;
mod pattern;
mod settle;
pub mod words;

pub use calendar::{Calendar, Certainty, Day, Rule, Run, Verdict, calendar};
pub use facts::{Basis, Fact, How, NoteSays, Parameters, Refused, Said, SourceKind, Week};
pub use figures::{
    CountRule, CountSettled, Disagreement, Figures, Spell, disagreements, figures, spells,
};
pub use holidays::{YEARS as BANK_HOLIDAY_YEARS, bank_holiday, covers as bank_holidays_cover};
pub use pattern::{Pattern, Patterns, hours_typed, read_days, read_hours};

#[cfg(test)]
mod examples;
#[cfg(test)]
mod properties;
