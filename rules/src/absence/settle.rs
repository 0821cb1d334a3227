//! What one day comes to, where several sources speak of it.
//!
//! In this order: what a person settled by hand; the person's own answer before a worker's record before a fit note; of answers of one rank the one
//! that was told later. What is left is not settled, and the day is shown as disputed until somebody does.

use std::cmp::Ordering;

use super::{
    calendar::{Rule, Verdict},
    facts::SourceKind,
    opinions::{Opinion, Says},
};

/// What became of a day.
#[derive(Debug, Clone, Copy)]
pub(super) struct Outcome {
    pub verdict: Verdict,
    pub worked: Option<u16>,
    pub rule: Rule,
    pub decided_by: Option<u32>,
    pub disagree: bool,
}

const NOTHING: Outcome = Outcome {
    verdict: Verdict::NotKnown,
    worked: None,
    rule: Rule::NobodySaid,
    decided_by: None,
    disagree: false,
};

/// Settles one day. `opinions` stand in the order in which they were told.
pub(super) fn settle(opinions: &[Opinion], normal: Option<u16>) -> Outcome {
    let by_hand = last(opinions, |o| o.source == SourceKind::Settled);
    let (note, notes_differ) = note_of(opinions);
    let mut claims: Vec<Opinion> = Vec::with_capacity(opinions.len());
    claims.extend(
        opinions
            .iter()
            .filter(|o| !matches!(o.source, SourceKind::Settled | SourceKind::FitNote)),
    );
    claims.extend(note.filter(|n| n.says != Says::MayBeFit));
    let differ = notes_differ || any_disagree(&claims, normal);

    // A person looked at the day and decided. It stands also where nobody else speaks of the day any more: otherwise a source that only repeats what was
    // carried on from a day before could bring the decision back.
    if let Some(by_hand) = by_hand {
        return Outcome {
            rule: Rule::ByHand,
            disagree: differ || claims.iter().any(|c| !c.says.agrees(by_hand.says, normal)),
            ..outcome(by_hand)
        };
    }
    let Some(best) = best(&claims) else {
        return note.map_or(NOTHING, |note| Outcome {
            rule: Rule::MayBeFit,
            decided_by: Some(note.fact),
            disagree: notes_differ,
            ..NOTHING
        });
    };
    if !differ {
        return agreed(&claims, best, normal);
    }
    let of_rank = |o: &&Opinion| o.source.rank() == best.source.rank();
    let peers: Vec<Opinion> = claims.iter().filter(of_rank).copied().collect();
    let newest: Vec<Opinion> = peers
        .iter()
        .filter(|o| o.told_at == best.told_at)
        .copied()
        .collect();
    if any_disagree(&newest, normal) {
        return Outcome {
            verdict: Verdict::Disputed,
            rule: Rule::NotSettled,
            disagree: true,
            ..NOTHING
        };
    }
    let rule = match (any_disagree(&peers, normal), peers.len() == claims.len()) {
        (true, _) => Rule::ToldLater,
        // Only the notes differ: the later one stands.
        (false, true) if notes_differ && !any_disagree(&claims, normal) => Rule::ToldLater,
        _ => Rule::OrderOfSources,
    };
    // Somebody on annual leave may be unwell as well: leave that nothing stands against takes the place of sickness.
    let leave = last(&claims, |o| o.says == Says::Leave)
        .filter(|_| matches!(best.says, Says::Off | Says::Part(Some(0))));
    Outcome {
        rule,
        disagree: true,
        ..leave.map_or_else(|| agreed(&newest, best, normal), outcome)
    }
}

fn outcome(o: Opinion) -> Outcome {
    Outcome {
        verdict: o.says.verdict(),
        worked: match o.says {
            Says::Part(worked) => worked,
            _ => None,
        },
        rule: Rule::Agreed,
        decided_by: Some(o.fact),
        disagree: false,
    }
}

/// What claims that can all be true come to: leave before sickness, and hours that are known before hours that are not.
fn agreed(claims: &[Opinion], best: Opinion, normal: Option<u16>) -> Outcome {
    let leave = last(claims, |o| o.says == Says::Leave);
    let hours = last(claims, |o| matches!(o.says, Says::Part(Some(_))));
    let whole = last(claims, |o| matches!(o.says, Says::Off | Says::Work));
    match (leave, best.says) {
        (Some(leave), Says::Off | Says::Leave | Says::Part(Some(0))) => Outcome {
            rule: Rule::LeaveNotSick,
            ..outcome(leave)
        },
        (_, Says::Part(None)) => outcome(hours.unwrap_or(best)),
        // No hours on a free day says nothing: whoever says something else is heard.
        (_, Says::Part(Some(0))) if normal == Some(0) => outcome(whole.unwrap_or(best)),
        _ => outcome(best),
    }
}

fn last(opinions: &[Opinion], which: impl Fn(&Opinion) -> bool) -> Option<Opinion> {
    opinions.iter().filter(|o| which(o)).copied().max_by(told)
}

/// The highest rank, then the latest.
fn best(claims: &[Opinion]) -> Option<Opinion> {
    claims.iter().copied().max_by(|a, b| {
        a.source
            .rank()
            .cmp(&b.source.rank())
            .then_with(|| told(a, b))
    })
}

fn told(a: &Opinion, b: &Opinion) -> Ordering {
    (a.told_at, a.fact).cmp(&(b.told_at, b.fact))
}

/// The note that stands on a day, which is the one issued last, and whether the notes of that day say different things.
fn note_of(opinions: &[Opinion]) -> (Option<Opinion>, bool) {
    let notes = || opinions.iter().filter(|o| o.source == SourceKind::FitNote);
    let newest = notes().map(|o| o.told_at).max();
    let of_newest = || notes().filter(|o| Some(o.told_at) == newest);
    // Two notes of one moment that differ leave it open whether the person was fit: advice that they may be.
    let stands = of_newest()
        .find(|o| o.says == Says::MayBeFit)
        .or_else(|| of_newest().next_back());
    let differ = notes().any(|o| stands.is_some_and(|s| s.says != o.says));
    (stands.copied(), differ)
}

fn any_disagree(claims: &[Opinion], normal: Option<u16>) -> bool {
    claims.iter().enumerate().any(|(i, a)| {
        claims[i + 1..]
            .iter()
            .any(|b| !a.says.agrees(b.says, normal))
    })
}
