//! What is odd about a note. Nothing here refuses one: a person records what is on the paper, and says so.

use chrono::{Days, Months, NaiveDate};

use super::{Fitness, Profession, SELF_CERTIFIED_DAYS, Statement, months_end};
use crate::choices;

choices! {
    /// A rule that a note does not follow, in words for whoever records it.
    pub enum Warning {
        // "Issue date >= assessment date, never before" (DWP guidance for healthcare professionals).
        IssuedBeforeAssessed = "issued_before_assessed", "The note was issued before the day of its assessment.";
        // An earlier period may be certified on the basis of a previous assessment only (GPnotebook, "Backdating a sick note (fit note)").
        Backdated = "backdated", "The note covers days before its assessment. That rests on an earlier assessment: write down its date, if there was one.";
        // Social Security (Medical Evidence) Regulations 1976, Schedule 1, rules 11 and 12: 3 months at most in the first 6 months; rule 13: any period after.
        TooLong = "too_long", "The note is for more than 3 months. In the first 6 months of a condition the most is 3 months; after that it may be any length.";
        // The form asks for one or the other: "this will be the case for" or "from ... to" (Vision keeps them apart: Cegedim help, "Adding a MED3").
        ForAndUntil = "for_and_until", "The note gives a length and a last day. A note gives one or the other. The last day is what counts here.";
        EndsBeforeItBegins = "ends_before_it_begins", "The note ends before it begins, so it covers no day.";
        // The four boxes and comments are optional by regulation; a note that may be fit and advises nothing helps nobody (PMC3355322). So it asks, and takes no for an answer.
        NoAdvice = "no_advice", "The note says “may be fit” and ticks nothing. Write the comments that are on it, if there are any.";
        // On the form the boxes stand under "may be fit" (DWP, Annex B).
        TicksWithNotFit = "ticks_with_not_fit", "The note says “not fit” and ticks advice that belongs to “may be fit”.";
        // DWP, "Who can issue fit notes": five professions since 1 July 2022, doctors before.
        NotAnIssuer = "not_an_issuer", "Doctors, nurses, occupational therapists, pharmacists and physiotherapists can issue a fit note. Others give other papers, such as an AHP Health and Work Report.";
        NotAnIssuerYet = "not_an_issuer_yet", "Before 1 July 2022 only doctors could issue a fit note.";
        InTheFuture = "in_the_future", "The day of the assessment is in the future.";
        LikeAnother = "like_another", "A note for the same days is recorded already. If it is the same note, do not record it again.";
        // Statutory sick pay and benefits ask for a note only after 7 calendar days (form SC2).
        SelfCertified = "self_certified", "The note covers only days that a person can certify themselves: the first 7 calendar days off.";
        // A vendor's check (Vision: under 15 days From and Until are mandatory), not a rule of the form: a hint only.
        ShortWithoutDates = "short_without_dates", "Notes of under 15 days usually give a first and a last day.";
    }
}

impl Warning {
    /// Worth a look, and never asked about.
    pub fn is_hint(self) -> bool {
        matches!(self, Self::SelfCertified | Self::ShortWithoutDates)
    }
}

/// What is known around a note.
#[derive(Debug, Clone, Copy)]
pub struct Around {
    pub today: NaiveDate,
    /// The first day of this absence: as the person says, or else the first day of the spell of notes before. It stands for the beginning of the condition, which is not recorded.
    pub off_since: Option<NaiveDate>,
    /// A note for the same days with the same status stands already.
    pub like_another: bool,
}

/// Every rule that a note does not follow, in the order of [`Warning::ALL`](crate::Choice::ALL).
pub fn warnings(s: &Statement, around: &Around) -> Vec<Warning> {
    use Warning::*;
    let five_may_issue = NaiveDate::from_ymd_opt(2022, 7, 1).unwrap_or(NaiveDate::MAX);
    let given_on = s.issued_on.unwrap_or(s.assessed_on);
    let found = [
        (
            IssuedBeforeAssessed,
            s.issued_on.is_some_and(|on| on < s.assessed_on),
        ),
        (Backdated, is_backdated(s)),
        (TooLong, is_too_long(s, around.off_since)),
        (
            ForAndUntil,
            s.period.length.is_some() && s.period.until_on.is_some(),
        ),
        (EndsBeforeItBegins, s.days() == Some(0)),
        (
            NoAdvice,
            s.fitness == Fitness::MayBeFit && s.supports.is_empty() && s.comments.is_none(),
        ),
        (
            TicksWithNotFit,
            s.fitness == Fitness::NotFit && !s.supports.is_empty(),
        ),
        (NotAnIssuer, s.profession == Profession::Other),
        (
            NotAnIssuerYet,
            given_on < five_may_issue
                && !matches!(
                    s.profession,
                    Profession::Doctor | Profession::Other | Profession::NotStated
                ),
        ),
        (InTheFuture, s.assessed_on > around.today),
        (LikeAnother, around.like_another),
        (SelfCertified, only_self_certified(s, around.off_since)),
        (
            ShortWithoutDates,
            s.days().is_some_and(|n| (1..15).contains(&n))
                && (s.period.from_on.is_none() || s.period.until_on.is_none()),
        ),
    ];
    found
        .into_iter()
        .filter_map(|(warning, is)| is.then_some(warning))
        .collect()
}

/// It covers days before the assessment, and no earlier assessment covers all of them.
fn is_backdated(s: &Statement) -> bool {
    let first = s.first_day();
    first < s.assessed_on
        && s.earlier_assessment_on
            .is_none_or(|earlier| earlier > first)
}

/// More than 3 months while the condition may be younger than 6. Practice systems count 3 months or 13 weeks (Vision): a note within either is within.
fn is_too_long(s: &Statement, off_since: Option<NaiveDate>) -> bool {
    let first = s.first_day();
    let longer = s
        .last_day()
        .is_none_or(|last| last > months_end(first, 3) && (last - first).num_days() >= 13 * 7);
    let six_months_on = off_since.and_then(|since| since.checked_add_months(Months::new(6)));
    longer && six_months_on.is_none_or(|on| s.assessed_on < on)
}

fn only_self_certified(s: &Statement, off_since: Option<NaiveDate>) -> bool {
    let since = off_since.unwrap_or(s.first_day()).min(s.first_day());
    let own = since.checked_add_days(Days::new(SELF_CERTIFIED_DAYS));
    s.days() != Some(0) && s.last_day().zip(own).is_some_and(|(last, own)| last < own)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{
        super::{
            Length, Period, Support, Unit,
            tests::{d, note},
        },
        *,
    };

    fn around() -> Around {
        Around {
            today: d(2026, 11, 20),
            off_since: Some(d(2026, 10, 16)),
            like_another: false,
        }
    }

    fn found(s: &Statement) -> Vec<Warning> {
        warnings(s, &around())
    }

    /// An ordinary note: Monday 2 to Sunday 29 November 2026, 28 days.
    fn plain() -> Statement {
        note(d(2026, 11, 2), d(2026, 11, 29))
    }

    #[test]
    fn an_ordinary_note_has_nothing_odd() {
        assert_eq!(found(&plain()), []);
    }

    #[test]
    fn each_rule_warns_of_what_it_is_about_and_of_nothing_else() {
        use Warning::*;
        type Change = fn(&mut Statement);
        let cases: [(&str, Change, &[Warning]); 14] = [
            (
                "issued the day before",
                |s| s.issued_on = Some(d(2026, 11, 1)),
                &[IssuedBeforeAssessed],
            ),
            (
                "issued the same day",
                |s| s.issued_on = Some(d(2026, 11, 2)),
                &[],
            ),
            (
                "from a week before the assessment",
                |s| s.period.from_on = Some(d(2026, 10, 26)),
                &[Backdated],
            ),
            (
                "the same, after a telephone call on its first day",
                |s| {
                    s.period.from_on = Some(d(2026, 10, 26));
                    s.earlier_assessment_on = Some(d(2026, 10, 26));
                },
                &[],
            ),
            (
                "the same, after a call on its third day",
                |s| {
                    s.period.from_on = Some(d(2026, 10, 26));
                    s.earlier_assessment_on = Some(d(2026, 10, 28));
                },
                &[Backdated],
            ),
            (
                "a length and a last day",
                |s| {
                    s.period.length = Some(Length {
                        n: 4,
                        unit: Unit::Weeks,
                    })
                },
                &[ForAndUntil],
            ),
            (
                "until the day before",
                |s| s.period.until_on = Some(d(2026, 11, 1)),
                &[EndsBeforeItBegins],
            ),
            (
                "may be fit, nothing ticked",
                |s| s.fitness = Fitness::MayBeFit,
                &[NoAdvice],
            ),
            (
                "may be fit, with comments",
                |s| {
                    s.fitness = Fitness::MayBeFit;
                    s.comments = Some("Mornings only".to_owned());
                },
                &[],
            ),
            (
                "not fit, with a tick",
                |s| s.supports = vec![Support::AlteredHours],
                &[TicksWithNotFit],
            ),
            (
                "a podiatrist",
                |s| s.profession = Profession::Other,
                &[NotAnIssuer],
            ),
            (
                "nobody is named",
                |s| s.profession = Profession::NotStated,
                &[],
            ),
            (
                "14 days as a length",
                |s| {
                    s.period = Period {
                        from_on: None,
                        until_on: None,
                        length: Some(Length {
                            n: 2,
                            unit: Unit::Weeks,
                        }),
                    }
                },
                &[ShortWithoutDates],
            ),
            (
                "15 days as a length",
                |s| {
                    s.period = Period {
                        from_on: None,
                        until_on: None,
                        length: Some(Length {
                            n: 15,
                            unit: Unit::Days,
                        }),
                    }
                },
                &[],
            ),
        ];
        for (what, change, expected) in cases {
            let mut s = plain();
            change(&mut s);
            assert_eq!(found(&s), expected, "{what}");
        }
    }

    #[test]
    fn three_months_is_the_most_in_the_first_six() {
        // From 2 November 2026: 3 months end on 1 February 2027 (92 days). 13 weeks end on 31 January.
        for (until, too_long) in [
            (d(2027, 1, 31), false),
            (d(2027, 2, 1), false),
            (d(2027, 2, 2), true),
        ] {
            assert_eq!(
                found(&note(d(2026, 11, 2), until)).contains(&Warning::TooLong),
                too_long,
                "{until}"
            );
        }
        // From 1 February 2027 3 months end on 30 April (89 days), and 13 weeks on 2 May (91 days): both are taken.
        let off = Around {
            today: d(2027, 2, 1),
            ..around()
        };
        for (until, too_long) in [
            (d(2027, 4, 30), false),
            (d(2027, 5, 2), false),
            (d(2027, 5, 3), true),
        ] {
            assert_eq!(
                warnings(&note(d(2027, 2, 1), until), &off).contains(&Warning::TooLong),
                too_long,
                "{until}"
            );
        }
        // No end is longer than any.
        let mut open = plain();
        open.period.until_on = None;
        assert_eq!(found(&open), [Warning::TooLong]);
    }

    #[test]
    fn after_six_months_a_note_may_be_any_length() {
        // Off since 16 October 2026: 6 months are over on 16 April 2027.
        for (assessed, too_long) in [(d(2027, 4, 15), true), (d(2027, 4, 16), false)] {
            let mut open = note(assessed, assessed);
            open.period.until_on = None;
            let then = Around {
                today: assessed,
                ..around()
            };
            assert_eq!(
                warnings(&open, &then).contains(&Warning::TooLong),
                too_long,
                "{assessed}"
            );
        }
        // Since when is not known: it cannot be told, so it is asked.
        let long = note(d(2026, 11, 2), d(2027, 5, 2));
        assert!(
            warnings(
                &long,
                &Around {
                    off_since: None,
                    ..around()
                }
            )
            .contains(&Warning::TooLong)
        );
    }

    #[test]
    fn the_first_seven_days_need_no_note() {
        // Off since Friday 16 October 2026: the seventh day is Thursday 22 October.
        for (until, own) in [(d(2026, 10, 22), true), (d(2026, 10, 23), false)] {
            let s = note(d(2026, 10, 16), until);
            assert_eq!(found(&s).contains(&Warning::SelfCertified), own, "{until}");
        }
        assert!(Warning::SelfCertified.is_hint() && Warning::ShortWithoutDates.is_hint());
        assert!(!Warning::TooLong.is_hint());
    }

    #[test]
    fn nurses_and_others_issue_since_july_2022() {
        for (on, warns) in [(d(2022, 6, 30), true), (d(2022, 7, 1), false)] {
            let mut s = note(on, on + Days::new(20));
            s.profession = Profession::Pharmacist;
            let off = Around {
                off_since: Some(on),
                ..around()
            };
            assert_eq!(
                warnings(&s, &off).contains(&Warning::NotAnIssuerYet),
                warns,
                "{on}"
            );
        }
    }

    #[test]
    fn an_assessment_tomorrow_and_a_note_like_another_are_asked_about() {
        let s = note(d(2026, 11, 21), d(2026, 12, 20));
        let like = Around {
            like_another: true,
            ..around()
        };
        assert_eq!(
            warnings(&s, &like),
            [Warning::InTheFuture, Warning::LikeAnother]
        );
    }

    proptest! {
        #[test]
        fn a_note_that_begins_at_its_assessment_is_never_backdated(offset in 0u64..4000, days in 0u64..400) {
            let from = d(2020, 1, 1) + Days::new(offset);
            prop_assert!(!found(&note(from, from + Days::new(days))).contains(&Warning::Backdated));
        }

        #[test]
        fn if_a_note_is_too_long_every_longer_one_is(offset in 0u64..4000, days in 0u64..400, more in 1u64..400) {
            let from = d(2020, 1, 1) + Days::new(offset);
            let off = Around { off_since: Some(from), ..around() };
            let long = |days| warnings(&note(from, from + Days::new(days)), &off).contains(&Warning::TooLong);
            prop_assert!(!long(days) || long(days + more));
        }
    }
}
