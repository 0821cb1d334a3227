//! The measures of the programme page: what each counts, out of what, and its definition. `docs/measures.md` lists the same words.

use super::tally::Tally;
use crate::rules::{
    close::Reason,
    counts::{Cell, Shown, Sum, publish},
};

/// One line of the page.
#[derive(Debug, Clone)]
pub struct Measure {
    pub label: &'static str,
    pub shown: Shown,
    /// What it is out of, and how many that is. A number has its denominator with it.
    pub of: Option<(&'static str, Shown)>,
    pub definition: &'static str,
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
        "No longer in touch",
        "Closed cases whose reason is no contact after several tries, or died.",
    ),
    (
        "Back at work, and staying",
        "Closed cases whose reason is back at work and staying, as the worker recorded it at the close. Read it only beside the next line. It does not say what would have happened without support.",
    ),
    (
        "Told us they felt pushed",
        "People with at least one record of having felt pushed to go back before they were ready. Not everybody who felt it says so.",
    ),
    (
        "Contacts done",
        "Contacts recorded as done, of any kind and length, in all cases. Tries without an answer are not among them.",
    ),
];

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
    Pushed,
    Contacts,
    Past,
    FirstContact,
    ClosedWithout,
    OtherReason,
    GoalsMet,
    NotPushed,
}

const PLACES: usize = Place::NotPushed as usize + 1;

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
    on_page(Pushed, t.pushed);
    on_page(Contacts, t.contacts);
    let mut behind = |place: Place, count| cells[place as usize] = Cell::hidden(count);
    behind(Past, past);
    behind(FirstContact, first);
    behind(ClosedWithout, past.saturating_sub(first));
    behind(OtherReason, t.closed.saturating_sub(groups));
    behind(GoalsMet, group(0).saturating_sub(sustained));
    behind(NotPushed, accepted.saturating_sub(t.pushed));
    let sum = |total: Place, parts: &[Place]| Sum {
        total: total as usize,
        parts: parts.iter().map(|p| *p as usize).collect(),
    };
    let sums = vec![
        sum(
            Referred,
            &[WaitingForDecision, Accepted, Declined, Withdrawn],
        ),
        sum(Accepted, &[WaitingForContact, Past]),
        sum(Accepted, &[Pushed, NotPushed]),
        sum(Past, &[InSupport, Closed]),
        sum(Past, &[FirstContact, ClosedWithout]),
        sum(FirstContact, &[Within, Later]),
        sum(Closed, &[Hoped, Choice, Changed, OutOfTouch, OtherReason]),
        sum(Hoped, &[Sustained, GoalsMet]),
    ];
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
        of: of.map(|of| (label(of), at(of))),
        definition: DEFINITIONS[place as usize].1,
    };
    vec![
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
                line(Contacts, Some(Accepted)),
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
            measures: vec![line(Sustained, Some(Closed)), line(Pushed, Some(Accepted))],
        },
    ]
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
    fn return_to_work_never_stands_without_whether_people_felt_pushed() {
        for part in measures(&Tally::default()) {
            let has = |label| part.measures.iter().any(|m| m.label == label);
            assert_eq!(
                has("Back at work, and staying"),
                has("Told us they felt pushed")
            );
        }
    }
}
