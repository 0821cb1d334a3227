//! Referring somebody on one short page: by practice staff who are signed in, and what the same page shares with strangers' ones.

use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};

use super::{
    form::{Checked, RedFlagAnswer, ReferralForm},
    red_flags::interrupt_page,
    send::send_referral,
};
use crate::{
    app::App,
    features::{
        organisation::store::{Programme, programmes_for},
        page,
    },
    platform::{
        Error, Result,
        db::{ReadTx, WriteTx},
        drafts,
        web::{Actor, Form, Page, see_other, show, show_again, typed_before},
    },
    rules::{
        Choice,
        field::FieldErrors,
        id::{DraftId, PracticeId, ReferralId},
        organisation::Route,
        permission::{Action, Scope},
        person::Employment,
        referral::{Avoid, Met, RedFlag},
    },
};

const HERE: &str = "/refer";

/// What a page offers: for which programmes, by which routes, and how it speaks to whoever fills it.
#[derive(Debug, Clone)]
pub struct Offer {
    pub action: String,
    pub heading: String,
    pub programmes: Vec<Programme>,
    /// Routes to choose from; one needs no choice.
    pub routes: Vec<Route>,
    /// Whether the sender says who they are: nobody is signed in.
    pub asks_sender: bool,
    /// Whether the sender may be a clinician who can say that red flags are dealt with.
    pub clinician: bool,
}

impl Offer {
    /// The programme and route that were chosen, where there is a choice.
    pub fn chosen(
        &self,
        form: &ReferralForm,
        errors: &mut FieldErrors,
    ) -> Option<(Programme, Route)> {
        let programme = match self.programmes.as_slice() {
            [one] => Some(one),
            several => several
                .iter()
                .find(|p| p.id.to_string() == form.programme.trim()),
        };
        let route = match self.routes.as_slice() {
            [one] => Some(*one),
            several => several
                .iter()
                .copied()
                .find(|r| r.code() == form.route.trim()),
        };
        if programme.is_none() {
            errors.add("programme", "Choose a programme");
        }
        if route.is_none() {
            errors.add("route", "Choose who you are");
        }
        Some((programme?.clone(), route?))
    }
}

#[derive(Template)]
#[template(path = "referral/refer.html")]
pub struct ReferPage {
    page: Page,
    offer: Offer,
    form: ReferralForm,
    errors: FieldErrors,
    draft: DraftId,
    saved_at: Option<String>,
}

impl ReferPage {
    pub fn new(
        page: Page,
        offer: Offer,
        form: ReferralForm,
        errors: FieldErrors,
        draft: DraftId,
    ) -> Self {
        Self {
            page: Page {
                has_errors: !errors.is_empty(),
                ..page
            },
            offer,
            form,
            errors,
            draft,
            saved_at: None,
        }
    }
    fn programmes(&self) -> Vec<(String, String)> {
        let all = self.offer.programmes.iter();
        all.map(|p| (p.id.to_string(), p.name.clone())).collect()
    }
    fn signed_in(&self) -> bool {
        self.page.who.is_some()
    }
    fn amends(&self) -> bool {
        false
    }
    fn more_open(&self) -> bool {
        let form = &self.form;
        ["nhs_number", "job", "employer"]
            .iter()
            .any(|f| self.errors.get(f).is_some())
            || [&form.nhs_number, &form.job, &form.employer]
                .iter()
                .any(|typed| !typed.is_empty())
    }
}

/// What a filled page leads to.
pub enum Outcome {
    Sent(ReferralId),
    Again(FieldErrors),
    Interrupt {
        flags: Vec<RedFlag>,
        what_to_do_now: String,
        errors: FieldErrors,
    },
}

/// Checks a filled page and, where nothing stands in the way, sends the referral. The caller has claimed the draft, and commits after `Sent` only.
pub async fn send_form(
    tx: &mut WriteTx,
    offer: &Offer,
    practice: Option<PracticeId>,
    form: &ReferralForm,
) -> Result<Outcome> {
    let mut errors = FieldErrors::default();
    let chosen = offer.chosen(form, &mut errors);
    let checked = match (form.check(tx.today(), offer.asks_sender, true), chosen) {
        (Ok(checked), Some(chosen)) => Ok((checked, chosen)),
        (Err(more), _) => {
            more.iter().for_each(|(f, s)| errors.add(f, s));
            Err(errors)
        }
        (Ok(_), None) => Err(errors),
    };
    let (checked, (programme, route)): (Checked, _) = match checked {
        Ok(ready) => ready,
        Err(errors) => return Ok(Outcome::Again(errors)),
    };
    match form.red_flag_answer(
        &checked.red_flags,
        offer.clinician && route != Route::Employer,
    ) {
        RedFlagAnswer::Back => Ok(Outcome::Again(FieldErrors::default())),
        RedFlagAnswer::Interrupt(errors) => Ok(Outcome::Interrupt {
            flags: checked.red_flags,
            what_to_do_now: programme.parameters.what_to_do_now,
            errors,
        }),
        RedFlagAnswer::GoOn(confirmed_by) => {
            let new = checked.into_new(tx.new_id(), route, practice, confirmed_by);
            let (id, _) = send_referral(tx, &programme, new).await?;
            Ok(Outcome::Sent(id))
        }
    }
}

/// The same page again, or the interruption: whichever the outcome asks for. Nothing was sent.
pub async fn show_outcome(
    tx: ReadTx,
    page: Page,
    offer: Offer,
    form: ReferralForm,
    draft: DraftId,
    outcome: Outcome,
) -> Result<Response> {
    match outcome {
        Outcome::Sent(_) => Err(Error::internal(
            "a referral that was sent is not shown again",
        )),
        Outcome::Again(errors) => {
            show_again(tx, ReferPage::new(page, offer, form, errors, draft)).await
        }
        Outcome::Interrupt {
            flags,
            what_to_do_now,
            errors,
        } => {
            let clinician = offer.clinician && form.route != Route::Employer.code();
            let mut interrupt = interrupt_page(
                tx.actor(),
                "/refer",
                offer.action,
                flags,
                what_to_do_now,
                form,
                draft,
                errors,
            );
            interrupt.clinician = clinician;
            show_again(tx, interrupt).await
        }
    }
}

fn practice_of(actor: &Actor, action: Action) -> Result<PracticeId> {
    match actor.must(action)?.scope {
        Scope::Practice(practice) => Ok(practice),
        _ => Err(Error::Forbidden),
    }
}

/// What a practice can refer to today.
async fn offer(tx: &mut crate::platform::db::Reader, practice: PracticeId) -> Result<Offer> {
    let mut programmes = programmes_for(tx, practice).await?;
    programmes.retain(|p| p.parameters.routes.contains(&Route::Practice));
    Ok(Offer {
        action: HERE.to_owned(),
        heading: "Refer a patient".to_owned(),
        programmes,
        routes: vec![Route::Practice],
        asks_sender: false,
        clinician: true,
    })
}

pub async fn ask(State(app): State<App>, actor: Actor) -> Result<Response> {
    let practice = practice_of(&actor, Action::ReferPatient)?;
    let mut tx = app.read(&actor).await?;
    let offer = offer(&mut tx, practice).await?;
    let before = typed_before::<ReferralForm>(&mut tx, HERE).await?;
    let form = ReferPage {
        saved_at: before.saved_at,
        ..ReferPage::new(
            page(&actor, "Refer a patient", HERE),
            offer,
            before.form.unwrap_or_default(),
            FieldErrors::default(),
            before.draft,
        )
    };
    show(tx, form).await
}

pub async fn submit(
    State(app): State<App>,
    actor: Actor,
    Form { form, .. }: Form<ReferralForm>,
) -> Result<Response> {
    let practice = practice_of(&actor, Action::ReferPatient)?;
    let mut tx = app.write(&actor).await?;
    let draft = form.draft.unwrap_or_else(|| drafts::new_id(&tx));
    if let Some(first) = drafts::claim(&mut tx, draft, HERE).await? {
        return Ok(see_other(first).into_response());
    }
    let offer = offer(&mut tx, practice).await?;
    match send_form(&mut tx, &offer, Some(practice), &form).await? {
        Outcome::Sent(id) => {
            let sent = format!("/refer/sent/{id}");
            drafts::led_to(&mut tx, draft, &sent).await?;
            tx.commit().await?;
            Ok(see_other(sent).into_response())
        }
        outcome => {
            drop(tx);
            let tx = app.read(&actor).await?;
            let page = page(&actor, "Refer a patient", HERE);
            show_outcome(tx, page, offer, form, draft, outcome).await
        }
    }
}
