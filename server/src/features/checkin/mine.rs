//! Check-ins on a person's own pages, in everyday words: days off, how things are, and how it was.

use std::ops::ControlFlow;

use askama::Template;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Response},
};

use super::{
    answer::{Given, answer_days_off},
    heard::look_for_worry,
    how::{Way, pressure_told, tell_how_it_was, tell_how_things_are},
    mine_form::{MineForm, Told},
    store::{self, Checkin},
    story::in_words as answer_in_words,
};
use crate::{
    app::App,
    features::{
        caseload::store::{self as cases, Case},
        portal::{Begun, Me, ON_OWN_PAGES, begin, in_words, must_go_on, name_of_account, typed},
    },
    platform::{
        Result,
        db::Reader,
        messages::said,
        web::{Form, Page, said_date, see_other, show, show_again},
    },
    rules::{
        Choice,
        checkin::{Experience, Kind, Mode, Pushed},
        field::FieldErrors,
        id::{CaseId, CheckinId, DraftId},
    },
};

const ONLINE: Way<'_> = (Mode::Online, "They changed it on their own pages");

/// A question that waits for a person's answer, for their own first page.
#[derive(Debug)]
pub struct ToAnswer {
    pub href: String,
    pub title: &'static str,
}

fn title(kind: Kind) -> &'static str {
    match kind {
        Kind::DaysOff => said("own_checkin.title"),
        Kind::HowThingsAre => said("own_how.title"),
        Kind::Afterwards => said("own_afterwards.title"),
    }
}

/// What waits for an answer. Once the support has ended, only how it was does.
pub async fn to_answer(tx: &mut Reader, case: CaseId, ended: bool) -> Result<Vec<ToAnswer>> {
    let open = store::open_of(tx, case).await?;
    Ok(open
        .into_iter()
        .filter(|checkin| ended == (checkin.kind == Kind::Afterwards))
        .map(|checkin| ToAnswer {
            href: format!("/me/checkins/{}", checkin.id),
            title: title(checkin.kind),
        })
        .collect())
}

/// An answer to choose, with words from the message file.
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

#[derive(Template)]
#[template(path = "checkin/mine.html")]
struct MinePage {
    page: Page,
    checkin: Checkin,
    from: String,
    until: String,
    /// Their answer until now, in short.
    before: Option<String>,
    /// They said before that they felt pushed: on which day.
    pushed_on: Option<String>,
    worker: Option<String>,
    form: MineForm,
    errors: FieldErrors,
    draft: DraftId,
    /// What was typed here before and not sent.
    given_back: bool,
}
in_words!(MinePage);

impl MinePage {
    fn felt(&self) -> Vec<Answer> {
        Pushed::ALL
            .iter()
            .map(|felt| Answer {
                code: felt.code(),
                label: said(match felt {
                    Pushed::No => "own_how.no",
                    Pushed::ALittle => "own_how.a_little",
                    Pushed::Yes => "own_how.yes",
                }),
            })
            .collect()
    }
    fn may_see(&self) -> Vec<Answer> {
        [("no", "own_how.no"), ("yes", "own_how.yes")]
            .map(|(code, key)| Answer {
                code,
                label: said(key),
            })
            .into()
    }
    fn experiences(&self) -> Vec<Answer> {
        Experience::ALL
            .iter()
            .map(|experience| Answer {
                code: experience.code(),
                label: said(match experience {
                    Experience::VeryGood => "own_afterwards.very_good",
                    Experience::Good => "own_afterwards.good",
                    Experience::Neither => "own_afterwards.neither",
                    Experience::Poor => "own_afterwards.poor",
                    Experience::VeryPoor => "own_afterwards.very_poor",
                    Experience::DontKnow => "own_afterwards.dont_know",
                }),
            })
            .collect()
    }
    fn may_see_title(&self) -> String {
        let worker = self.worker.as_deref().unwrap_or_default();
        said("own_how.may_see").replace("{worker}", worker)
    }
    fn who_reads(&self) -> String {
        match &self.worker {
            Some(worker) => said("own_how.pushed_hint").replace("{worker}", worker),
            None => said("own_how.pushed_hint_no_worker").to_owned(),
        }
    }
    fn pushed_told(&self) -> Option<String> {
        let day = self.pushed_on.as_ref()?;
        Some(said("own_how.pushed_told").replace("{day}", day))
    }
}

/// The support goes on, or it is asked how it was.
fn may_answer(case: &Case, checkin: &Checkin) -> Result<()> {
    if checkin.kind == Kind::Afterwards {
        Ok(())
    } else {
        must_go_on(case)
    }
}

async fn mine_page(
    app: &App,
    me: &Me,
    id: CheckinId,
    form: Option<MineForm>,
    errors: FieldErrors,
    draft: Option<DraftId>,
) -> Result<Response> {
    let mut tx = app.read(&me.actor).await?;
    let case = cases::find_own(&mut tx).await?;
    let checkin = store::find(&mut tx, case.id, id).await?;
    may_answer(&case, &checkin)?;
    tx.viewed(me.viewed());
    let again = !errors.is_empty();
    let (kept, typed) = typed(&mut tx, me, &format!("/me/checkins/{id}")).await?;
    let given_back = form.is_none() && typed.is_some();
    let form = form.or(typed).unwrap_or_default();
    let worker = match case.worker_id {
        Some(worker) => name_of_account(&mut tx, worker).await?,
        None => None,
    };
    let pushed = pressure_told(&mut tx, checkin.id).await?;
    let shown = MinePage {
        page: Page {
            has_errors: again,
            ..me.page(title(checkin.kind))
        },
        from: said_date(checkin.from),
        until: said_date(checkin.until),
        before: checkin.answer().map(|answer| {
            if checkin.kind == Kind::DaysOff {
                crate::platform::web::quoted(&answer.raw)
            } else {
                answer_in_words(&checkin, answer)
            }
        }),
        pushed_on: pushed
            .filter(|(felt, _)| *felt != Pushed::No)
            .map(|(_, at)| said_date(crate::platform::clock::day_of(at))),
        worker,
        checkin,
        form,
        errors,
        draft: draft.unwrap_or(kept),
        given_back,
    };
    if again {
        show_again(tx, shown).await
    } else {
        show(tx, shown).await
    }
}

pub async fn ask(State(app): State<App>, me: Me, Path(id): Path<CheckinId>) -> Result<Response> {
    mine_page(&app, &me, id, None, FieldErrors::default(), None).await
}

pub async fn submit(
    State(app): State<App>,
    me: Me,
    Path(id): Path<CheckinId>,
    Form { form, .. }: Form<MineForm>,
) -> Result<Response> {
    let Begun {
        mut tx,
        case,
        draft,
    } = match begin(&app, &me, form.draft, "/me").await? {
        ControlFlow::Continue(begun) => begun,
        ControlFlow::Break(answer) => return Ok(answer),
    };
    let checkin = store::find(&mut tx, case.id, id).await?;
    may_answer(&case, &checkin)?;
    let told = match form.check(&checkin) {
        Ok(told) => told,
        Err(errors) => {
            // Whoever writes words in place of a number may need somebody now.
            let worrying = checkin.kind == Kind::DaysOff
                && look_for_worry(&mut tx, &case, &form.days_off, ON_OWN_PAGES).await?;
            let draft = if worrying {
                // This draft is used up with the concern.
                tx.commit().await?;
                None
            } else {
                drop(tx);
                Some(draft)
            };
            return mine_page(&app, &me, id, Some(form), errors, draft).await;
        }
    };
    match told {
        Told::DaysOff(raw) => {
            let given = Given {
                raw: &raw,
                mode: ONLINE.0,
                at: tx.now(),
                reason: ONLINE.1,
            };
            answer_days_off(&mut tx, &case, &checkin, given).await?;
        }
        Told::HowThingsAre(mut how) => {
            // What was said of it once stands: it is with the mentor.
            let before = pressure_told(&mut tx, checkin.id).await?;
            if before.is_some_and(|(felt, _)| felt != Pushed::No) {
                how.pushed = None;
            }
            tell_how_things_are(&mut tx, &case, &checkin, how, ONLINE).await?;
        }
        Told::Afterwards(experience, words) => {
            tell_how_it_was(&mut tx, &case, &checkin, (experience, words), ONLINE).await?;
        }
    }
    tx.commit().await?;
    let notice = match checkin.kind {
        Kind::DaysOff => said("own_checkin.saved"),
        Kind::HowThingsAre | Kind::Afterwards => said("own_how.saved"),
    };
    Ok(see_other("/me").with_notice(notice).into_response())
}
