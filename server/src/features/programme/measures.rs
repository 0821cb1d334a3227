//! The measures of the programme page: what each counts, out of what, and its definition. `docs/measures.md` lists the same words.

use super::tally::Tally;
use crate::rules::{
    Choice,
    checkin::Kind,
    close::Reason,
    counts::{Cell, Shown, Sum, publish, wilson},
    organisation::Route,
    referral::DeclineReason,
};

/// What a number is a part of. A number has its denominator with it, and is part of it.
#[derive(Debug, Clone, Copy)]
pub enum Of {
    /// Of these, and how many they are.
    All(&'static str, Shown),
    /// Of nothing else on the page, in words.
    Itself(&'static str),
}

/// One line of the page.
#[derive(Debug, Clone)]
pub struct Measure {
    pub label: &'static str,
    pub shown: Shown,
    pub of: Of,
    pub definition: &'static str,
}

impl Measure {
    /// "47 accepted"; "accepted: not shown".
    pub fn out_of(&self) -> String {
        match self.of {
            Of::Itself(words) => words.to_owned(),
            Of::All(label, of) if of.is_number() => format!("{} {}", of.words(), small(label)),
            Of::All(label, of) => format!("{}: {}", small(label), of.words()),
        }
    }

    /// "38% (95% interval 25% to 53%)", where both numbers are shown: it says nothing that they do not.
    pub fn share(&self) -> Option<String> {
        let (Shown::Number(part), Of::All(_, Shown::Number(all))) = (self.shown, self.of) else {
            return None;
        };
        let (least, most) = wilson(part, all)?;
        let percent = |share: f64| format!("{:.0}%", share * 100.0);
        Some(format!(
            "{} (95% interval {} to {})",
            percent(part as f64 / all as f64),
            percent(least),
            percent(most)
        ))
    }
}

fn small(label: &str) -> String {
    let mut letters = label.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_lowercase().chain(letters).collect()
    })
}

/// Lines that belong together.
#[derive(Debug, Clone)]
pub struct Part {
    pub heading: &'static str,
    pub measures: Vec<Measure>,
}

/// The lines of the page: label, definition. The order is that of [`Place`].
pub const DEFINITIONS: &[(&str, &str)] = &[
    (
        "Referred",
        "Every referral to the programme by any way, and every case brought in from an earlier system. A person referred twice counts twice.",
    ),
    (
        "Waiting for a decision",
        "Referrals that were sent and neither accepted, declined nor withdrawn.",
    ),
    (
        "Accepted",
        "Referrals that became a case, whatever became of it.",
    ),
    (
        "Not taken forward",
        "Referrals declined as not the right service, for any reason.",
    ),
    (
        "Withdrawn",
        "Referrals that the sender or the person took back.",
    ),
    (
        "Waiting for a first contact",
        "Cases open now in which nobody has spoken with the person yet.",
    ),
    (
        "In support",
        "Cases open now in which at least one contact was done.",
    ),
    (
        "Closed",
        "Cases closed now. A case that was reopened is not among them.",
    ),
    (
        "First contact within the target",
        "Cases in support or closed whose first contact that was done took place within the programme's target. The target is in working days after the day of the referral, Monday to Friday; bank holidays are not counted out.",
    ),
    (
        "First contact later than the target",
        "Cases in support or closed whose first contact that was done took place after the programme's target.",
    ),
    (
        "What was hoped for",
        "Closed cases whose reason is back at work and staying, or goals met.",
    ),
    (
        "The person's choice",
        "Closed cases whose reason is not ready and content with that, has other support, or decided to stop.",
    ),
    (
        "Things changed",
        "Closed cases whose reason is left the job, moved, referred on, not the right service, or the programme's time ended.",
    ),
    (
        "No contact, or died",
        "Closed cases whose reason is no contact after several tries, or that the person died. The two stand together so that one death does not point at one person.",
    ),
    (
        "Back at work, and staying",
        "Closed cases whose reason is back at work and staying, as the worker recorded it at the close. Read it only beside the next line. It does not say what would have happened without support.",
    ),
    (
        "Closed, and told us they felt pushed",
        "Closed cases with at least one record of having felt pushed to go back before they were ready, whenever it was said. Out of the same people as the line before. Not everybody who felt it says so, and not everybody was asked.",
    ),
    (
        "In support, and told us they felt pushed",
        "Cases in support now with at least one record of having felt pushed to go back before they were ready. Not everybody who felt it says so, and not everybody was asked.",
    ),
    (
        "Contacts done",
        "Contacts recorded as done, of any kind and length, in all cases. They are contacts, not people: one person may have many. Tries without an answer are not among them.",
    ),
    (
        "Check-ins that could be answered",
        "Questions about days off work that were answered, or that a message asked and whose ten days are over, in all cases. They are questions, not people: one person is asked many times, and nobody has to answer.",
    ),
    (
        "Check-ins answered",
        "Questions about days off work with an answer that was understood, by whichever way it came, also where a worker wrote it down. It does not say how those were who did not answer.",
    ),
    (
        "Questions about how things are that could be answered",
        "Check-ins about how things are that were answered, or that a message asked and whose ten days are over, in all cases. They are questions, not people.",
    ),
    (
        "Questions about how things are, answered",
        "Check-ins about how things are in which somebody told how likely they think a return is, how confident they are, or anything new. Whether they felt pushed is not counted here: it is between them and a mentor.",
    ),
    (
        "Asked how it was",
        "Cases in which, after the support had ended, the person told how it was, or a message asked and the ten days to answer are over. A case that was reopened and ended again may count twice.",
    ),
    (
        "Told how it was",
        "Of those, the ones with an answer, whatever it was. It does not say how it was for those who did not answer.",
    ),
];

/// What each line of these parts counts, whichever way or reason it is. The document has the same words.
pub const BY_ROUTE: &str = "Referrals that came this way, whatever became of them. Together they are all that were referred.";
pub const BY_REASON: &str =
    "Referrals that were not taken forward, for this reason. Each has one reason.";

/// Places in the table. Those from `Past` on are not on the page: they tie the others together.
#[derive(Clone, Copy)]
enum Place {
    Referred,
    WaitingForDecision,
    Accepted,
    Declined,
    Withdrawn,
    WaitingForContact,
    InSupport,
    Closed,
    Within,
    Later,
    Hoped,
    Choice,
    Changed,
    OutOfTouch,
    Sustained,
    PushedClosed,
    PushedOpen,
    Contacts,
    CheckinsDone,
    CheckinsAnswered,
    HowDone,
    HowAnswered,
    AfterwardsDone,
    AfterwardsAnswered,
    Past,
    FirstContact,
    ClosedWithout,
    OtherReason,
    GoalsMet,
    NotPushedClosed,
    NotPushedOpen,
    CheckinsOver,
    HowOver,
    AfterwardsOver,
}

const PLACES: usize = Place::AfterwardsOver as usize + 1;

/// Of each kind of check-in: those that could be answered, those answered, and those that were not.
const CHECKINS: [(Kind, [Place; 3]); 3] = [
    (
        Kind::DaysOff,
        [
            Place::CheckinsDone,
            Place::CheckinsAnswered,
            Place::CheckinsOver,
        ],
    ),
    (
        Kind::HowThingsAre,
        [Place::HowDone, Place::HowAnswered, Place::HowOver],
    ),
    (
        Kind::Afterwards,
        [
            Place::AfterwardsDone,
            Place::AfterwardsAnswered,
            Place::AfterwardsOver,
        ],
    ),
];

fn table(t: &Tally) -> (Vec<Cell>, Vec<Sum>) {
    use Place::*;
    let past = t.in_support + t.closed;
    let accepted = past + t.waiting_for_contact;
    let first = t.within + t.later;
    let group = |n: usize| t.closed_for(Reason::GROUPS[n].1);
    let groups: u64 = (0..Reason::GROUPS.len()).map(group).sum();
    let sustained = t.closed_for(&[Reason::SustainedReturn]);
    let mut cells = vec![Cell::hidden(0); PLACES];
    let mut on_page = |place: Place, count| cells[place as usize] = Cell::of(count);
    on_page(
        Referred,
        t.waiting_for_decision + accepted + t.declined + t.withdrawn,
    );
    on_page(WaitingForDecision, t.waiting_for_decision);
    on_page(Accepted, accepted);
    on_page(Declined, t.declined);
    on_page(Withdrawn, t.withdrawn);
    on_page(WaitingForContact, t.waiting_for_contact);
    on_page(InSupport, t.in_support);
    on_page(Closed, t.closed);
    on_page(Within, t.within);
    on_page(Later, t.later);
    on_page(Hoped, group(0));
    on_page(Choice, group(1));
    on_page(Changed, group(2));
    on_page(OutOfTouch, group(3));
    on_page(Sustained, sustained);
    on_page(PushedClosed, t.pushed_closed);
    on_page(PushedOpen, t.pushed_in_support);
    on_page(Contacts, t.contacts);
    for (kind, [done, answered, _]) in CHECKINS {
        let (n, over) = t.checkins_of(kind);
        on_page(done, n + over);
        on_page(answered, n);
    }
    let mut behind = |place: Place, count| cells[place as usize] = Cell::hidden(count);
    behind(Past, past);
    behind(FirstContact, first);
    behind(ClosedWithout, past.saturating_sub(first));
    behind(OtherReason, t.closed.saturating_sub(groups));
    behind(GoalsMet, group(0).saturating_sub(sustained));
    behind(NotPushedClosed, t.closed.saturating_sub(t.pushed_closed));
    behind(
        NotPushedOpen,
        t.in_support.saturating_sub(t.pushed_in_support),
    );
    for (kind, [_, _, over]) in CHECKINS {
        behind(over, t.checkins_of(kind).1);
    }
    // Where nothing is left over, a reader knows that: the parts are all there is, and a rest that might be there would hide nothing.
    let left_over = |rest: Place| (cells[rest as usize].count > 0).then_some(rest as usize);
    let together = |total: Place, rest: Place, parts: Vec<usize>| Sum {
        total: total as usize,
        parts: parts.into_iter().chain(left_over(rest)).collect(),
    };
    let sum = |total: Place, parts: &[Place]| Sum {
        total: total as usize,
        parts: parts.iter().map(|p| *p as usize).collect(),
    };
    let mut sums = vec![
        sum(
            Referred,
            &[WaitingForDecision, Accepted, Declined, Withdrawn],
        ),
        sum(Accepted, &[WaitingForContact, Past]),
        sum(Closed, &[PushedClosed, NotPushedClosed]),
        sum(InSupport, &[PushedOpen, NotPushedOpen]),
        sum(Past, &[InSupport, Closed]),
        sum(Past, &[FirstContact, ClosedWithout]),
        sum(FirstContact, &[Within, Later]),
        together(
            Closed,
            OtherReason,
            [Hoped, Choice, Changed, OutOfTouch]
                .map(|p| p as usize)
                .to_vec(),
        ),
        sum(Hoped, &[Sustained, GoalsMet]),
    ];
    sums.extend(CHECKINS.map(|(_, [done, answered, over])| sum(done, &[answered, over])));
    (cells, sums)
}

/// The page's lines, small numbers guarded.
pub fn measures(t: &Tally) -> Vec<Part> {
    use Place::*;
    let (cells, sums) = table(t);
    let shown = publish(&cells, &sums);
    let at = |place: Place| shown[place as usize];
    let label = |place: Place| DEFINITIONS[place as usize].0;
    let line = |place: Place, of: Option<Place>| Measure {
        label: label(place),
        shown: at(place),
        of: match (of, place) {
            (Some(of), _) => Of::All(label(of), at(of)),
            (None, Contacts) => Of::Itself("contacts, not people"),
            (None, CheckinsDone | HowDone | AfterwardsDone) => Of::Itself("questions, not people"),
            (None, _) => Of::Itself("all who were referred"),
        },
        definition: DEFINITIONS[place as usize].1,
    };
    let mut parts = vec![
        Part {
            heading: "Referrals",
            measures: vec![
                line(Referred, None),
                line(Accepted, Some(Referred)),
                line(WaitingForDecision, Some(Referred)),
                line(Declined, Some(Referred)),
                line(Withdrawn, Some(Referred)),
            ],
        },
        Part {
            heading: "Support",
            measures: vec![
                line(WaitingForContact, Some(Accepted)),
                line(InSupport, Some(Accepted)),
                line(Closed, Some(Accepted)),
                line(Contacts, None),
            ],
        },
        Part {
            heading: "First contact",
            measures: vec![line(Within, Some(Accepted)), line(Later, Some(Accepted))],
        },
        Part {
            heading: "How support ended",
            measures: vec![
                line(Hoped, Some(Closed)),
                line(Choice, Some(Closed)),
                line(Changed, Some(Closed)),
                line(OutOfTouch, Some(Closed)),
            ],
        },
        Part {
            heading: "Return to work, and whether people felt pushed",
            measures: vec![
                line(Sustained, Some(Closed)),
                line(PushedClosed, Some(Closed)),
                line(PushedOpen, Some(InSupport)),
            ],
        },
        Part {
            heading: "Check-ins",
            measures: CHECKINS
                .into_iter()
                .flat_map(|(_, [done, answered, _])| [line(done, None), line(answered, Some(done))])
                .collect(),
        },
    ];
    let routes: Vec<(&'static str, u64)> = Route::ALL
        .iter()
        .map(|route| (route.label(), t.by_route(*route)))
        .collect();
    let of_referred = Of::All(label(Referred), at(Referred));
    parts.extend(split("How referrals came", &routes, of_referred, BY_ROUTE));
    let reasons: Vec<(&'static str, u64)> = DeclineReason::ALL
        .iter()
        .map(|reason| (reason.label(), t.declined_for(*reason)))
        .collect();
    let of_declined = Of::All(label(Declined), at(Declined));
    let heading = "Why referrals were not taken forward";
    parts.extend(split(heading, &reasons, of_declined, BY_REASON));
    parts
}

/// A number of the page by ways or reasons: those that are somebody's, and those that may be. It takes nothing away from the page above, so it is left out
/// where its total is not shown there: its parts could be added up.
fn split(
    heading: &'static str,
    counts: &[(&'static str, u64)],
    of: Of,
    definition: &'static str,
) -> Option<Part> {
    let Of::All(_, Shown::Number(total)) = of else {
        return None;
    };
    let mut cells = vec![Cell::known(total)];
    cells.extend(counts.iter().map(|(_, count)| Cell::of(*count)));
    let counted: u64 = counts.iter().map(|(_, count)| *count).sum();
    if counted < total {
        cells.push(Cell::hidden(total - counted));
    }
    let sum = Sum {
        total: 0,
        parts: (1..cells.len()).collect(),
    };
    let shown = publish(&cells, &[sum]);
    let measures: Vec<Measure> = counts
        .iter()
        .zip(&shown[1..])
        .filter(|(_, shown)| **shown != Shown::Number(0))
        .map(|((label, _), shown)| Measure {
            label,
            shown: *shown,
            of,
            definition,
        })
        .collect();
    (!measures.is_empty()).then_some(Part { heading, measures })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_measure_is_defined_in_the_documents_in_the_same_words() {
        let document = include_str!("../../../../docs/measures.md");
        assert_eq!(DEFINITIONS.len(), Place::Past as usize);
        for (label, definition) in DEFINITIONS {
            assert!(document.contains(&format!("**{label}**")), "{label}");
            assert!(document.contains(definition), "{definition}");
        }
    }

    #[test]
    fn the_ways_and_reasons_are_defined_in_the_documents_in_the_same_words() {
        let document = include_str!("../../../../docs/measures.md");
        assert!(document.contains(BY_ROUTE) && document.contains(BY_REASON));
    }

    fn of<'a>(parts: &'a [Part], label: &str) -> &'a Measure {
        parts
            .iter()
            .flat_map(|part| &part.measures)
            .find(|m| m.label == label)
            .unwrap_or_else(|| panic!("no {label}"))
    }

    #[test]
    fn return_to_work_never_stands_without_whether_people_felt_pushed() {
        let all = measures(&Tally::default());
        for part in &all {
            let has = |label| part.measures.iter().any(|m| m.label == label);
            assert_eq!(
                has("Back at work, and staying"),
                has("Closed, and told us they felt pushed")
            );
        }
        let words = |label| of(&all, label).out_of();
        assert_eq!(
            words("Back at work, and staying"),
            words("Closed, and told us they felt pushed"),
            "both are of the same people"
        );
    }

    /// 47 accepted: 6 wait, 20 are in support, 21 are closed; 130 contacts.
    fn region() -> Tally {
        Tally {
            waiting_for_decision: 8,
            declined: 10,
            waiting_for_contact: 6,
            in_support: 20,
            closed: 21,
            within: 30,
            later: 9,
            closed_by: [("sustained_return", 8), ("not_ready", 13)].into(),
            contacts: 130,
            pushed_closed: 5,
            routes: [("practice", 41), ("self", 24)].into(),
            declines: [("duplicate", 10)].into(),
            ..Tally::default()
        }
    }

    #[test]
    fn a_share_is_of_what_it_is_part_of_and_contacts_are_of_nobody() {
        let all = measures(&region());
        let share = |label: &str| of(&all, label).share();
        // 8 of 21: 0.38095. Wilson by hand, z² = 3.8415: (8 + 1.9207) / 24.8415 = 0.3994, and
        // 1.96 / 24.8415 × √(8 × 13 / 21 + 0.9604) = 0.1919; 0.2075 to 0.5912.
        assert_eq!(
            share("Back at work, and staying").as_deref(),
            Some("38% (95% interval 21% to 59%)")
        );
        let contacts = of(&all, "Contacts done");
        assert_eq!(
            (contacts.shown, contacts.out_of().as_str(), contacts.share()),
            (Shown::Number(130), "contacts, not people", None)
        );
        assert_eq!(of(&all, "GP or practice staff").out_of(), "65 referred");
        assert_eq!(of(&all, "Already referred").shown, Shown::Number(10));
        // 5 of 21 closed, none of 20 in support.
        assert_eq!(
            share("Closed, and told us they felt pushed").as_deref(),
            Some("24% (95% interval 11% to 45%)")
        );
        for part in &all {
            for m in &part.measures {
                if let (Shown::Number(part), Of::All(_, Shown::Number(all))) = (m.shown, m.of) {
                    assert!(part <= all, "{}", m.label);
                }
            }
        }
    }

    #[test]
    fn each_kind_of_check_in_has_its_own_rate() {
        let t = Tally {
            checkins: [
                ("days_off", (60, 20)),
                ("how_things_are", (12, 12)),
                ("afterwards", (9, 2)),
            ]
            .into(),
            ..region()
        };
        let all = measures(&t);
        let line = |label: &str| {
            let measure = of(&all, label);
            (measure.shown, measure.out_of())
        };
        let out_of = |words: &str| words.to_owned();
        assert_eq!(
            line("Check-ins answered"),
            (
                Shown::Number(60),
                out_of("80 check-ins that could be answered")
            )
        );
        assert_eq!(
            line("Questions about how things are, answered"),
            (
                Shown::Number(12),
                out_of("24 questions about how things are that could be answered")
            )
        );
        // 11 were asked how it was. 9 would leave 2.
        assert_eq!(
            line("Told how it was"),
            (Shown::NotShown, out_of("11 asked how it was"))
        );
    }

    #[test]
    fn a_tight_pair_gives_neither_number_away_nor_a_share_of_them() {
        // 25 closed; 21 said nothing and 4 felt pushed. And 8 not taken forward for two reasons, 4 and 4: with "fewer than 5" twice,
        // 8 would leave only 4 and 4.
        let t = Tally {
            declined: 8,
            closed: 25,
            within: 25,
            closed_by: [("goals_met", 25)].into(),
            pushed_closed: 4,
            routes: [("practice", 33)].into(),
            declines: [("duplicate", 4), ("too_young", 4)].into(),
            ..Tally::default()
        };
        let all = measures(&t);
        let pushed = of(&all, "Closed, and told us they felt pushed");
        assert_eq!((pushed.shown, pushed.share()), (Shown::FewerThanFive, None));
        for reason in ["Already referred", "Younger than the programme takes"] {
            let line = of(&all, reason);
            assert_eq!((line.shown, line.share()), (Shown::FewerThanFive, None));
        }
        assert_eq!(of(&all, "Not taken forward").shown, Shown::Number(8));
        let open = all
            .iter()
            .filter(|part| part.heading.starts_with("Why"))
            .flat_map(|part| &part.measures)
            .filter(|m| m.shown == Shown::NotShown)
            .count();
        assert_eq!(open, 1, "another reason is left open, or 4 and 4 follow");
    }

    #[test]
    fn what_is_not_shown_is_not_split_either() {
        // 3 declined are "fewer than 5": the reasons would add up to them.
        let t = Tally {
            waiting_for_contact: 40,
            declined: 3,
            routes: [("practice", 43)].into(),
            declines: [("duplicate", 3)].into(),
            ..Tally::default()
        };
        let all = measures(&t);
        assert_eq!(of(&all, "Not taken forward").shown, Shown::FewerThanFive);
        assert!(all.iter().all(|part| !part.heading.starts_with("Why")));
    }
}
