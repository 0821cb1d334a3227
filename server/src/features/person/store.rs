//! SQL of persons.

use chrono::NaiveDate;

use crate::{
    platform::{
        Error, Result,
        db::{Reader, Row, Sql, WriteTx, sql},
    },
    rules::{
        Choice,
        id::{EmployerId, PersonId},
        nhs_number::NhsNumber,
        person::{Employment, Likeness, PreferredWay, SafeContact, folded},
    },
};

/// Everything known of who someone is.
#[derive(Debug, Clone)]
pub struct Person {
    pub id: PersonId,
    /// Whole, as the person gives it.
    pub name: String,
    pub known_as: Option<String>,
    pub born_on: Option<NaiveDate>,
    pub nhs_number: Option<NhsNumber>,
    pub phone: Option<String>,
    pub email: Option<String>,
    pub address: Option<String>,
    pub postcode: Option<String>,
    pub preferred_way: Option<PreferredWay>,
    pub preferred_time: Option<String>,
    pub safe: SafeContact,
    pub language: Option<String>,
    pub interpreter: bool,
    pub access_needs: Option<String>,
    pub employment: Employment,
    pub job: Option<String>,
    pub employer_id: Option<EmployerId>,
    /// The employer's name, for showing; `employer_id` is what is kept.
    pub employer: Option<String>,
    /// As the person says it: "Mon, Tue, alternate Sat".
    pub days_a_week: Option<String>,
    /// 0 to 100.
    pub hours_a_week: Option<i64>,
    pub version: i64,
}

impl Person {
    /// Somebody of whom only the name is known. Nothing about reaching them is safe until they are asked.
    pub fn new(id: PersonId, name: String) -> Self {
        Self {
            id,
            name,
            known_as: None,
            born_on: None,
            nhs_number: None,
            phone: None,
            email: None,
            address: None,
            postcode: None,
            preferred_way: None,
            preferred_time: None,
            safe: SafeContact::default(),
            language: None,
            interpreter: false,
            access_needs: None,
            employment: Employment::NotKnown,
            job: None,
            employer_id: None,
            employer: None,
            days_a_week: None,
            hours_a_week: None,
            version: 1,
        }
    }

    /// What to know before dialling, who else is there first.
    pub fn before_you_call(&self) -> Vec<String> {
        let who_else = self
            .safe
            .who_else
            .as_ref()
            .map(|who| format!("Who else is there: {who}"));
        who_else
            .into_iter()
            .chain(self.safe.before_you_call().into_iter().map(str::to_owned))
            .collect()
    }
}

/// The columns that [`read`] reads, of `persons p LEFT JOIN employers e`.
pub const COLUMNS: &str = "p.*, e.name AS employer";

/// A person by id. The caller has been let through to a case or referral of theirs.
pub async fn person_of(tx: &mut Reader, id: PersonId) -> Result<Person> {
    let one = sql("SELECT ")
        .and(COLUMNS)
        .and(" FROM persons p LEFT JOIN employers e ON e.id = p.employer_id WHERE p.id = ?")
        .bind(id)
        .join(tx.for_change("p"));
    let row = tx.maybe(one).await?;
    read(&row.ok_or(Error::NotFound)?)
}

/// The day of birth, where it is known. It takes no turn at the person's row.
pub async fn born_on(tx: &mut Reader, id: PersonId) -> Result<Option<NaiveDate>> {
    tx.one(sql("SELECT born_on FROM persons WHERE id = ?").bind(id))
        .await?
        .optional("born_on")
}

pub fn read(row: &Row) -> Result<Person> {
    let nhs_number: Option<String> = row.optional("nhs_number")?;
    Ok(Person {
        id: row.get("id")?,
        name: row.get("name")?,
        known_as: row.optional("known_as")?,
        born_on: row.optional("born_on")?,
        nhs_number: nhs_number.and_then(|digits| NhsNumber::parse(&digits).ok()),
        phone: row.optional("phone")?,
        email: row.optional("email")?,
        address: row.optional("address")?,
        postcode: row.optional("postcode")?,
        preferred_way: row.optional_choice("preferred_way")?,
        preferred_time: row.optional("preferred_time")?,
        safe: SafeContact {
            text: row.choice("safe_text")?,
            voicemail: row.choice("safe_voicemail")?,
            say_who: row.choice("safe_say_who")?,
            letter: row.choice("safe_letter")?,
            who_else: row.optional("who_else")?,
        },
        language: row.optional("language")?,
        interpreter: row.get("interpreter")?,
        access_needs: row.optional("access_needs")?,
        employment: row.choice("employment")?,
        job: row.optional("job")?,
        employer_id: row.optional("employer_id")?,
        employer: row.optional("employer")?,
        days_a_week: row.optional("days_a_week")?,
        hours_a_week: row.optional("hours_a_week")?,
        version: row.get("version")?,
    })
}

/// Keeps a new person. The command that made them records why.
pub async fn insert_person(tx: &mut WriteTx, person: &Person) -> Result<()> {
    let now = tx.now();
    tx.change(Sql::insert(
        "persons",
        [
            ("id", person.id.into()),
            ("name", (&person.name).into()),
            ("known_as", (&person.known_as).into()),
            ("name_key", folded(&person.name).into()),
            ("born_on", person.born_on.into()),
            (
                "nhs_number",
                person
                    .nhs_number
                    .as_ref()
                    .map(|n| n.digits().to_owned())
                    .into(),
            ),
            ("phone", (&person.phone).into()),
            ("email", (&person.email).into()),
            ("address", (&person.address).into()),
            ("postcode", (&person.postcode).into()),
            (
                "preferred_way",
                person.preferred_way.map(Choice::code).into(),
            ),
            ("preferred_time", (&person.preferred_time).into()),
            ("safe_text", person.safe.text.code().into()),
            ("safe_voicemail", person.safe.voicemail.code().into()),
            ("safe_say_who", person.safe.say_who.code().into()),
            ("safe_letter", person.safe.letter.code().into()),
            ("who_else", (&person.safe.who_else).into()),
            ("language", (&person.language).into()),
            ("interpreter", person.interpreter.into()),
            ("access_needs", (&person.access_needs).into()),
            ("employment", person.employment.code().into()),
            ("job", (&person.job).into()),
            ("employer_id", person.employer_id.into()),
            ("days_a_week", (&person.days_a_week).into()),
            ("hours_a_week", person.hours_a_week.into()),
            ("version", person.version.into()),
            ("made_at", now.into()),
        ],
    ))
    .await
    .map(drop)
}

/// Writes a person's details and raises their version. The row must be the one that was loaded.
pub async fn update_person(tx: &mut WriteTx, person: &Person) -> Result<()> {
    tx.change_one(
        Sql::update(
            "persons",
            [
                ("name", (&person.name).into()),
                ("known_as", (&person.known_as).into()),
                ("name_key", folded(&person.name).into()),
                ("born_on", person.born_on.into()),
                (
                    "nhs_number",
                    person
                        .nhs_number
                        .as_ref()
                        .map(|n| n.digits().to_owned())
                        .into(),
                ),
                ("phone", (&person.phone).into()),
                ("email", (&person.email).into()),
                ("address", (&person.address).into()),
                ("postcode", (&person.postcode).into()),
                (
                    "preferred_way",
                    person.preferred_way.map(Choice::code).into(),
                ),
                ("preferred_time", (&person.preferred_time).into()),
                ("safe_text", person.safe.text.code().into()),
                ("safe_voicemail", person.safe.voicemail.code().into()),
                ("safe_say_who", person.safe.say_who.code().into()),
                ("safe_letter", person.safe.letter.code().into()),
                ("who_else", (&person.safe.who_else).into()),
                ("language", (&person.language).into()),
                ("interpreter", person.interpreter.into()),
                ("access_needs", (&person.access_needs).into()),
                ("employment", person.employment.code().into()),
                ("job", (&person.job).into()),
                ("employer_id", person.employer_id.into()),
                ("days_a_week", (&person.days_a_week).into()),
                ("hours_a_week", person.hours_a_week.into()),
                ("version", (person.version + 1).into()),
            ],
        )
        .and(" WHERE id = ? AND version = ?")
        .bind(person.id)
        .bind(person.version),
    )
    .await
}

/// Somebody who may be the same person as another, and the reference of their case where there is one.
pub async fn perhaps_the_same(
    tx: &mut Reader,
    born_on: Option<NaiveDate>,
    nhs_number: Option<&NhsNumber>,
) -> Result<Vec<(Likeness, Option<String>)>> {
    const SAME: &str = "SELECT p.name, p.born_on, p.nhs_number, p.phone, c.reference FROM persons p LEFT JOIN cases c ON c.person_id = p.id WHERE ";
    let mut rows = vec![];
    if let Some(number) = nhs_number {
        let find = sql(SAME)
            .and("p.nhs_number = ? ORDER BY p.id LIMIT 20")
            .bind(number.digits());
        rows.extend(tx.all(find).await?);
    }
    if let Some(born_on) = born_on {
        let find = sql(SAME)
            .and("p.born_on = ? ORDER BY p.name_key, p.id LIMIT 1000")
            .bind(born_on);
        rows.extend(tx.all(find).await?);
    }
    rows.iter().map(likeness).collect()
}

/// Those of one name, as [`perhaps_the_same`] gives them: for whom nobody knows the date of birth.
pub async fn of_the_same_name(
    tx: &mut Reader,
    name: &str,
) -> Result<Vec<(Likeness, Option<String>)>> {
    let find = sql("SELECT p.name, p.born_on, p.nhs_number, p.phone, c.reference FROM persons p LEFT JOIN cases c ON c.person_id = p.id \
                    WHERE p.name_key = ? ORDER BY p.id LIMIT 100")
        .bind(folded(name));
    tx.all(find).await?.iter().map(likeness).collect()
}

fn likeness(row: &Row) -> Result<(Likeness, Option<String>)> {
    let number: Option<String> = row.optional("nhs_number")?;
    let likeness = Likeness {
        name: row.get("name")?,
        born_on: row.optional("born_on")?,
        nhs_number: number.and_then(|n| NhsNumber::parse(&n).ok()),
        phone: row.optional("phone")?,
    };
    Ok((likeness, row.optional("reference")?))
}
