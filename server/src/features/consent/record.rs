//! Recording consent: a script to read out on the first call, then each decision on its own with nothing ticked beforehand.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::{
    default_words,
    store::{self, NewDecision, Taken},
};
use crate::{
    app::App,
    features::{
        caseload::store::{self as cases, Case, For},
        message,
        organisation::store::{self as organisation, Wording},
        page, person, portal,
    },
    platform::{
        Result,
        audit::Entry,
        clock::{day_of, instant},
        db::{ReadTx, WriteTx},
        drafts,
        web::{Actor, Form, Page, said_date, said_day, see_other, show, show_again, typed_before},
    },
    rules::{
        Choice,
        caseload::{Status, must_be_open},
        consent::{Decision, Kind, Mode, Record, agrees, in_force, may_support, still_to_tell},
        day::{age, optional_date, read_time},
        event::Event,
        field::{self, FieldErrors},
        id::{CaseId, DraftId},
        message::Says,
        permission::Action,
    },
};

/// What the page sends: every field as typed. Each decision's field has the code of its kind.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct ConsentForm {
    draft: Option<DraftId>,
    /// The ids of the wordings that stood on the page.
    read_out: String,
    checked_who: String,
    safe_to_talk: String,
    mode: String,
    privacy_notice: String,
    limits: String,
    take_part: String,
    contact: String,
    research: String,
    share_gp: String,
    share_employer: String,
    three_way: String,
    note: String,
    answered_day: String,
    answered_month: String,
    answered_year: String,
    answered_time: String,
    #[serde(flatten)]
    messages: message::ChoicesForm,
}

/// Decisions to be recorded, checked.
#[derive(Debug, Clone)]
pub struct NewConsent {
    pub mode: Mode,
    /// Each kind at most once; never a withdrawal.
    pub answers: Vec<(Kind, Decision)>,
    pub note: Option<String>,
    /// When they decided, where that is written down later.
    pub at: Option<DateTime<Utc>>,
}

/// The furthest back that an answer is written down from, in days.
const WRITTEN_WITHIN_DAYS: i64 = 31;

impl ConsentForm {
    fn answer(&self, kind: Kind) -> &str {
        match kind {
            Kind::PrivacyNotice => &self.privacy_notice,
            Kind::Limits => &self.limits,
            Kind::TakePart => &self.take_part,
            Kind::Contact => &self.contact,
            Kind::Research => &self.research,
            Kind::ShareWithGp => &self.share_gp,
            Kind::ShareWithEmployer => &self.share_employer,
            Kind::ThreeWay => &self.three_way,
        }
    }

    /// Checks the answers against what was decided before. `shown` are the ids of the wordings as they are now.
    fn check(
        &self,
        records: &[Record],
        shown: &str,
        now: DateTime<Utc>,
    ) -> Result<NewConsent, FieldErrors> {
        let mut errors = FieldErrors::default();
        if self.checked_who != "yes" {
            errors.add(
                "checked_who",
                "Check who you are talking to, then tick that you have",
            );
        }
        let mode: Option<Mode> = errors.take(
            "mode",
            field::choice(&self.mode, "Choose how they answered"),
        );
        match (mode, self.safe_to_talk.as_str()) {
            (_, "no") => errors.add(
                "safe_to_talk",
                "It is not safe to talk now. Stop here and agree another time.",
            ),
            (Some(Mode::Spoken), answer) if answer != "yes" => {
                errors.add("safe_to_talk", "Ask if it is safe to talk now")
            }
            _ => {}
        }
        let mut answers = vec![];
        for &kind in Kind::ALL {
            match self.answer(kind) {
                "" => {}
                "yes" => answers.push((kind, Decision::Given)),
                "no" if !kind.is_told() => answers.push((kind, Decision::Refused)),
                _ => errors.add(kind.code(), "Choose one of the answers shown"),
            }
        }
        if answers.is_empty() {
            errors.add(
                Kind::TakePart.code(),
                "Record at least one answer. You can leave the others for another time.",
            );
        }
        if answers.contains(&(Kind::TakePart, Decision::Given))
            && let Some(kind) = still_to_tell(records, &answers)
        {
            errors.add(
                kind.code(),
                "Tell them this first, then ask if they want to take part",
            );
        }
        if !self.read_out.is_empty() && self.read_out != shown {
            errors.add(
                Kind::PrivacyNotice.code(),
                "The wording changed while you had this open. Read out the words as they are now.",
            );
        }
        let note = errors
            .take("note", field::optional_text(&self.note))
            .flatten();
        let at = errors
            .take("answered", self.answered(now, records, &answers))
            .flatten();
        errors.into_result().map(|()| NewConsent {
            mode: mode.unwrap_or(Mode::Spoken),
            answers,
            note,
            at,
        })
    }

    /// When they answered: now, unless something else was typed. Never in the future, and never before what they decided last.
    fn answered(
        &self,
        now: DateTime<Utc>,
        records: &[Record],
        answers: &[(Kind, Decision)],
    ) -> Result<Option<DateTime<Utc>>, String> {
        let today = day_of(now);
        let day = optional_date(
            &self.answered_day,
            &self.answered_month,
            &self.answered_year,
        )?;
        let at = match (day, self.answered_time.trim()) {
            (None, "") => return Ok(None),
            (Some(day), "") if day == today => return Ok(None),
            (Some(_), "") => return Err("Enter a time as well as a date".to_owned()),
            (day, time) => instant(day.unwrap_or(today), read_time(time)?),
        };
        // A "no" also ends what stands on it.
        let decided = |kind: Kind| {
            answers.iter().any(|(answered, decision)| {
                *answered == kind
                    || *decision != Decision::Given && answered.takes_with_it().contains(&kind)
            })
        };
        let newer = records.iter().any(|r| r.at > at && decided(r.kind));
        if at > now {
            Err("They cannot have answered in the future".to_owned())
        } else if (now - at).num_days() > WRITTEN_WITHIN_DAYS {
            Err(format!(
                "Enter a time in the last {WRITTEN_WITHIN_DAYS} days"
            ))
        } else if newer {
            Err("They decided about this after that time. Check the day and the time".to_owned())
        } else {
            Ok(Some(at))
        }
    }
}

/// One thing to read out, and what can be answered.
struct Ask {
    kind: Kind,
    words: String,
    question: &'static str,
    chosen: String,
}

/// An answer to choose.
struct Answer {
    code: &'static str,
    label: &'static str,
}

impl Answer {
    fn code(&self) -> &'static str {
        self.code
    }
    fn label(&self) -> &'static str {
        self.label
    }
}

const YES_NO: &[Answer] = &[
    Answer {
        code: "yes",
        label: "Yes",
    },
    Answer {
        code: "no",
        label: "No",
    },
];

/// What is in force for one kind, as people say it.
struct InForce {
    kind: Kind,
    words: String,
    can_be_withdrawn: bool,
}

#[derive(Template)]
#[template(path = "consent/record.html")]
struct ConsentPage {
    page: Page,
    case: Case,
    form: ConsentForm,
    errors: FieldErrors,
    draft: DraftId,
    saved_at: Option<String>,
    born: Option<String>,
    known_as: Option<String>,
    before_you_call: Vec<String>,
    reach: Vec<(&'static str, String)>,
    read_out: String,
    told: Vec<Ask>,
    asked: Vec<Ask>,
    now: Vec<InForce>,
    history: Vec<(String, Taken)>,
    open: bool,
    /// They said no to taking part, or no longer want to.
    stopped: Option<Decision>,
    supported: bool,
    /// They have a word for their own pages.
    has_word: bool,
    /// How messages may come, as it was chosen last.
    messages: Option<message::Choices>,
}

impl ConsentPage {
    fn says(&self) -> &'static [Says] {
        Says::ALL
    }
    fn yes_no(&self) -> &'static [Answer] {
        YES_NO
    }
    fn modes(&self) -> &'static [Mode] {
        Mode::ALL
    }
}

/// The question behind each kind, short enough to stand over its answers.
fn question(kind: Kind) -> &'static str {
    match kind {
        Kind::PrivacyNotice => "I gave the privacy notice",
        Kind::Limits => "I told them the limits of confidentiality",
        Kind::TakePart => "Do they want to take part?",
        Kind::Contact => "Do they agree to be contacted like this?",
        Kind::Research => "May they be asked about research?",
        Kind::ShareWithGp => "May you share how it is going with their GP practice?",
        Kind::ShareWithEmployer => "May you speak with their employer?",
        Kind::ThreeWay => "May you talk together with them and their employer, all three of you?",
    }
}

/// The wordings that stand on the page, as one text to compare.
fn ids(wordings: &[Wording]) -> String {
    let ids: Vec<String> = wordings.iter().map(|w| w.id.to_string()).collect();
    ids.join(",")
}

/// "Friday 20 November 2026; they should be 42."
fn said_birth(born_on: NaiveDate, today: NaiveDate) -> String {
    let day = said_date(born_on);
    match age(born_on, today) {
        Some(years) => format!("{day} ({years} years old)"),
        None => day,
    }
}

async fn consent_page(
    tx: &mut ReadTx,
    case: Case,
    form: ConsentForm,
    errors: FieldErrors,
    draft: DraftId,
    saved_at: Option<String>,
) -> Result<ConsentPage> {
    let today = tx.today();
    let records = store::records(tx, case.id).await?;
    let programme = organisation::programme(tx, case.programme_id).await?;
    let wordings = organisation::wordings(tx, case.programme_id).await?;
    let person = person::person_of(tx, case.person_id).await?;
    let shown = person::shown(tx, case.person_id).await?;
    let words = |kind| {
        wordings.iter().find(|w| w.kind == kind).map_or_else(
            || default_words(kind, programme.parameters.employed_by).to_owned(),
            |w| w.words.clone(),
        )
    };
    let (told, asked) = Kind::ALL
        .iter()
        .map(|&kind| Ask {
            kind,
            words: words(kind),
            question: question(kind),
            chosen: form.answer(kind).to_owned(),
        })
        .partition(|ask| ask.kind.is_told());
    let now = Kind::ALL
        .iter()
        .map(|&kind| InForce {
            kind,
            words: said_in_force(&records, kind, today),
            can_be_withdrawn: !kind.is_told() && agrees(&records, kind),
        })
        .collect();
    let history = store::history(tx, case.id)
        .await?
        .into_iter()
        .map(|taken| (said_day(day_of(taken.at), today), taken))
        .collect();
    Ok(ConsentPage {
        page: Page {
            has_errors: !errors.is_empty(),
            ..page(
                tx.actor(),
                format!("Consent: {}", case.person_name),
                "/people",
            )
        },
        born: person.born_on.map(|born| said_birth(born, today)),
        known_as: person.known_as,
        before_you_call: shown.before_you_call,
        reach: shown
            .reach
            .into_iter()
            .filter(|(label, _)| {
                matches!(
                    *label,
                    "Telephone" | "Email" | "Address" | "Likes to be reached by" | "Language"
                )
            })
            .collect(),
        read_out: ids(&wordings),
        told,
        asked,
        now,
        history,
        open: case.status != Status::Closed,
        stopped: in_force(&records, Kind::TakePart).filter(|d| *d != Decision::Given),
        supported: may_support(&records),
        has_word: portal::has_word(tx, case.person_id).await?,
        messages: message::chosen(tx, case.person_id)
            .await?
            .map(|(choices, _)| choices),
        case,
        form,
        errors,
        draft,
        saved_at,
    })
}

fn said_in_force(records: &[Record], kind: Kind, today: NaiveDate) -> String {
    let newest = records
        .iter()
        .filter(|r| r.kind == kind)
        .map(|r| r.at)
        .max();
    let since = newest.map_or(String::new(), |at| {
        format!(", {}", said_day(day_of(at), today))
    });
    match (in_force(records, kind), kind.is_told()) {
        (Some(Decision::Given), true) => format!("Yes{since}"),
        (Some(decision), _) => format!("{}{since}", decision.label()),
        (None, true) => "Not yet".to_owned(),
        (None, false) => "Not asked yet, so no".to_owned(),
    }
}

pub async fn ask(State(app): State<App>, actor: Actor, Path(id): Path<CaseId>) -> Result<Response> {
    let mut tx = app.read(&actor).await?;
    let case = cases::find_for(&mut tx, Action::RecordConsent, id, None).await?;
    let before = typed_before::<ConsentForm>(&mut tx, &format!("/cases/{id}/consent")).await?;
    tx.viewed(Entry::of(Event::CaseViewed).case(id).person(case.person_id));
    let page = consent_page(
        &mut tx,
        case.clone(),
        before.form.unwrap_or_default(),
        FieldErrors::default(),
        before.draft,
        before.saved_at,
    )
    .await?;
    show(tx, page).await
}

pub async fn submit(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<CaseId>,
    Form { form, .. }: Form<ConsentForm>,
) -> Result<Response> {
    let here = format!("/cases/{id}/consent");
    let mut tx = app.write(&actor).await?;
    let draft = form.draft.unwrap_or_else(|| drafts::new_id(&tx));
    if let Some(first) = drafts::claim(&mut tx, draft, &here).await? {
        return Ok(see_other(first).into_response());
    }
    let case = cases::find_for(&mut tx, Action::RecordConsent, id, None).await?;
    let records = store::records(&mut tx, id).await?;
    let wordings = organisation::wordings(&mut tx, case.programme_id).await?;
    let now = message::chosen(&mut tx, case.person_id)
        .await?
        .map(|(choices, _)| choices);
    let checked = match (
        form.check(&records, &ids(&wordings), tx.now()),
        form.messages.check(now.unwrap_or_default()),
    ) {
        (Ok(new), Ok(messages)) => Ok((new, messages)),
        (Err(errors), Ok(_)) | (Ok(_), Err(errors)) => Err(errors),
        (Err(mut errors), Err(more)) => {
            for (name, sentence) in more.iter() {
                errors.add(name, sentence);
            }
            Err(errors)
        }
    };
    match checked {
        Ok((new, messages)) => {
            // Who wants to go on goes on to the case; whoever said no is told what comes next.
            let refused = new.answers.contains(&(Kind::TakePart, Decision::Refused));
            let next = if refused {
                here
            } else {
                format!("/cases/{id}")
            };
            record_consent(&mut tx, &case, new).await?;
            if let Some(messages) = messages {
                message::choose(&mut tx, id, case.person_id, &messages).await?;
            }
            drafts::led_to(&mut tx, draft, &next).await?;
            tx.commit().await?;
            Ok(see_other(next)
                .with_notice("Consent recorded")
                .into_response())
        }
        Err(errors) => {
            drop(tx);
            let mut tx = app.read(&actor).await?;
            tx.viewed(Entry::of(Event::CaseViewed).case(id).person(case.person_id));
            let page = consent_page(&mut tx, case.clone(), form, errors, draft, None).await?;
            show_again(tx, page).await
        }
    }
}

/// The answers, and the end of whatever was agreed to and stands on something that is now refused.
fn with_what_ends(records: &[Record], answers: &[(Kind, Decision)]) -> Vec<(Kind, Decision)> {
    let refused = answers.iter().filter(|(_, d)| *d == Decision::Refused);
    let ends = refused
        .flat_map(|(kind, _)| kind.takes_with_it())
        .filter(|kind| agrees(records, **kind) && answers.iter().all(|(k, _)| k != *kind))
        .map(|kind| (*kind, Decision::Withdrawn));
    let mut all = answers.to_vec();
    for end in ends {
        if !all.contains(&end) {
            all.push(end);
        }
    }
    all
}

/// Records what a person decided, each decision with the wording as it is now, for whoever this transaction acts for.
pub async fn record_consent(tx: &mut WriteTx, case: &For<Case>, new: NewConsent) -> Result<()> {
    must_be_open(case.status)?;
    let taken_by = tx.actor().author_of(case.id)?;
    let wordings = match new.at {
        Some(at) => organisation::wordings_at(tx, case.programme_id, at).await?,
        None => organisation::wordings(tx, case.programme_id).await?,
    };
    let answers = with_what_ends(&store::records(tx, case.id).await?, &new.answers);
    for &(kind, decision) in &answers {
        let decision = NewDecision {
            kind,
            decision,
            mode: new.mode,
            wording: wordings.iter().find(|w| w.kind == kind).map(|w| w.id),
            note: new.note.as_deref(),
            taken_by,
            at: new.at,
        };
        store::insert(tx, case, decision).await?;
    }
    let kinds: Vec<&'static str> = answers.iter().map(|(kind, _)| kind.code()).collect();
    tx.record(
        Entry::of(Event::ConsentRecorded)
            .case(case.id)
            .person(case.person_id)
            .fields(&kinds)
            .detail(&answers),
    )
    .await
}
