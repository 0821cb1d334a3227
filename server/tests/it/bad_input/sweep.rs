//! One form is sent everything that nobody should send.

use std::collections::BTreeSet;

use axum::http::StatusCode;

use super::{
    SCRIPT,
    form::{Field, Kind, fields_of, form_to, links_lead_to_fields},
    subject::{Sender, said},
    values,
};
use crate::support::{Shown, TestApp, form, read};

/// What makes a form succeed, by its fields.
type Answers<'a> = &'a [(&'static str, &'a str)];

/// The first answer that the page offers.
const OFFERED: &str = "{offered}";

/// A form under test: at its address, sent by somebody.
struct Sweep<'a> {
    app: &'a TestApp,
    who: &'a str,
    /// With marks in braces for what it is about.
    path: &'static str,
    answers: Answers<'a>,
    sender: Sender,
    here: String,
    draft: Option<String>,
    version: Option<String>,
    fields: Vec<Field>,
    accepted: usize,
    /// Answers that say, field by field, what needs another look.
    looked_again: usize,
    /// After a success the page is opened again. What a stranger types lasts from page to page.
    opens_again: bool,
}

impl<'a> Sweep<'a> {
    async fn new(app: &'a TestApp, who: &'a str, path: &'static str, answers: Answers<'a>) -> Self {
        let mut sweep = Self {
            app,
            who,
            path,
            answers,
            sender: Sender::new(app, who, path).await,
            here: String::new(),
            draft: None,
            version: None,
            fields: vec![],
            accepted: 0,
            looked_again: 0,
            opens_again: !path.starts_with("/self-referral"),
        };
        sweep.begin().await;
        sweep
    }

    /// Makes what the form is about, and opens its page as if for the first time.
    async fn begin(&mut self) {
        self.here = self.sender.address(self.app, self.path).await;
        let browser = &self.sender.browser;
        let mut page = browser.get(&self.here).await;
        if page.status == StatusCode::SEE_OTHER {
            // A small form stands on the page of what it is about.
            page = browser.get(&page.location).await;
        }
        let page = page.ok();
        let form = Shown {
            body: form_to(&page, &self.here).to_owned(),
            ..page
        };
        let carried = |name: &str| {
            let there = form.body.contains(&format!("name=\"{name}\""));
            there.then(|| form.value(name))
        };
        self.draft = carried("draft");
        self.version = carried("version");
        let fields = fields_of(&form.body);
        assert!(!fields.is_empty(), "{} has no fields", self.path);
        if self.fields.is_empty() {
            self.fields = fields.clone();
            self.answer().await;
        }
        self.bring_up_to_date(&fields);
    }

    /// Fills in the answers with which the form can succeed.
    async fn answer(&mut self) {
        for (name, answer) in self.answers {
            let field = self.fields.iter_mut().find(|f| f.name == *name);
            let field = field.unwrap_or_else(|| panic!("{} has no field {name}", self.path));
            field.value = Some(said(self.app, answer).await);
        }
    }

    /// What the page carries along, and what it offers, is of what was made now. What was typed at first stays.
    fn bring_up_to_date(&mut self, shown: &[Field]) {
        self.fields.retain(|f| f.kind != Kind::Carried);
        let carried = shown.iter().filter(|f| f.kind == Kind::Carried);
        self.fields.extend(carried.cloned());
        for (name, _) in self.answers.iter().filter(|(_, said)| *said == OFFERED) {
            let offered = shown.iter().find(|f| f.name == *name);
            let field = self.fields.iter_mut().find(|f| f.name == *name).unwrap();
            field.value = offered.and_then(|f| f.offered.clone());
        }
    }

    /// How much stands in the record, and in its log. Who looked at it, or was refused, is in the log too and is not counted. Nor is what is chosen for a document: a release that shows something else first keeps it.
    async fn rows(&self) -> i64 {
        self.app
            .count(
                "(SELECT id FROM contacts UNION ALL SELECT id FROM shared_notes UNION ALL SELECT id FROM concerns \
                 UNION ALL SELECT id FROM complaints UNION ALL SELECT id FROM closures UNION ALL SELECT id FROM referrals \
                 UNION ALL SELECT id FROM persons UNION ALL SELECT id FROM accounts UNION ALL SELECT id FROM planned_contacts \
                 UNION ALL SELECT id FROM fit_notes UNION ALL SELECT id FROM questionnaire_responses UNION ALL SELECT id FROM consents UNION ALL SELECT id FROM practices \
                 UNION ALL SELECT id FROM assessment_sections UNION ALL SELECT id FROM obstacles UNION ALL SELECT id FROM obstacle_reviews \
                 UNION ALL SELECT id FROM obstacle_flags UNION ALL SELECT id FROM strengths UNION ALL SELECT id FROM ruler_readings \
                 UNION ALL SELECT id FROM demands UNION ALL SELECT id FROM concern_steps UNION ALL SELECT id FROM documents UNION ALL SELECT id FROM document_steps \
                 UNION ALL SELECT id FROM handovers UNION ALL SELECT id FROM referral_amendments UNION ALL SELECT id FROM referral_links UNION ALL SELECT id FROM wordings \
                 UNION ALL SELECT id FROM audit_events WHERE (name NOT LIKE '%viewed' OR name LIKE '%reviewed') AND name <> 'document.chosen' AND name NOT LIKE '%listed' AND name NOT LIKE '%refused') AS things",
            )
            .await
    }

    async fn post(&self, fields: &[(String, String)]) -> Shown {
        let carried = [("draft", &self.draft), ("version", &self.version)];
        let all: Vec<(&str, &str)> = carried
            .iter()
            .filter_map(|(name, value)| Some((*name, value.as_deref()?)))
            .chain(fields.iter().map(|(n, v)| (n.as_str(), v.as_str())))
            .collect();
        self.sender.browser.post(&self.here, &all).await
    }

    async fn send(&mut self, what: &str, fields: &[(String, String)]) {
        let mut before = self.rows().await;
        let mut answer = self.post(fields).await;
        if answer.status == StatusCode::TOO_MANY_REQUESTS {
            // So many an hour, and nobody guesses a password for long. They come again two hours later.
            assert!(answer.body.contains("<h1"), "{}", answer.body);
            self.app.clock.advance(chrono::Duration::hours(2));
            self.sender = Sender::new(self.app, self.who, self.path).await;
            self.begin().await;
            before = self.rows().await;
            answer = self.post(fields).await;
        }
        if answer.status == StatusCode::SEE_OTHER && answer.location.contains("wrong=yes") {
            // A public page leads to where its mistakes stand, so that a browser can go back.
            answer = self.sender.browser.get(&answer.location).await.ok();
            answer.status = StatusCode::UNPROCESSABLE_ENTITY;
        }
        let short: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (&**n, &**v)).collect();
        let short: String = form(&short).chars().take(300).collect();
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
                if self.who.is_empty() {
                    // A stranger who was let in is one no more.
                    self.sender = Sender::new(self.app, self.who, self.path).await;
                }
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
                let browser = &self.sender.browser;
                let mut next = browser.get(&answer.location).await;
                if next.status == StatusCode::SEE_OTHER {
                    next = browser.get(&next.location).await;
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
                let words = read(&answer.body);
                for (name, value) in fields {
                    let text = |f: &Field| f.kind == Kind::Text && f.name == *name;
                    assert!(
                        !self.fields.iter().any(text)
                            || value.contains('\0')
                            || words.contains(value.as_str()),
                        "{at}: what was typed into {name} is lost"
                    );
                }
            }
            StatusCode::OK | StatusCode::CONFLICT => assert!(answer.body.contains("<h1"), "{at}"),
            // What a page carries along says what the form is about. Somebody who changed it asks for what is not there.
            StatusCode::NOT_FOUND if self.carried_another(fields) => {
                assert!(answer.body.contains("<h1"), "{at}");
            }
            other => panic!("{at}: {other}: {}", answer.body),
        }
    }

    fn carried_another(&self, sent: &[(String, String)]) -> bool {
        let carried = |f: &&Field| f.kind == Kind::Carried;
        self.fields.iter().filter(carried).any(|of| {
            let shown = self.fields.iter().filter(|f| f.name == of.name);
            let sent = sent.iter().filter(|(name, _)| *name == of.name);
            !shown
                .filter_map(|f| f.value.as_ref())
                .eq(sent.map(|(_, value)| value))
        })
    }

    fn with(&self, change: impl Fn(&Field) -> Vec<Option<String>>) -> Vec<(String, String)> {
        self.fields
            .iter()
            .flat_map(|f| change(f).into_iter().flatten().map(|v| (f.name.clone(), v)))
            .collect()
    }

    async fn run(&mut self) {
        for value in values() {
            let all = self.with(|_| vec![Some(value.clone())]);
            self.send("one value everywhere", &all).await;
            let typed = self.with(|f| {
                vec![match f.kind {
                    Kind::Text | Kind::Secret => Some(value.clone()),
                    Kind::Choice | Kind::Carried => f.value.clone(),
                }]
            });
            self.send("one value in every text", &typed).await;
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
    }
}

/// Sends everything to the form at an address. With these answers it can succeed, and it does.
pub async fn sweep(who: &str, path: &'static str, answers: Answers<'_>) {
    let app = TestApp::new().await;
    let mut sweep = Sweep::new(&app, who, path, answers).await;
    sweep.run().await;
    assert!(
        sweep.accepted > 0 || answers.is_empty(),
        "{path}: the answers of this test are not enough for success"
    );
    assert!(
        sweep.accepted + sweep.looked_again > 0,
        "{path}: nothing was ever read: every answer was a conflict"
    );
}
