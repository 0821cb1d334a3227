//! The hard rule, by property: what was not ticked is in no part of what is released, whatever was prepared and whatever was chosen.

use chrono::NaiveDate;
use proptest::prelude::*;

use super::*;
use crate::{Choice, consent::Decision, registration::HcpcNumber};

/// A word that stands nowhere else, so that it can be looked for.
fn mark(n: usize) -> String {
    format!("mark{n:04}end")
}

fn body(shape: u8, words: &str) -> Body {
    let words = words.to_owned();
    match shape % 5 {
        0 => Body::Words(words),
        1 => Body::Facts(vec![("Label".to_owned(), words)]),
        2 => Body::Table {
            head: vec!["One".to_owned(), "Two".to_owned()],
            rows: vec![vec!["cell".to_owned(), words]],
        },
        3 => Body::Asked(words),
        _ => Body::Hard {
            difficulty: words,
            help: "help".to_owned(),
        },
    }
}

fn prepared() -> impl Strategy<Value = Prepared> {
    let items = prop::collection::vec((0..Aspect::ALL.len(), any::<u8>(), any::<bool>()), 0..14);
    (0..Kind::ALL.len(), 0..RecipientKind::ALL.len(), items).prop_map(|(kind, to, items)| {
        Prepared {
            kind: Kind::ALL[kind],
            person: "Maya Okonkwo".to_owned(),
            recipient: Recipient {
                kind: RecipientKind::ALL[to],
                name: "Ruth Dawes".to_owned(),
                organisation: None,
            },
            items: items
                .into_iter()
                .enumerate()
                .map(|(n, (aspect, shape, own_words))| Item {
                    key: format!("key.{n}"),
                    aspect: Aspect::ALL[aspect],
                    label: format!("label{n:04}end"),
                    body: body(shape, &mark(n)),
                    own_words,
                })
                .collect(),
        }
    })
}

fn chosen() -> impl Strategy<Value = Chosen> {
    (
        prop::collection::btree_set(0_usize..20, 0..14),
        any::<bool>(),
        prop::collection::btree_set(0_usize..20, 0..6),
    )
        .prop_map(|(items, condition, worded)| Chosen {
            items: items.into_iter().map(|n| format!("key.{n}")).collect(),
            condition,
            wording: worded
                .into_iter()
                .map(|n| (format!("key.{n}"), format!("other{n:04}end")))
                .collect(),
            purpose: "To plan my way back".to_owned(),
            days: Some(30),
        })
}

proptest! {
    #[test]
    fn what_is_released_is_what_was_ticked_and_nothing_else(prepared in prepared(), chosen in chosen()) {
        let released = serde_json::to_string(&compose(&prepared, &chosen)).unwrap();
        for (n, item) in prepared.items.iter().enumerate() {
            let ticked = match item.aspect {
                Aspect::Condition => chosen.condition,
                _ => chosen.items.contains(&item.key),
            } && prepared.recipient.kind != RecipientKind::Prospective;
            let reworded = item.own_words && chosen.wording.contains_key(&item.key);
            prop_assert_eq!(released.contains(&mark(n)), ticked && !reworded, "item {}", n);
            prop_assert_eq!(released.contains(&format!("other{n:04}end")), ticked && reworded, "wording {}", n);
            let label = format!("label{n:04}end");
            prop_assert!(!released.contains(&label), "a label is for choosing alone");
        }
    }

    #[test]
    fn by_default_nothing_is_released(prepared in prepared()) {
        prop_assert!(compose(&prepared, &Chosen::default()).parts().is_empty());
    }

    #[test]
    fn a_condition_is_never_among_what_is_ticked_with_the_rest(prepared in prepared(), chosen in chosen()) {
        let chosen = Chosen { condition: false, ..chosen };
        let released = serde_json::to_string(&compose(&prepared, &chosen)).unwrap();
        for (n, _) in prepared.items.iter().enumerate().filter(|(_, i)| i.aspect == Aspect::Condition) {
            prop_assert!(!released.contains(&mark(n)));
        }
    }

    #[test]
    fn what_was_released_is_read_back_as_it_was(prepared in prepared(), chosen in chosen()) {
        let released = compose(&prepared, &chosen);
        let kept = serde_json::to_value(&released).unwrap();
        prop_assert_eq!(serde_json::from_value::<Released>(kept).unwrap(), released);
    }

    #[test]
    fn nothing_is_released_but_what_was_seen(prepared in prepared(), chosen in chosen(), seen in chosen()) {
        prop_assume!(chosen != seen);
        prop_assert_eq!(may_release(&prepared, &chosen, &seen), Err(Refused::NotSeen));
    }
}

fn one(kind: Kind, aspect: Aspect) -> (Prepared, Chosen) {
    let prepared = Prepared {
        kind,
        person: "Maya Okonkwo".to_owned(),
        recipient: Recipient {
            kind: RecipientKind::Employer,
            name: "Ruth Dawes".to_owned(),
            organisation: None,
        },
        items: vec![Item {
            key: "one".to_owned(),
            aspect,
            label: "One".to_owned(),
            body: Body::Words("Words".to_owned()),
            own_words: false,
        }],
    };
    let chosen = Chosen {
        items: ["one".to_owned()].into(),
        days: Some(30),
        purpose: "To plan my way back".to_owned(),
        ..Chosen::default()
    };
    (prepared, chosen)
}

#[test]
fn a_release_has_something_in_it_and_an_end() {
    let (prepared, chosen) = one(Kind::ReturnPlan, Aspect::Hours);
    assert_eq!(may_release(&prepared, &chosen, &chosen), Ok(()));
    let nothing = Chosen {
        items: [].into(),
        ..chosen.clone()
    };
    assert_eq!(
        may_release(&prepared, &nothing, &nothing),
        Err(Refused::NothingChosen)
    );
    for (days, holds) in [
        (Some(1), true),
        (Some(90), true),
        (Some(91), false),
        (Some(0), false),
        (None, false),
    ] {
        let chosen = Chosen {
            days,
            ..chosen.clone()
        };
        let answer = may_release(&prepared, &chosen, &chosen);
        assert_eq!(answer.is_ok(), holds, "{days:?}");
    }
    // 30 days after 20 November 2026.
    assert_eq!(
        until_on(NaiveDate::from_ymd_opt(2026, 11, 20).unwrap(), &chosen),
        NaiveDate::from_ymd_opt(2026, 12, 20).unwrap()
    );
    let (report, chosen) = one(Kind::WorkReport, Aspect::Difficulty);
    assert_eq!(
        may_release(&report, &chosen, &chosen),
        Err(Refused::NoAdvice)
    );
}

#[test]
fn nothing_is_prepared_for_an_employer_to_come_or_where_there_is_none() {
    let day = NaiveDate::from_ymd_opt(2026, 12, 31).unwrap();
    let registered = Registration {
        number: HcpcNumber::read("OT12345").unwrap(),
        valid_until_on: day,
        ended: false,
    };
    use Employment::{Employed, NotWorking, SelfEmployed};
    use RecipientKind::{Employer, Gp, Prospective};
    for (kind, to, work, plan, registration, answer) in [
        (Kind::ReturnPlan, Employer, Employed, None, None, Ok(())),
        (
            Kind::ReturnPlan,
            Prospective,
            Employed,
            None,
            None,
            Err(Refused::NotYetEmployed),
        ),
        (
            Kind::OwnLetter,
            Employer,
            NotWorking,
            None,
            None,
            Err(Refused::NotYetEmployed),
        ),
        (
            Kind::OwnLetter,
            Employer,
            Employed,
            Some(PlanType::SeekWork),
            None,
            Err(Refused::NotYetEmployed),
        ),
        (
            Kind::Adjustments,
            Employer,
            SelfEmployed,
            None,
            None,
            Err(Refused::NobodyToReleaseTo),
        ),
        (Kind::GpNote, Gp, SelfEmployed, None, None, Ok(())),
        (
            Kind::GpNote,
            Employer,
            Employed,
            None,
            None,
            Err(Refused::NotForThem),
        ),
        (
            Kind::ReturnPlan,
            Gp,
            Employed,
            None,
            None,
            Err(Refused::NotForThem),
        ),
        (
            Kind::WorkReport,
            Employer,
            Employed,
            None,
            None,
            Err(Refused::NotRegistered),
        ),
        (
            Kind::WorkReport,
            Gp,
            Employed,
            None,
            Some(&registered),
            Ok(()),
        ),
    ] {
        assert_eq!(
            may_prepare(kind, to, work, plan, registration),
            answer,
            "{kind:?} {to:?} {work:?}"
        );
    }
}

#[test]
fn only_the_person_releases_declines_and_closes() {
    for from in State::ALL {
        for to in [State::Released, State::Declined, State::Revoked] {
            for by in [By::Worker, By::Recipient, By::Clock] {
                assert_eq!(
                    may_move(*from, to, by),
                    Err(Refused::NotNow),
                    "{from:?} {to:?} {by:?}"
                );
            }
        }
    }
    assert_eq!(
        may_move(State::Offered, State::Released, By::Person),
        Ok(())
    );
    assert_eq!(
        may_move(State::Released, State::Revoked, By::Person),
        Ok(())
    );
    assert_eq!(
        may_move(State::Revoked, State::Released, By::Person),
        Err(Refused::NotNow)
    );
}

#[test]
fn a_period_ends_by_itself_after_its_last_day() {
    let day = |d| NaiveDate::from_ymd_opt(2026, 12, d);
    let today = day(20).unwrap();
    assert_eq!(State::Released.on(today, day(20), None), State::Released);
    assert_eq!(State::Released.on(today, day(19), None), State::Expired);
    assert_eq!(State::Thinking.on(today, None, day(19)), State::Expired);
    assert_eq!(State::Revoked.on(today, day(19), None), State::Revoked);
}

#[test]
fn the_service_contacts_nobody_without_consent_to_contact_them() {
    let record = |kind, decision| Record {
        kind,
        decision,
        at: chrono::DateTime::UNIX_EPOCH,
    };
    let employer = [record(consent::Kind::ShareWithEmployer, Decision::Given)];
    let withdrawn = [record(
        consent::Kind::ShareWithEmployer,
        Decision::Withdrawn,
    )];
    for way in Way::ALL {
        let sent = *way != Way::ByHand;
        let to = |recipient, records: &[Record]| may_send(*way, recipient, records).is_ok();
        assert_eq!(to(RecipientKind::Employer, &[]), !sent);
        assert_eq!(to(RecipientKind::Employer, &withdrawn), !sent);
        assert!(to(RecipientKind::Employer, &employer));
        assert_eq!(to(RecipientKind::Gp, &employer), !sent, "each has its own");
    }
}

#[test]
fn a_plan_without_weeks_or_a_date_still_makes_a_document() {
    let plan = crate::plan::snapshot::Snapshot::default();
    let prepared = prepare(Sources {
        kind: Kind::ReturnPlan,
        person: "Maya Okonkwo",
        recipient: Recipient {
            kind: RecipientKind::Employer,
            name: "Ruth Dawes".to_owned(),
            organisation: Some("Elm Lodge".to_owned()),
        },
        born_on: NaiveDate::from_ymd_opt(1984, 3, 2),
        plan: &plan,
        own_words: vec![],
        can_do: vec!["I can lift up to 5 kg".to_owned()],
        hard: vec![],
        condition: None,
        report: None,
    });
    let keys: Vec<&str> = prepared.items.iter().map(|i| i.key.as_str()).collect();
    assert_eq!(keys, ["opening", "taking_part", "can_do.0"]);
}
