//! Every main form is sent what nobody should send: it answers with its own page or with success, never with a fault, and shows everything as text.

use std::collections::BTreeSet;

use axum::http::{Method, StatusCode};
use handrail::platform::db::sql;

use crate::support::{Browser, Shown, TestApp, form};

const SCRIPT: &str = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>";

/// What people paste and what attackers send.
fn values() -> Vec<String> {
    let mut values: Vec<String> = [
        "“It’s hard” – she said…\u{a0}\u{2022} first\r\n\t\u{2022} second\u{2028}½ ™",
        "👩🏽‍⚕️😀🏳️‍🌈",
        SCRIPT,
        "it's \"quoted\" `so` \\ to speak {{ name }}",
        "'; DROP TABLE cases; -- UNION SELECT 1 %_",
        "\u{202e}שלום مرحبا\u{202c}",
        "before\0after",
        "-1",
        "31",
        "999999999999999999999999",
        "1e9",
        "0000",
        "no_such_code",
        "",
        " \u{200b}\u{feff} ",
    ]
    .map(str::to_owned)
    .to_vec();
    values.push("é".repeat(100_000));
    values
}

/// One field of a form as its page shows it.
#[derive(Debug, Clone)]
struct Field {
    name: String,
    /// Text is shown again as typed; of a choice only the answers shown are.
    text: bool,
    value: Option<String>,
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let value = tag
        .split(&format!(" {name}=\""))
        .nth(1)?
        .split('"')
        .next()?;
    Some(plain(value))
}

fn plain(html: &str) -> String {
    html.replace("&#39;", "'")
        .replace("&#34;", "\"")
        .replace("&quot;", "\"")
        .replace("&#60;", "<")
        .replace("&lt;", "<")
        .replace("&#62;", ">")
        .replace("&gt;", ">")
        .replace("&#38;", "&")
        .replace("&amp;", "&")
}

/// The fields of the form with a draft, without what every form carries.
fn fields_of(page: &Shown) -> Vec<Field> {
    let html = page
        .body
        .split("<form")
        .find(|part| part.contains("name=\"draft\""))
        .unwrap_or_else(|| panic!("no form: {}", page.body));
    let html = html.split("</form>").next().unwrap();
    let mut fields: Vec<Field> = vec![];
    let mut select = None;
    for tag in html.split('<') {
        let name = attribute(tag, "name").unwrap_or_default();
        if matches!(name.as_str(), "draft" | "version" | "save_draft") {
            continue;
        }
        let (value, text) = if tag.starts_with("input ") {
            let kind = attribute(tag, "type").unwrap_or_default();
            let value = attribute(tag, "value");
            match kind.as_str() {
                "radio" | "checkbox" => (value.filter(|_| tag.contains(" checked")), false),
                "hidden" | "password" => (value, false),
                _ => (value, true),
            }
        } else if tag.starts_with("textarea ") {
            let words = tag.split_once('>').map(|(_, words)| plain(words.trim()));
            (words, true)
        } else if tag.starts_with("select ") {
            select = Some(name.clone());
            (None, false)
        } else {
            if tag.starts_with("option ")
                && tag.contains(" selected")
                && let Some(of) = &select
            {
                let chosen = fields.iter_mut().rfind(|f| f.name == *of).unwrap();
                chosen.value = attribute(tag, "value");
            }
            continue;
        };
        match fields.iter_mut().find(|f| f.name == name) {
            Some(_) if value.is_none() => {}
            Some(field) if field.value.is_none() => field.value = value,
            _ => fields.push(Field { name, text, value }),
        }
    }
    fields
}

/// The pages of a self-referral in order, answered.
const SELF_REFERRAL: [(&str, &[(&str, &str)]); 7] = [
    ("name", &[("name", "Maya Okonkwo")]),
    (
        "date-of-birth",
        &[
            ("birth_day", "2"),
            ("birth_month", "3"),
            ("birth_year", "1984"),
        ],
    ),
    ("contact", &[("phone", "07700 900123")]),
    ("work", &[("employment", "employed")]),
    (
        "time-off",
        &[
            ("off", "yes"),
            ("since_day", "16"),
            ("since_month", "10"),
            ("since_year", "2026"),
        ],
    ),
    ("fit-note", &[("fit_note", "no")]),
    ("help", &[("help", "Going back")]),
];

/// The form that makes a thing, below a case, by the table that the thing is in.
type Made = (
    &'static str,
    &'static str,
    &'static [(&'static str, &'static str)],
);

/// What a form under test is about: `{obstacles}` in its address stands for the newest obstacle, which is made first.
const MADE: &[Made] = &[
    ("plan_goals", "plan/goals/new", &[("words", "Be back")]),
    (
        "plan_actions",
        "plan/actions/new",
        &[("what", "Walk"), ("who", "person")],
    ),
    (
        "adjustments",
        "plan/adjustments/new",
        &[("kind", "time"), ("what", "Start later")],
    ),
    (
        "obstacles",
        "assessment/obstacles/new",
        &[
            ("words", "The stairs"),
            ("kind", "workplace"),
            ("in_the_way", "2"),
        ],
    ),
    (
        "strengths",
        "assessment/strengths/new",
        &[("words", "My sister")],
    ),
    ("contacts", "contacts/new", &[("outcome", "done")]),
    ("shared_notes", "notes/new", &[("shared_note", "Words")]),
    (
        "fit_notes",
        "fit-notes/new",
        &[
            ("profession", "doctor"),
            ("source", "shown"),
            ("seen", "recorder"),
            ("length_unit", "weeks"),
            ("fitness", "not_fit"),
            ("assessed_day", "2"),
            ("assessed_month", "11"),
            ("assessed_year", "2026"),
            ("until_day", "29"),
            ("until_month", "11"),
            ("until_year", "2026"),
        ],
    ),
    (
        "questionnaire_responses",
        "questionnaires/new/nhs-fft",
        &[
            ("mode", "paper"),
            ("a_experience", "good"),
            ("blank_why", "yes"),
        ],
    ),
];

/// A form under test: at its address, sent by somebody.
struct Sweep<'a> {
    app: &'a TestApp,
    browser: Browser,
    /// `{case}` stands for a case of its own.
    path: &'static str,
    answers: &'a [(&'static str, &'a str)],
    here: String,
    version: Option<String>,
    fields: Vec<Field>,
    draft: String,
    sent: usize,
    accepted: usize,
    /// Answers that say, field by field, what needs another look.
    looked_again: usize,
    /// After a success the page is opened again. A stranger's draft lasts from page to page.
    opens_again: bool,
}

impl<'a> Sweep<'a> {
    async fn new(
        app: &'a TestApp,
        browser: Browser,
        path: &'static str,
        answers: &'a [(&'static str, &'a str)],
    ) -> Self {
        let mut sweep = Self {
            app,
            browser,
            path,
            answers,
            here: String::new(),
            version: None,
            fields: vec![],
            draft: String::new(),
            sent: 0,
            accepted: 0,
            looked_again: 0,
            opens_again: !path.starts_with("/self-referral"),
        };
        sweep.begin().await;
        sweep
    }

    /// Opens the page as if for the first time.
    async fn begin(&mut self) {
        if self.path.contains("{case}") {
            let case = self.app.case("Maya Okonkwo", "priya").await;
            self.here = self.path.replace("{case}", &case.to_string());
            for (table, form, fields) in MADE {
                let mark = format!("{{{table}}}");
                if !self.here.contains(&mark) {
                    continue;
                }
                let form = format!("/cases/{case}/{form}");
                let made = self.browser.fill(&form, fields).await;
                assert_eq!(made.status, StatusCode::SEE_OTHER, "{form}: {}", made.body);
                let newest = sql("SELECT root_id FROM ")
                    .and(table)
                    .and(" WHERE case_id = ?")
                    .bind(case);
                let rows = self.app.app.db.look(newest).await.unwrap();
                let id: uuid::Uuid = rows[0].get("root_id").unwrap();
                self.here = self.here.replace(&mark, &id.to_string());
            }
        } else {
            self.here = self.path.to_owned();
        }
        if self.path.starts_with("/self-referral") && self.fields.is_empty() {
            let home = "/self-referral/south-yorkshire";
            for (step, fields) in SELF_REFERRAL {
                let here = format!("{home}/{step}");
                if here == self.here {
                    break;
                }
                let answer = self.browser.fill(&here, fields).await;
                assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
            }
        }
        let page = self.browser.get(&self.here).await.ok();
        self.draft = page.value("draft");
        self.version = page
            .body
            .contains("name=\"version\"")
            .then(|| page.value("version"));
        if self.fields.is_empty() {
            self.fields = fields_of(&page);
            assert!(!self.fields.is_empty(), "{} has no fields", self.path);
            for (name, answer) in self.answers {
                let field = self.fields.iter_mut().find(|f| f.name == *name);
                let field = field.unwrap_or_else(|| panic!("{} has no field {name}", self.path));
                field.value = Some((*answer).to_owned());
            }
        }
    }

    async fn rows(&self) -> i64 {
        self.app
            .count(
                "(SELECT id FROM contacts UNION ALL SELECT id FROM shared_notes UNION ALL SELECT id FROM concerns \
                 UNION ALL SELECT id FROM complaints UNION ALL SELECT id FROM closures UNION ALL SELECT id FROM referrals \
                 UNION ALL SELECT id FROM persons UNION ALL SELECT id FROM accounts UNION ALL SELECT id FROM planned_contacts \
                 UNION ALL SELECT id FROM fit_notes UNION ALL SELECT id FROM questionnaire_responses UNION ALL SELECT id FROM consents UNION ALL SELECT id FROM practices \
                 UNION ALL SELECT id FROM assessment_sections UNION ALL SELECT id FROM obstacles UNION ALL SELECT id FROM obstacle_reviews \
                 UNION ALL SELECT id FROM obstacle_flags UNION ALL SELECT id FROM strengths UNION ALL SELECT id FROM ruler_readings \
                 UNION ALL SELECT id FROM demands) AS things",
            )
            .await
    }

    async fn send(&mut self, what: &str, fields: &[(String, String)]) {
        self.sent += 1;
        let draft = self.draft.clone();
        let mut all = vec![("draft", draft.as_str())];
        if let Some(version) = &self.version {
            all.push(("version", version));
        }
        all.extend(fields.iter().map(|(n, v)| (n.as_str(), v.as_str())));
        let before = self.rows().await;
        let mut answer = self.browser.post(&self.here, &all).await;
        if answer.status == StatusCode::TOO_MANY_REQUESTS {
            // A stranger may send a few an hour.
            assert!(answer.body.contains("<h1"), "{}", answer.body);
            self.app.clock.advance(chrono::Duration::hours(2));
            answer = self.browser.post(&self.here, &all).await;
        }
        if answer.status == StatusCode::SEE_OTHER && answer.location.contains("wrong=yes") {
            // A public page leads to where its mistakes stand, so that a browser can go back.
            answer = self.browser.get(&answer.location).await.ok();
            answer.status = StatusCode::UNPROCESSABLE_ENTITY;
        }
        let short: String = form(&all).chars().take(300).collect();
        let at = format!("{} with {what}: {short}", self.path);
        self.looks_right(&at, &answer, fields).await;
        self.looked_again += usize::from(answer.status == StatusCode::UNPROCESSABLE_ENTITY);
        if answer.status.is_client_error() {
            assert_eq!(
                self.rows().await,
                before,
                "nothing is written by half: {at}"
            );
        } else {
            self.accepted += 1;
            if self.opens_again {
                self.begin().await;
            }
        }
    }

    async fn looks_right(&self, at: &str, answer: &Shown, fields: &[(String, String)]) {
        let safe = |shown: &Shown| {
            assert!(
                !shown.body.contains("<script>alert") && !shown.body.contains("<img src=x"),
                "{at}: shown as it was typed, unescaped"
            );
        };
        safe(answer);
        match answer.status {
            StatusCode::SEE_OTHER => {
                let mut next = self.browser.get(&answer.location).await;
                if next.status == StatusCode::SEE_OTHER {
                    next = self.browser.get(&next.location).await;
                }
                assert_eq!(next.status, 200, "{at}: after success: {}", next.body);
                safe(&next);
            }
            StatusCode::UNPROCESSABLE_ENTITY => {
                assert!(
                    answer.body.contains("nhsuk-error-summary"),
                    "{at}: no error summary: {}",
                    answer.body
                );
                links_lead_to_fields(at, answer);
                let words = plain(&answer.body);
                for (name, value) in fields {
                    let text = self.fields.iter().any(|f| f.text && f.name == *name);
                    assert!(
                        !text || value.contains('\0') || words.contains(value.as_str()),
                        "{at}: what was typed into {name} is lost"
                    );
                }
            }
            StatusCode::OK | StatusCode::CONFLICT => assert!(answer.body.contains("<h1"), "{at}"),
            other => panic!("{at}: {other}: {}", answer.body),
        }
    }

    fn with(&self, change: impl Fn(&Field) -> Vec<Option<String>>) -> Vec<(String, String)> {
        self.fields
            .iter()
            .flat_map(|f| change(f).into_iter().flatten().map(|v| (f.name.clone(), v)))
            .collect()
    }

    /// Sends everything. Returns how much of it was taken, and how much was said to need another look.
    async fn run(mut self) -> (usize, usize) {
        for value in values() {
            let all = self.with(|_| vec![Some(value.clone())]);
            self.send("one value everywhere", &all).await;
            let texts = self.with(|f| {
                vec![if f.text {
                    Some(value.clone())
                } else {
                    f.value.clone()
                }]
            });
            self.send("one value in every text", &texts).await;
        }
        let names: BTreeSet<String> = self.fields.iter().map(|f| f.name.clone()).collect();
        let long = "x".repeat(100_000);
        for name in names {
            for bad in [SCRIPT, "before\0after", "31", "no_such_code", &long] {
                let fields = self.with(|f| {
                    vec![if f.name == name {
                        Some(bad.to_owned())
                    } else {
                        f.value.clone()
                    }]
                });
                self.send(&name, &fields).await;
            }
            let missing = self.with(|f| vec![f.value.clone().filter(|_| f.name != name)]);
            self.send("a field missing", &missing).await;
            let twice = self.with(|f| {
                let again = (f.name == name).then(|| Some("twice".to_owned()));
                [Some(f.value.clone()), again]
                    .into_iter()
                    .flatten()
                    .collect()
            });
            self.send("a field twice", &twice).await;
        }
        (self.accepted, self.looked_again)
    }
}

/// Every sentence of the summary leads to something on the page.
fn links_lead_to_fields(at: &str, page: &Shown) {
    let summary = page
        .body
        .split("nhsuk-error-summary__list")
        .nth(1)
        .unwrap_or_else(|| panic!("{at}: {}", page.body));
    let summary = summary.split("</ul>").next().unwrap();
    let targets: Vec<&str> = summary
        .split("href=\"#")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .collect();
    assert!(!targets.is_empty(), "{at}: nothing in the summary");
    let places = targets.iter().map(|target| {
        let id = format!(" id=\"{target}\"");
        page.body.find(&id).unwrap_or_else(|| {
            panic!("{at}: the summary leads to #{target}, and nothing there has that id")
        })
    });
    assert!(
        places.is_sorted(),
        "{at}: the summary is not in the order of the page: {targets:?}"
    );
}

async fn sweep(who: &str, path: &'static str, answers: &[(&'static str, &str)]) {
    let app = TestApp::new().await;
    let browser = match who {
        "" => app.stranger(),
        // A person on their own pages.
        "me" => {
            let case = app.case("Maya Okonkwo", "priya").await;
            crate::portal::own_pages(&app, case).await
        }
        who => app.browser(who).await,
    };
    let (accepted, looked_again) = Sweep::new(&app, browser, path, answers).await.run().await;
    assert!(
        accepted > 0 || answers.is_empty(),
        "{path}: the answers of this test are not enough for success"
    );
    assert!(
        accepted + looked_again > 0,
        "{path}: nothing was ever read: every answer was a conflict"
    );
}

macro_rules! sweeps {
    ($($test:ident: $who:literal $path:literal $answers:expr;)+) => {
        /// The address of every form that is swept.
        const SWEPT: &[&str] = &[$($path),+];
        $(
        #[tokio::test]
        async fn $test() {
            sweep($who, $path, &$answers).await;
        }
    )+ };
}

sweeps! {
    a_referral_takes_bad_input: "ruth" "/refer" [("name", "Maya Okonkwo"), ("born_on", "2/3/1984"), ("phone", "07700 900123"), ("agreed", "yes")];
    a_contact_takes_bad_input: "priya" "/cases/{case}/contacts/new" [("outcome", "done")];
    time_off_work_takes_bad_input: "priya" "/cases/{case}/absence/new" [("what", "off"), ("who", "person"), ("from_day", "2"), ("from_month", "11"), ("from_year", "2026")];
    a_number_of_days_off_takes_bad_input: "priya" "/cases/{case}/absence/new" [("what", "count"), ("who", "person"), ("from_day", "2"), ("from_month", "11"), ("from_year", "2026"), ("until_day", "6"), ("until_month", "11"), ("until_year", "2026"), ("days", "2")];
    working_days_take_bad_input: "priya" "/cases/{case}/absence/pattern" [("from_day", "2"), ("from_month", "11"), ("from_year", "2026"), ("bank_holidays_off", "yes"), ("hours", "7")];
    changing_a_goal_takes_bad_input: "priya" "/cases/{case}/plan/goals/{plan_goals}" [];
    changing_something_to_try_takes_bad_input: "priya" "/cases/{case}/plan/actions/{plan_actions}" [];
    what_was_tried_takes_bad_input: "priya" "/cases/{case}/plan/actions/{plan_actions}/step" [];
    changing_an_adjustment_takes_bad_input: "priya" "/cases/{case}/plan/adjustments/{adjustments}" [];
    moving_an_adjustment_on_takes_bad_input: "priya" "/cases/{case}/plan/adjustments/{adjustments}/step" [];
    changing_an_obstacle_takes_bad_input: "priya" "/cases/{case}/assessment/obstacles/{obstacles}/change" [];
    reviewing_an_obstacle_takes_bad_input: "priya" "/cases/{case}/assessment/obstacles/{obstacles}/review" [];
    taking_an_obstacle_back_takes_bad_input: "priya" "/cases/{case}/assessment/take-back/obstacle/{obstacles}" [];
    changing_a_strength_takes_bad_input: "priya" "/cases/{case}/assessment/strengths/{strengths}/change" [];
    correcting_a_contact_takes_bad_input: "priya" "/cases/{case}/contacts/{contacts}/correct" [];
    correcting_a_note_takes_bad_input: "priya" "/cases/{case}/notes/{shared_notes}/correct" [];
    a_note_takes_bad_input: "priya" "/cases/{case}/notes/new" [("shared_note", "Words")];
    correcting_a_fit_note_takes_bad_input: "priya" "/cases/{case}/fit-notes/{fit_notes}/correct" [];
    marking_a_fit_note_takes_bad_input: "priya" "/cases/{case}/fit-notes/{fit_notes}/mark" [];
    marking_a_questionnaire_takes_bad_input: "priya" "/cases/{case}/questionnaires/{questionnaire_responses}/mark" [];
    settling_days_takes_bad_input: "priya" "/cases/{case}/absence/settle" [];
    a_section_takes_bad_input: "priya" "/cases/{case}/assessment/sections/work" [("job", "Carer")];
    an_obstacle_takes_bad_input: "priya" "/cases/{case}/assessment/obstacles/new" [("words", "The stairs"), ("kind", "workplace"), ("in_the_way", "2")];
    a_strength_takes_bad_input: "priya" "/cases/{case}/assessment/strengths/new" [("words", "My sister")];
    rulers_take_bad_input: "priya" "/cases/{case}/assessment/rulers" [("confidence", "4")];
    demands_take_bad_input: "priya" "/cases/{case}/assessment/demands" [("asks", "Lifting people")];
    a_fit_note_takes_bad_input: "priya" "/cases/{case}/fit-notes/new" [("fitness", "not_fit"), ("assessed_day", "2"), ("assessed_month", "11"), ("assessed_year", "2026"), ("until_day", "29"), ("until_month", "11"), ("until_year", "2026")];
    a_persons_details_take_bad_input: "priya" "/cases/{case}/person" [];
    consent_takes_bad_input: "priya" "/cases/{case}/consent" [];
    a_questionnaire_takes_bad_input: "priya" "/cases/{case}/questionnaires/new/wpai-gh" [("mode", "telephone"), ("a_employed", "yes"), ("a_hours_missed", "7.5"), ("a_hours_other", "0"), ("a_hours_worked", "20"), ("a_productivity", "4"), ("a_activities", "4")];
    words_in_a_questionnaire_take_bad_input: "priya" "/cases/{case}/questionnaires/new/nhs-fft" [("mode", "paper"), ("a_experience", "good")];
    a_questionnaire_that_interrupts_takes_bad_input: "priya" "/cases/{case}/questionnaires/new/phq-9" [("mode", "telephone"), ("a_phq1", "1"), ("a_phq2", "1"), ("a_phq3", "1"), ("a_phq4", "1"), ("a_phq5", "1"), ("a_phq6", "1"), ("a_phq7", "1"), ("a_phq8", "1"), ("a_phq9", "0")];
    a_plan_takes_bad_input: "priya" "/cases/{case}/contacts/plan" [];
    what_a_plan_is_for_takes_bad_input: "priya" "/cases/{case}/plan/about" [("kind", "return")];
    a_goal_takes_bad_input: "priya" "/cases/{case}/plan/goals/new" [("words", "Be back")];
    something_to_try_takes_bad_input: "priya" "/cases/{case}/plan/actions/new" [("what", "Walk"), ("who", "person")];
    the_weeks_of_a_return_take_bad_input: "priya" "/cases/{case}/plan/return" [];
    an_adjustment_takes_bad_input: "priya" "/cases/{case}/plan/adjustments/new" [("kind", "time"), ("what", "Start later")];
    a_conversation_takes_bad_input: "priya" "/cases/{case}/plan/conversation/words" [];
    preparing_a_document_takes_bad_input: "priya" "/cases/{case}/documents/new" [("kind", "return_plan"), ("recipient_kind", "employer"), ("recipient_name", "Ruth Dawes"), ("way", "by_hand")];
    a_step_takes_bad_input: "priya" "/cases/{case}/step" [];
    closing_takes_bad_input: "priya" "/cases/{case}/close" [];
    a_complaint_takes_bad_input: "priya" "/cases/{case}/complaints/new" [];
    a_concern_takes_bad_input: "priya" "/cases/{case}/safety/new" [];
    assigning_takes_bad_input: "leila" "/cases/{case}/assign" [];
    leave_takes_bad_input: "priya" "/leave" [];
    an_account_takes_bad_input: "ines" "/accounts/new" [];
    a_practice_takes_bad_input: "ines" "/organisation/practices/new" [];
    a_team_takes_bad_input: "ines" "/organisation/teams/new" [];
    a_programme_takes_bad_input: "ines" "/organisation/programmes/new" [];
    retention_takes_bad_input: "ines" "/retention" [];
    a_name_takes_bad_input: "" "/self-referral/south-yorkshire/name" [("name", "Maya Okonkwo")];
    a_birth_date_takes_bad_input: "" "/self-referral/south-yorkshire/date-of-birth" [];
    ways_to_contact_take_bad_input: "" "/self-referral/south-yorkshire/contact" [];
    work_takes_bad_input: "" "/self-referral/south-yorkshire/work" [];
    time_off_takes_bad_input: "" "/self-referral/south-yorkshire/time-off" [];
    hopes_take_bad_input: "" "/self-referral/south-yorkshire/help" [];
    own_details_take_bad_input: "me" "/me/details" [];
    own_choices_of_messages_take_bad_input: "me" "/me/messages" [];
    asking_for_a_call_takes_bad_input: "me" "/me/call" [("when", "any")];
    telling_takes_bad_input: "me" "/me/tell" [("words", "Good")];
    stopping_takes_bad_input: "me" "/me/stop" [];
    asking_for_a_copy_takes_bad_input: "priya" "/cases/{case}/access" [("how", "spoken")];
    somebody_elses_referral_takes_bad_input: "" "/refer-someone/south-yorkshire" [];
}

/// Forms with a page of their own that no sweep reaches yet: each needs something first that a sweep cannot make. Take one away when it is swept.
const NOT_SWEPT: &[&str] = &[
    // Signing in, out and one's own account: no draft, and tests of their own in `identity`.
    "/sign-in",
    "/sign-in/code",
    "/sign-in/set-up",
    "/account/password",
    // Opening one's own pages: a link and a word, without a draft, and tests of their own in `portal`.
    "/p/{token}",
    "/me/word",
    "/cases/{id}/portal",
    // A choice of one button, and something that must have been written first: tests of their own in `portal`.
    "/me/consents/{kind}",
    "/me/plan/actions/{root}",
    "/me/record",
    "/cases/{id}/access/{request}",
    // Something must be prepared or released first: tests of their own in `release`.
    "/cases/{id}/documents/{document}",
    "/cases/{id}/documents/{document}/answer",
    "/cases/{id}/documents/{document}/way",
    "/me/documents/{document}",
    "/me/documents/{document}/way",
    "/d/{token}",
    // A question must have been asked first, or it is one button: tests of their own in `checkin`, with hostile answers among them.
    "/cases/{id}/checkins",
    "/cases/{id}/checkins/{checkin}",
    "/me/checkins/{id}",
    // One button and nothing typed: tests of their own in `message`.
    "/cases/{id}/messages/{message}/letter",
    "/stop/{token}",
    // A file beside the form: see the tests of uploads.
    "/cases/{id}/fit-notes/import",
    "/cases/{id}/fit-notes/{note}/photos/new",
    "/cases/{id}/fit-notes/{note}/photos/{photo}/remove",
    // It asks nothing: it deletes what was typed.
    "/left",
    // Something must have happened first.
    "/cases/{id}/contacts/plan/cancel",
    "/cases/{id}/consent/withdraw",
    "/cases/{id}/reopen",
    "/cases/{id}/plan/agree",
    "/cases/{id}/plan/versions/{number}",
    "/cases/{id}/plan/return/{week}",
    "/cases/{id}/questionnaires/{root}/correct",
    "/cases/{id}/absence/facts/{fact}/take-back",
    "/cases/{id}/assessment/report",
    "/referrals/{id}/decline",
    "/sent/{id}/amend",
    "/sent/{id}/withdraw",
    "/refer/sent/{id}",
    "/r/{token}",
    "/safety/{id}",
    "/safety/{id}/{act}",
    "/referrals/{id}/accept",
    "/referrals/{id}/red-flags",
    "/referrals/{id}/eligibility",
    "/referrals/{id}/same",
    "/referrals/{id}/read",
    "/safety/rota",
    "/complaints/{id}",
    "/hand-over",
    // Boxes to tick and a worker to choose: see the tests of assigning.
    "/cases/assign",
    "/workload/{id}/capacity",
    "/accounts/{id}",
    "/accounts/{id}/registration",
    "/organisation/practices/{id}",
    "/organisation/practices/{id}/links",
    "/organisation/programmes/{id}",
    "/organisation/programmes/{id}/covers",
    "/organisation/programmes/{id}/wordings/{kind}",
    // One word, and a test of its own below.
    "/search",
];

#[test]
fn every_form_is_swept_or_says_why_not_and_what_is_named_here_is_a_form() {
    let routes = crate::permissions::routes_in_code();
    let forms: Vec<&str> = routes
        .iter()
        .filter(|(_, methods)| methods.contains(&Method::GET) && methods.contains(&Method::POST))
        .map(|(pattern, _)| pattern.as_str())
        .collect();
    // A sign in braces stands for anything.
    let fits = |pattern: &str, path: &str| {
        let path = path.split('?').next().unwrap();
        let (a, b) = (pattern.split('/'), path.split('/'));
        a.clone().count() == b.clone().count()
            && a.zip(b).all(|(a, b)| a.starts_with('{') || a == b)
    };
    let missing: Vec<&&str> = forms
        .iter()
        .filter(|form| !NOT_SWEPT.contains(form) && !SWEPT.iter().any(|path| fits(form, path)))
        .collect();
    assert!(
        missing.is_empty(),
        "sweep these forms, or say in NOT_SWEPT why not: {missing:#?}"
    );
    let stale: Vec<&&str> = NOT_SWEPT
        .iter()
        .filter(|form| !forms.contains(form) || SWEPT.contains(form))
        .chain(
            SWEPT
                .iter()
                .filter(|path| !forms.iter().any(|form| fits(form, path))),
        )
        .collect();
    assert!(
        stale.is_empty(),
        "these are no forms, or are swept by now: {stale:#?}"
    );
}

#[tokio::test]
async fn a_search_for_anything_is_a_page() {
    let app = TestApp::new().await;
    app.case("Maya Okonkwo", "priya").await;
    let priya = app.browser("priya").await;
    for value in values() {
        let mut answer = priya.post("/search", &[("q", &value)]).await;
        if answer.status == StatusCode::SEE_OTHER {
            answer = priya.get(&answer.location).await;
        }
        let short: String = value.chars().take(40).collect();
        assert!(
            answer.status.is_success() || answer.status.is_client_error(),
            "{short}: {}",
            answer.body
        );
        assert!(answer.body.contains("<h1") && !answer.body.contains("<script>alert"));
    }
}

#[tokio::test]
async fn what_is_not_a_form_is_refused_with_a_page_and_changes_nothing() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let priya = app.browser("priya").await;
    let here = format!("/cases/{case}/contacts/new");
    for (kind, body) in [
        ("application/json", "{\"outcome\":\"done\"}"),
        ("multipart/form-data; boundary=x", "--x\r\n\r\n--x--"),
        ("text/plain", "outcome=done"),
        (
            "application/x-www-form-urlencoded",
            "outcome=done&version=many",
        ),
        (
            "application/x-www-form-urlencoded",
            "outcome=done&draft=none",
        ),
        (
            "application/x-www-form-urlencoded",
            "\0\0%zz%%%&&&==\u{fffd}",
        ),
        (
            "application/x-www-form-urlencoded",
            "%ff%fe=%c0%80&outcome=%ed%a0%80",
        ),
    ] {
        let answer = priya
            .send(
                Method::POST,
                &here,
                body.to_owned(),
                &[("content-type", kind)],
            )
            .await;
        assert!(
            answer.status.is_client_error(),
            "{kind} {body}: {}",
            answer.status
        );
        assert!(
            answer.body.contains("<h1"),
            "{kind} {body}: {}",
            answer.body
        );
    }
    assert_eq!(app.count("contacts").await, 0);
}

#[tokio::test]
async fn drafts_keep_whatever_is_typed_and_no_address_of_another_site() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let priya = app.browser("priya").await;
    let here = format!("/cases/{case}/contacts/new");
    let draft = app.draft("priya").await;
    for path in [
        "before\0after",
        "/a\0b",
        "//else.example",
        "https://else.example",
        "",
    ] {
        let answer = priya
            .post(&format!("/drafts/{draft}"), &[("draft_path", path)])
            .await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path:?}");
    }
    let body = format!("draft={draft}&shared_note=before\0after&save_draft=yes");
    let kind = [("content-type", "application/x-www-form-urlencoded")];
    priya
        .send(Method::POST, &here, body, &kind)
        .await
        .went_to(&here);
    assert!(priya.get(&here).await.ok().says("before"));
}

#[tokio::test]
async fn an_address_with_something_else_where_an_id_stands_is_a_page_that_is_not_there() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let (priya, ines, stranger) = (
        app.browser("priya").await,
        app.browser("ines").await,
        app.stranger(),
    );
    let nobody = "00000000-0000-7000-8000-00000000000f";
    for id in ["x", "1", "%00", "%ff", "..%2f", "'%20OR%201=1", nobody] {
        for path in [
            format!("/cases/{id}"),
            format!("/cases/{id}/contacts/new"),
            format!("/cases/{id}/person"),
            format!("/cases/{id}/close"),
            format!("/cases/{id}/assessment"),
            format!("/cases/{case}/assessment/sections/{id}"),
            format!("/cases/{case}/assessment/obstacles/{id}"),
            format!("/cases/{case}/assessment/take-back/review/{id}"),
            format!("/cases/{case}/assessment/report/{id}"),
            format!("/referrals/{id}"),
            format!("/hand-over/{id}"),
            format!("/safety/{id}"),
            format!("/complaints/{id}"),
            format!("/search/{id}"),
            format!("/self-referral/{id}"),
        ] {
            let shown = priya.get(&path).await;
            assert_eq!(
                shown.status,
                StatusCode::NOT_FOUND,
                "{path}: {}",
                shown.body
            );
            assert!(shown.body.contains("<h1"), "{path}: {}", shown.body);
        }
        for path in [
            format!("/accounts/{id}"),
            format!("/organisation/practices/{id}"),
            format!("/organisation/programmes/{id}"),
        ] {
            let shown = ines.get(&path).await;
            assert_eq!(
                shown.status,
                StatusCode::NOT_FOUND,
                "{path}: {}",
                shown.body
            );
            assert!(shown.body.contains("<h1"), "{path}: {}", shown.body);
        }
        for path in [
            format!("/r/{id}"),
            format!("/refer-someone/{id}"),
            format!("/self-referral/{id}/name"),
            format!("/referral-sent/{id}"),
        ] {
            let shown = stranger.get(&path).await;
            assert!(
                shown.status.is_client_error(),
                "{path}: {} {}",
                shown.status,
                shown.body
            );
            assert!(shown.body.contains("<h1"), "{path}: {}", shown.body);
        }
    }
    // A form's address that has no page.
    let shown = priya.get(&format!("/cases/{case}/died")).await;
    assert!(shown.status.is_client_error() && shown.body.contains("<h1"));
    let shown = priya.post("/people", &[("a", "b")]).await;
    assert!(shown.status.is_client_error() && shown.body.contains("<h1"));
}
