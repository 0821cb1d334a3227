//! The graded return builder, and what happened in its weeks.

use axum::http::StatusCode;
use chrono::NaiveDate;
use handrail::rules::fit_note::Fitness;

use crate::support::{TestApp, event_names};

const USUAL: [(&str, &str); 7] = [
    ("usual_hours", "30"),
    ("usual_start", "9:00"),
    ("usual_days", "mon"),
    ("usual_days", "tue"),
    ("usual_days", "wed"),
    ("usual_days", "thu"),
    ("usual_days", "fri"),
];

pub fn with<'a>(more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    USUAL.iter().copied().chain(more.iter().copied()).collect()
}

/// Two rows typed by hand: Tuesday 10 to 2 and Tuesday and Thursday 10 to 2.
pub const ROWS: [(&str, &str); 15] = [
    ("day", "0-tue"),
    ("day", "1-tue"),
    ("day", "1-thu"),
    ("start", "10:00"),
    ("start", "10am"),
    ("end", "14:00"),
    ("end", "2pm"),
    ("hours", ""),
    ("hours", ""),
    ("duties_in", "Tea round"),
    ("duties_in", "Tea round and east wing"),
    ("review", "Friday, with Jo"),
    ("review", ""),
    ("pay", "full"),
    ("pay", "full"),
];

#[tokio::test]
async fn weeks_from_a_template_are_filled_in_without_scripts_and_saved_with_no_date() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let priya = app.browser("priya").await;
    let here = format!("/cases/{case}/plan/return");
    let went = priya
        .fill(
            &here,
            &with(&[
                ("act", "template"),
                ("template", "four_weeks"),
                ("note", "Slowly 😀"),
            ]),
        )
        .await;
    assert_eq!(went.status, StatusCode::SEE_OTHER);
    assert_eq!(went.location, format!("{here}?on=yes#week-1"));
    assert_eq!(
        app.count("graded_returns").await,
        0,
        "nothing is saved but what is typed"
    );
    let page = priya.get(&format!("{here}?on=yes")).await.ok();
    // 25% of 30 hours on two days is 3:45 a day, from 9:00.
    assert!(page.says("Week 4") && page.says("value=\"12:45\"") && page.says("Slowly 😀"));
    assert!(
        !page.says("This is what you typed before"),
        "it is going on"
    );

    // The page as it stands is what is sent.
    let fields = all_fields(&page.body);
    let fields: Vec<(&str, &str)> = fields
        .iter()
        .map(|(n, v)| (n.as_str(), v.as_str()))
        .collect();
    priya
        .post(&here, &fields)
        .await
        .went_to(&format!("/cases/{case}/plan#return"));
    assert_eq!(event_names(&app, 1).await, ["plan.return_planned"]);
    let plan = priya.get(&format!("/cases/{case}/plan")).await.ok();
    for words in [
        "No date yet. That is a complete plan.",
        "7 hours 30 minutes",
        "week 1: 7.5 hours planned; week 2: 15 hours planned; week 3: 22 hours planned; week 4: 30 hours planned.",
        "role=\"img\"",
        "How every week is paid is not written down yet.",
    ] {
        assert!(plan.says(words), "{words}");
    }
}

/// Every field of the builder as its page holds it, ticks only where they are ticked.
fn all_fields(body: &str) -> Vec<(String, String)> {
    let form = body
        .split("<form method=\"post\" action=\"/cases/")
        .nth(1)
        .unwrap()
        .split("</form>")
        .next()
        .unwrap();
    let attribute = |tag: &str, name: &str| {
        tag.split(&format!(" {name}=\""))
            .nth(1)
            .map(|rest| rest.split('"').next().unwrap().to_owned())
    };
    let mut fields = vec![];
    for tag in form.split('<') {
        let Some(name) = attribute(tag, "name") else {
            continue;
        };
        if tag.starts_with("input") {
            if tag.contains("type=\"checkbox\"") && !tag.contains(" checked") {
                continue;
            }
            fields.push((name, attribute(tag, "value").unwrap_or_default()));
        } else if tag.starts_with("textarea") {
            fields.push((name, tag.split_once('>').unwrap().1.trim_start().to_owned()));
        } else if tag.starts_with("select") {
            let chosen = form
                .split(&format!("name=\"{name}\""))
                .nth(fields.iter().filter(|(n, _)| *n == name).count() + 1)
                .unwrap();
            let chosen = chosen.split("</select>").next().unwrap();
            let value = chosen
                .split("<option")
                .find(|o| o.contains(" selected"))
                .and_then(|o| attribute(o, "value"))
                .unwrap_or_default();
            fields.push((name, value));
        }
    }
    fields
}

#[tokio::test]
async fn a_week_is_added_and_taken_away_by_pressing_a_button_and_nothing_typed_is_lost() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let priya = app.browser("priya").await;
    let here = format!("/cases/{case}/plan/return");
    let fields = with(&[("act", "add")].into_iter().chain(ROWS).collect::<Vec<_>>());
    let went = priya.fill(&here, &fields).await;
    assert_eq!(went.location, format!("{here}?on=yes#week-3"));
    let page = priya.get(&format!("{here}?on=yes")).await.ok();
    assert!(
        page.says("Week 3") && page.says("Tea round and east wing") && page.says("value=\"2pm\"")
    );
    assert!(page.says("value=\"1-thu\" checked"));
    // Another day, another sitting: it is given back.
    assert!(
        priya
            .get(&here)
            .await
            .ok()
            .says("This is what you typed before")
    );
    let fields = all_fields(&page.body);
    let mut fields: Vec<(&str, &str)> = fields
        .iter()
        .map(|(n, v)| (n.as_str(), v.as_str()))
        .filter(|(n, _)| *n != "act")
        .collect();
    fields.push(("act", "remove-0"));
    priya.post(&here, &fields).await;
    let page = priya.get(&format!("{here}?on=yes")).await.ok();
    assert!(
        !page.says("Week 3")
            && page.says("Tea round and east wing")
            && page.says("value=\"0-thu\" checked")
    );
}

#[tokio::test]
async fn a_template_asks_for_the_usual_hours_and_days_beside_their_boxes() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let priya = app.browser("priya").await;
    let here = format!("/cases/{case}/plan/return");
    for (fields, field) in [
        (
            vec![("act", "template"), ("template", "four_weeks")],
            "usual_hours",
        ),
        (
            vec![
                ("act", "template"),
                ("template", "four_weeks"),
                ("usual_hours", "30"),
            ],
            "usual_days",
        ),
        (vec![("act", "template"), ("usual_hours", "30")], "template"),
        (vec![("usual_hours", "lots")], "usual_hours"),
        (
            vec![
                ("starts_day", "31"),
                ("starts_month", "2"),
                ("starts_year", "2027"),
            ],
            "starts",
        ),
    ] {
        let page = priya.fill(&here, &fields).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{field}");
        assert!(page.error(field).is_some(), "{field}");
    }
    let page = priya
        .fill(
            &here,
            &with(&[("hours", "a few"), ("start", "9"), ("end", "")]),
        )
        .await;
    assert!(
        page.says("Week 1, times: Enter both a start and an end, or neither")
            && page.says("value=\"a few\"")
    );
    assert_eq!(app.count("graded_returns").await, 0);
}

#[tokio::test]
async fn days_under_a_not_fit_note_and_long_days_warn_in_plain_words_and_are_saved_all_the_same() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let priya = app.browser("priya").await;
    let day = |m, d| NaiveDate::from_ymd_opt(2026, m, d).unwrap();
    super::fit_note(
        &app,
        case,
        Fitness::NotFit,
        vec![],
        (day(11, 6), day(12, 4)),
    )
    .await;
    let mut fields = with(&ROWS);
    // Tuesday 1 December falls while the note says not fit, until Friday 4 December.
    fields.extend([
        ("starts_day", "1"),
        ("starts_month", "12"),
        ("starts_year", "2026"),
    ]);
    priya
        .fill(&format!("/cases/{case}/plan/return"), &fields)
        .await
        .went_to(&format!("/cases/{case}/plan#return"));
    let page = priya.get(&format!("/cases/{case}/plan")).await.ok();
    assert!(page.says("1 day, Tuesday 1 December, falls in a time when a fit note says not fit, until Friday 4 December."));
    assert!(page.says("First day back: <strong>Tuesday 1 December</strong>"));
    assert_eq!(
        page.body.matches("when a fit note says not fit").count(),
        1,
        "only the week that it is about"
    );
}

#[tokio::test]
async fn changing_the_weeks_keeps_the_ones_before_and_two_people_do_not_overwrite_each_other() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let (priya, leila) = (app.browser("priya").await, app.browser("leila").await);
    let here = format!("/cases/{case}/plan/return");
    let opened = leila.get(&here).await.ok().value("version");
    priya.fill(&here, &with(&ROWS)).await;
    let mut late = with(&ROWS);
    late.push(("version", &opened));
    assert_eq!(leila.post(&here, &late).await.status, StatusCode::CONFLICT);
    let mut again = with(&ROWS);
    again.push(("reason", "Jo asked for Mondays"));
    again.push(("note", "Mondays are quiet"));
    priya.fill(&here, &again).await;
    assert_eq!(
        app.count("graded_returns WHERE superseded_reason = 'Jo asked for Mondays'")
            .await,
        1
    );
    assert_eq!(
        app.count("graded_returns WHERE superseded_by IS NULL")
            .await,
        1
    );
}
