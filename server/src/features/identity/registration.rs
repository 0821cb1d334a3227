//! A professional's registration, checked and recorded by an administrator: with the number, and the last day on which it holds.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};

use super::store::{self, StoredAccount};
use crate::{
    app::App,
    features::page,
    platform::{
        Error, Result,
        audit::Entry,
        clock::day_of,
        db::{ReadTx, Reader, Row, Sql, WriteTx, sql},
        drafts,
        web::{Actor, Form, Page, see_other, short_date, show, show_again, typed_before},
    },
    rules::{
        day::optional_date,
        event::Event,
        field::{self, FieldErrors},
        id::{AccountId, DraftId, RegistrationId},
        permission::Action,
        registration::{HcpcNumber, Registration},
    },
};

/// A registration as it was recorded, and by whom.
struct Recorded {
    id: RegistrationId,
    registration: Registration,
    said: String,
}

const REGISTRATION: &str = "SELECT r.id, r.number, r.valid_until_on, r.recorded_at, r.ended_at, r.ended_reason, a.name AS recorded_by \
                            FROM registrations r JOIN accounts a ON a.id = r.recorded_by WHERE r.account_id = ?";

fn read(row: &Row) -> Result<Recorded> {
    let number: String = row.get("number")?;
    let ended = row.optional("ended_at")?;
    let mut said = format!(
        "Recorded by {} on {}",
        row.get::<String>("recorded_by")?,
        short_date(day_of(row.get("recorded_at")?))
    );
    if let Some(at) = ended {
        said.push_str(&format!(
            ", ended on {}: {}",
            short_date(day_of(at)),
            row.optional::<String>("ended_reason")?.unwrap_or_default()
        ));
    }
    Ok(Recorded {
        id: row.get("id")?,
        registration: Registration {
            number: HcpcNumber::read(&number).map_err(Error::internal)?,
            valid_until_on: row.get("valid_until_on")?,
            ended: ended.is_some(),
        },
        said,
    })
}

/// Every registration of an account, newest first, at most 50.
async fn recorded(tx: &mut Reader, account: AccountId) -> Result<Vec<Recorded>> {
    let rows = tx
        .all(
            sql(REGISTRATION)
                .bind(account)
                .and(" ORDER BY r.recorded_at DESC, r.id DESC LIMIT 50"),
        )
        .await?;
    rows.iter().map(read).collect()
}

/// The registration of whoever this transaction acts for, as it was recorded last. It may have run out: see [`Registration::is_current`].
pub async fn registration_of_actor(tx: &mut Reader) -> Result<Option<Registration>> {
    match tx.actor().account_id() {
        Some(account) => registration_of(tx, account).await,
        None => Ok(None),
    }
}

/// The same of an account.
pub async fn registration_of(tx: &mut Reader, account: AccountId) -> Result<Option<Registration>> {
    let all = recorded(tx, account).await?;
    Ok(all.into_iter().next().map(|r| r.registration))
}

/// The work email of whoever acts, for a document that names how they are reached.
pub async fn email_of_actor(tx: &mut Reader) -> Result<Option<String>> {
    match tx.actor().account_id() {
        Some(account) => store::email_in_use(tx, account).await,
        None => Ok(None),
    }
}

/// What the page sends. There is no version in it: recording adds, and the newest stands.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct RegistrationForm {
    draft: Option<DraftId>,
    number: String,
    until_day: String,
    until_month: String,
    until_year: String,
    /// `end` where the registration is ended instead.
    act: String,
    reason: String,
}

/// What the page asks for, checked.
enum Asked {
    Record(HcpcNumber, NaiveDate),
    End(String),
}

impl RegistrationForm {
    fn check(&self, today: NaiveDate) -> Result<Asked, FieldErrors> {
        let mut errors = FieldErrors::default();
        if self.act == "end" {
            return field::line(&self.reason, "Write why it ends, in a few words")
                .map(Asked::End)
                .map_err(|sentence| FieldErrors::one("reason", sentence));
        }
        let number = errors.take(
            "number",
            HcpcNumber::read(&self.number).map_err(str::to_owned),
        );
        let until = errors.take("until", self.until(today));
        number
            .zip(until)
            .map(|(number, until)| Asked::Record(number, until))
            .ok_or(errors)
    }

    /// Registrations are renewed every two years (HCPC), so a day further off than three years is a slip.
    fn until(&self, today: NaiveDate) -> Result<NaiveDate, String> {
        let until = optional_date(&self.until_day, &self.until_month, &self.until_year)?
            .ok_or("Enter the last day of the registration, as the Register shows it")?;
        if until < today {
            Err("This registration has run out. Record it once it is renewed".to_owned())
        } else if until.year() > today.year() + 3 {
            Err("The last day must be within three years".to_owned())
        } else {
            Ok(until)
        }
    }
}

#[derive(Template)]
#[template(path = "identity/registration.html")]
struct RegistrationPage {
    page: Page,
    account: StoredAccount,
    /// The one that stands, unless it was ended.
    now: Option<(HcpcNumber, String, bool)>,
    all: Vec<(String, String)>,
    form: RegistrationForm,
    errors: FieldErrors,
    draft: DraftId,
    saved_at: Option<String>,
}

type Typed = (RegistrationForm, FieldErrors, DraftId, Option<String>);

async fn registration_page(
    tx: &mut ReadTx,
    account: StoredAccount,
    (form, errors, draft, saved_at): Typed,
) -> Result<RegistrationPage> {
    let today = tx.today();
    let all = recorded(tx, account.id).await?;
    let now = all.first().filter(|r| !r.registration.ended).map(|r| {
        (
            r.registration.number.clone(),
            short_date(r.registration.valid_until_on),
            r.registration.is_current(today),
        )
    });
    Ok(RegistrationPage {
        page: Page {
            has_errors: !errors.is_empty(),
            ..page(
                tx.actor(),
                format!("Registration: {}", account.name),
                "/accounts",
            )
        },
        account,
        now,
        all: all
            .into_iter()
            .map(|r| {
                let until = short_date(r.registration.valid_until_on);
                (
                    format!("{}, until {until}", r.registration.number.as_str()),
                    r.said,
                )
            })
            .collect(),
        form,
        errors,
        draft,
        saved_at,
    })
}

pub async fn ask(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<AccountId>,
) -> Result<Response> {
    actor.must(Action::KeepAccounts)?;
    let mut tx = app.read(&actor).await?;
    let account = store::by_id(&mut tx, id).await?;
    let typed =
        typed_before::<RegistrationForm>(&mut tx, &format!("/accounts/{id}/registration")).await?;
    let typed = (
        typed.form.unwrap_or_default(),
        FieldErrors::default(),
        typed.draft,
        typed.saved_at,
    );
    let page = registration_page(&mut tx, account, typed).await?;
    show(tx, page).await
}

pub async fn submit(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<AccountId>,
    Form { form, .. }: Form<RegistrationForm>,
) -> Result<Response> {
    actor.must(Action::KeepAccounts)?;
    let here = format!("/accounts/{id}/registration");
    let mut tx = app.write(&actor).await?;
    let draft = form.draft.unwrap_or_else(|| drafts::new_id(&tx));
    if let Some(first) = drafts::claim(&mut tx, draft, &here).await? {
        return Ok(see_other(first).into_response());
    }
    let account = store::by_id(&mut tx, id).await?;
    match form.check(tx.today()) {
        Ok(asked) => {
            let notice = match asked {
                Asked::Record(number, until) => {
                    record_registration(&mut tx, id, &number, until).await?;
                    "Registration recorded"
                }
                Asked::End(reason) => {
                    end_registration(&mut tx, id, &reason).await?;
                    "Registration ended"
                }
            };
            tx.commit().await?;
            Ok(see_other(here).with_notice(notice).into_response())
        }
        Err(errors) => {
            drop(tx);
            let mut tx = app.read(&actor).await?;
            let page = registration_page(&mut tx, account, (form, errors, draft, None)).await?;
            show_again(tx, page).await
        }
    }
}

/// Records a registration that was looked up in the Register. The newest one of an account stands.
pub async fn record_registration(
    tx: &mut WriteTx,
    account: AccountId,
    number: &HcpcNumber,
    valid_until_on: NaiveDate,
) -> Result<RegistrationId> {
    let by = tx.actor().account_id().ok_or(Error::SignInNeeded)?;
    let (id, now): (RegistrationId, _) = (tx.new_id(), tx.now());
    tx.change(Sql::insert(
        "registrations",
        [
            ("id", id.into()),
            ("account_id", account.into()),
            ("number", number.as_str().into()),
            ("valid_until_on", valid_until_on.into()),
            ("recorded_by", by.into()),
            ("recorded_at", now.into()),
        ],
    ))
    .await?;
    tx.record(
        Entry::of(Event::RegistrationRecorded)
            .subject(account)
            .fields(&["number", "valid_until_on"]),
    )
    .await?;
    Ok(id)
}

/// Ends the registration that stands, before its time. Refused where none does.
pub async fn end_registration(tx: &mut WriteTx, account: AccountId, reason: &str) -> Result<()> {
    let by = tx.actor().account_id().ok_or(Error::SignInNeeded)?;
    let now = tx.now();
    let newest = recorded(tx, account).await?.into_iter().next();
    let standing = newest.filter(|r| !r.registration.ended);
    let none = || {
        Error::refused(
            "no_registration",
            "No registration stands here: it was ended already.",
        )
    };
    let id = standing.ok_or_else(none)?.id;
    tx.change_one(
        sql("UPDATE registrations SET ended_by = ?, ended_at = ?, ended_reason = ? WHERE id = ? AND ended_at IS NULL")
            .bind(by)
            .bind(now)
            .bind(reason)
            .bind(id),
    )
    .await?;
    tx.record(Entry::of(Event::RegistrationEnded).subject(account))
        .await
}
