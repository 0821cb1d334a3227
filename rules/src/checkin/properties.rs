//! What holds of every reply and every course of support.

use chrono::{Days, NaiveDate};
use proptest::prelude::*;

use super::{Course, Kind, Reading, Settings, due, read_days_off, worrying_word};

fn a_day() -> impl Strategy<Value = NaiveDate> {
    (0_u64..4_000).prop_map(|n| NaiveDate::from_ymd_opt(2024, 1, 1).unwrap() + Days::new(n))
}

proptest! {
    #[test]
    fn no_reply_panics_and_what_is_read_is_no_more_than_there_are(reply in any::<String>(), normal in proptest::option::of(0_u32..=31)) {
        let window = 31;
        if let Reading::Days { hundredths: Some(n), .. } = read_days_off(&reply, normal, window) {
            prop_assert!(n <= normal.unwrap_or(window) * 100);
        }
        let _ = worrying_word(&reply, &Settings::default().worrying_words);
    }

    #[test]
    fn likely_replies_neither(reply in "[-~<]?([0-9]{0,3}|half|all|none|two|½)[ .,/]{0,2}([0-9]{0,2}|and a half|½|days|off)[ !]{0,2}", normal in 0_u32..=14) {
        if let Reading::Days { hundredths, .. } = read_days_off(&reply, Some(normal), 14) {
            prop_assert!(hundredths.is_some_and(|n| n <= normal * 100));
        }
    }

    #[test]
    fn kind_words_and_their_order_change_nothing(
        core in prop::sample::select(vec!["3", "three", "all", "none", "0.5", "2 and a half", "2½", "perhaps", "99"]),
        before in prop::collection::vec(prop::sample::select(vec!["hi", "Thanks!", "please", "sorry,", "x"]), 0..4),
        after in prop::collection::vec(prop::sample::select(vec!["thank you", "cheers.", "xx", "ta"]), 0..4),
    ) {
        let reply = format!("{} {core} {}", before.join(" "), after.join(" "));
        prop_assert_eq!(read_days_off(&reply, Some(10), 14), read_days_off(core, Some(10), 14));
    }

    #[test]
    fn windows_adjoin_and_never_overlap_and_none_is_left_out(accepted_on in a_day(), later in 0_u64..60, weeks in 1_u32..=8) {
        let settings = Settings { days_off_weeks: weeks, ..Settings::default() };
        let course = Course { accepted_on, agreed_on: Some(accepted_on + Days::new(later)), ended_on: None, died: false };
        let mut windows: Vec<super::Due> = vec![];
        for today in accepted_on.iter_days().take(300) {
            let asked = due(&settings, &course, today);
            prop_assert!(asked.iter().all(|d| d.until < today && d.ask_on <= today));
            for one in asked.into_iter().filter(|d| d.kind == Kind::DaysOff) {
                if windows.last() != Some(&one) {
                    windows.push(one);
                }
            }
        }
        prop_assert_eq!(windows.first().map(|w| w.from), Some(accepted_on + Days::new(later)));
        for pair in windows.windows(2) {
            prop_assert_eq!(pair[0].until + Days::new(1), pair[1].from);
        }
    }

    #[test]
    fn two_questions_never_come_on_one_day(accepted_on in a_day(), days_off_weeks in 1_u32..=8, how_weeks in 1_u32..=26) {
        let settings = Settings { days_off_weeks, how_weeks, ..Settings::default() };
        let course = Course { accepted_on, agreed_on: Some(accepted_on), ended_on: None, died: false };
        for today in accepted_on.iter_days().take(400) {
            let on_the_day = due(&settings, &course, today).into_iter().filter(|d| d.ask_on == today).count();
            prop_assert!(on_the_day <= 1);
        }
    }
}
