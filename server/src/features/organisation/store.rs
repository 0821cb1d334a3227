//! SQL of organisations and programmes, and the commands that make them.

use chrono::{DateTime, NaiveDate, Utc};

use crate::{
    features::consent,
    platform::{
        Error, Result,
        audit::Entry,
        db::{Reader, Row, Sql, Value, WriteTx, sql},
    },
    rules::{
        Choice,
        consent::Kind,
        event::Event,
        id::{
            CaseId, EmployerId, PracticeId, ProgrammeId, ProviderId, RegionId, TeamId, WordingId,
        },
        organisation::Parameters,
        person::folded,
    },
};

/// The 15 pilot regions with their codes of July 2022 and what became of them on 1 April 2026. From public code lists.
const REGIONS: &str = include_str!("regions.csv");

/// Seeds the pilot regions. Run again, it adds only what is missing.
pub async fn seed_regions(tx: &mut WriteTx) -> Result<()> {
    let last_day = NaiveDate::from_ymd_opt(2026, 3, 31);
    for row in csv::Reader::from_reader(REGIONS.as_bytes()).records() {
        let row = row.map_err(Error::internal)?;
        let cell = |n: usize| row.get(n).unwrap_or_default().to_owned();
        let (id, became): (RegionId, String) = (tx.new_id(), cell(3));
        tx.change(
            Sql::insert(
                "regions",
                [
                    ("id", id.into()),
                    ("name", cell(0).into()),
                    ("ods_code", cell(1).into()),
                    ("ons_code", cell(2).into()),
                    ("until_on", last_day.filter(|_| became != "same").into()),
                    ("became", became.into()),
                ],
            )
            .and(" ON CONFLICT (ons_code) DO NOTHING"),
        )
        .await?;
    }
    tx.record(Entry::of(Event::OrganisationChanged).fields(&["regions"]))
        .await
}

pub async fn region_named(tx: &mut Reader, name: &str) -> Result<RegionId> {
    tx.maybe(sql("SELECT id FROM regions WHERE name = ?").bind(name))
        .await?
        .ok_or(Error::NotFound)?
        .get("id")
}

pub async fn add_practice(
    tx: &mut WriteTx,
    region: RegionId,
    name: &str,
    ods_code: &str,
    phone: Option<&str>,
) -> Result<PracticeId> {
    let id: PracticeId = tx.new_id();
    tx.change(Sql::insert(
        "practices",
        [
            ("id", id.into()),
            ("name", name.into()),
            ("ods_code", ods_code.into()),
            ("region_id", region.into()),
            ("phone", phone.into()),
        ],
    ))
    .await?;
    tx.record(
        Entry::of(Event::OrganisationChanged)
            .subject(id)
            .fields(&["practice"]),
    )
    .await?;
    Ok(id)
}

/// The name of the provider that a team belongs to.
pub async fn provider_of_team(tx: &mut Reader, team: TeamId) -> Result<Option<String>> {
    let name =
        sql("SELECT o.name FROM teams t JOIN providers o ON o.id = t.provider_id WHERE t.id = ?")
            .bind(team);
    tx.maybe(name).await?.map(|row| row.get("name")).transpose()
}

/// A provider and its team.
pub async fn add_team(tx: &mut WriteTx, provider: &str, name: &str) -> Result<TeamId> {
    let provider_id: ProviderId = match tx
        .maybe(sql("SELECT id FROM providers WHERE name = ?").bind(provider))
        .await?
    {
        Some(row) => row.get("id")?,
        None => {
            let id: ProviderId = tx.new_id();
            tx.change(Sql::insert(
                "providers",
                [("id", id.into()), ("name", provider.into())],
            ))
            .await?;
            id
        }
    };
    let id: TeamId = tx.new_id();
    tx.change(Sql::insert(
        "teams",
        [
            ("id", id.into()),
            ("name", name.into()),
            ("provider_id", provider_id.into()),
        ],
    ))
    .await?;
    tx.record(
        Entry::of(Event::OrganisationChanged)
            .subject(id)
            .fields(&["team"]),
    )
    .await?;
    Ok(id)
}

/// A programme with its parameters. It covers nothing until [`cover_practice`] or [`cover_region`].
pub async fn add_programme(
    tx: &mut WriteTx,
    team: TeamId,
    name: &str,
    slug: &str,
    parameters: &Parameters,
) -> Result<ProgrammeId> {
    let id: ProgrammeId = tx.new_id();
    tx.change(Sql::insert(
        "programmes",
        [
            ("id", id.into()),
            ("name", name.into()),
            ("slug", slug.into()),
            ("team_id", team.into()),
            ("parameters", Value::json(parameters)),
            ("version", 1_i64.into()),
        ],
    ))
    .await?;
    tx.record(Entry::of(Event::ProgrammeChanged).subject(id))
        .await?;
    consent::seed_wordings(tx, id).await?;
    Ok(id)
}

/// From a day on, a programme covers a practice.
pub async fn cover_practice(
    tx: &mut WriteTx,
    programme: ProgrammeId,
    practice: PracticeId,
    from: NaiveDate,
) -> Result<()> {
    tx.change(Sql::insert(
        "programme_organisations",
        [
            ("programme_id", programme.into()),
            ("practice_id", practice.into()),
            ("from_on", from.into()),
        ],
    ))
    .await?;
    tx.record(
        Entry::of(Event::ProgrammeChanged)
            .subject(programme)
            .fields(&["practices"]),
    )
    .await
}

/// From a day on, a programme covers a region.
pub async fn cover_region(
    tx: &mut WriteTx,
    programme: ProgrammeId,
    region: RegionId,
    from: NaiveDate,
) -> Result<()> {
    tx.change(Sql::insert(
        "programme_organisations",
        [
            ("programme_id", programme.into()),
            ("region_id", region.into()),
            ("from_on", from.into()),
        ],
    ))
    .await?;
    tx.record(
        Entry::of(Event::ProgrammeChanged)
            .subject(programme)
            .fields(&["regions"]),
    )
    .await
}

/// Adds the next version of a wording. Earlier versions stay, for the consents that were taken with them.
pub async fn add_wording(
    tx: &mut WriteTx,
    programme: ProgrammeId,
    kind: Kind,
    words: &str,
) -> Result<WordingId> {
    let newest = sql("SELECT COALESCE(MAX(version), 0) AS version FROM wordings WHERE programme_id = ? AND kind = ?").bind(programme).bind(kind.code());
    let version: i64 = tx.one(newest).await?.get("version")?;
    let (id, now): (WordingId, _) = (tx.new_id(), tx.now());
    tx.change(Sql::insert(
        "wordings",
        [
            ("id", id.into()),
            ("programme_id", programme.into()),
            ("kind", kind.code().into()),
            ("version", (version + 1).into()),
            ("words", words.into()),
            ("made_at", now.into()),
        ],
    ))
    .await?;
    tx.record(
        Entry::of(Event::ProgrammeChanged)
            .subject(programme)
            .fields(&["wording"]),
    )
    .await?;
    Ok(id)
}

/// What is read out or shown for a kind of consent: the newest version.
#[derive(Debug, Clone)]
pub struct Wording {
    pub id: WordingId,
    pub kind: Kind,
    pub version: i64,
    pub words: String,
}

/// The newest wording of every kind that a programme has.
pub async fn wordings(tx: &mut Reader, programme: ProgrammeId) -> Result<Vec<Wording>> {
    let newest = sql(
        "(SELECT MAX(v.version) FROM wordings v WHERE v.programme_id = w.programme_id AND v.kind = w.kind)",
    );
    wordings_of(tx, programme, newest).await
}

/// The wordings as they were at a moment. What had none yet has its first.
pub async fn wordings_at(
    tx: &mut Reader,
    programme: ProgrammeId,
    at: DateTime<Utc>,
) -> Result<Vec<Wording>> {
    let then = sql(
        "COALESCE((SELECT MAX(v.version) FROM wordings v WHERE v.programme_id = w.programme_id AND v.kind = w.kind AND v.made_at <= ?), \
         (SELECT MIN(v.version) FROM wordings v WHERE v.programme_id = w.programme_id AND v.kind = w.kind))",
    );
    wordings_of(tx, programme, then.bind(at)).await
}

async fn wordings_of(
    tx: &mut Reader,
    programme: ProgrammeId,
    version: Sql,
) -> Result<Vec<Wording>> {
    let rows = tx
        .all(
            sql("SELECT w.id, w.kind, w.version, w.words FROM wordings w WHERE w.version = ")
                .join(version)
                .and(" AND w.programme_id = ? ORDER BY w.kind")
                .bind(programme),
        )
        .await?;
    rows.iter()
        .map(|row| {
            Ok(Wording {
                id: row.get("id")?,
                kind: row.choice("kind")?,
                version: row.get("version")?,
                words: row.get("words")?,
            })
        })
        .collect()
}

/// A programme as everything that works under it needs it.
#[derive(Debug, Clone)]
pub struct Programme {
    pub id: ProgrammeId,
    pub name: String,
    pub slug: String,
    pub team_id: TeamId,
    pub parameters: Parameters,
    pub version: i64,
}

const PROGRAMME: &str =
    "SELECT g.id, g.name, g.slug, g.team_id, g.parameters, g.version FROM programmes g";

fn programme_of(row: &Row) -> Result<Programme> {
    Ok(Programme {
        id: row.get("id")?,
        name: row.get("name")?,
        slug: row.get("slug")?,
        team_id: row.get("team_id")?,
        parameters: row.json("parameters")?,
        version: row.get("version")?,
    })
}

pub async fn programme(tx: &mut Reader, id: ProgrammeId) -> Result<Programme> {
    programme_of(
        &tx.maybe(sql(PROGRAMME).and(" WHERE g.id = ?").bind(id))
            .await?
            .ok_or(Error::NotFound)?,
    )
}

/// The parameters of every programme, at most 500.
pub async fn all_parameters(tx: &mut Reader) -> Result<Vec<Parameters>> {
    let rows = tx
        .all(sql(
            "SELECT parameters FROM programmes ORDER BY id LIMIT 500",
        ))
        .await?;
    rows.iter().map(|row| row.json("parameters")).collect()
}

/// The parameters of the programme that a case belongs to.
pub async fn parameters_of_case(tx: &mut Reader, case: CaseId) -> Result<Parameters> {
    tx.one(
        sql("SELECT g.parameters FROM cases c JOIN programmes g ON g.id = c.programme_id WHERE c.id = ?")
            .bind(case),
    )
    .await?
    .json("parameters")
}

pub async fn programme_by_slug(tx: &mut Reader, slug: &str) -> Result<Programme> {
    programme_of(
        &tx.maybe(sql(PROGRAMME).and(" WHERE g.slug = ?").bind(slug))
            .await?
            .ok_or(Error::NotFound)?,
    )
}

/// A team's programmes, by name.
pub async fn programmes_of_team(tx: &mut Reader, team: TeamId) -> Result<Vec<Programme>> {
    tx.all(
        sql(PROGRAMME)
            .and(" WHERE g.team_id = ? ORDER BY g.name")
            .bind(team),
    )
    .await?
    .iter()
    .map(programme_of)
    .collect()
}

/// Every programme, by name, for those who look after the service.
pub async fn every_programme(tx: &mut Reader) -> Result<Vec<Programme>> {
    tx.all(sql(PROGRAMME).and(" ORDER BY g.name, g.id LIMIT 200"))
        .await?
        .iter()
        .map(programme_of)
        .collect()
}

/// The programmes that cover a practice today, itself or through its region.
pub async fn programmes_for(tx: &mut Reader, practice: PracticeId) -> Result<Vec<Programme>> {
    let today = tx.today();
    let rows = tx
        .all(
            sql(PROGRAMME)
                .and(
                    " WHERE g.id IN (SELECT o.programme_id FROM programme_organisations o JOIN practices p ON p.id = ? \
                     WHERE (o.practice_id = p.id OR o.region_id = p.region_id) AND o.from_on <= ? AND (o.until_on IS NULL OR o.until_on >= ?)) ORDER BY g.name",
                )
                .bind(practice)
                .bind(today)
                .bind(today),
        )
        .await?;
    rows.iter().map(programme_of).collect()
}

pub async fn practice_name(tx: &mut Reader, id: PracticeId) -> Result<String> {
    tx.maybe(sql("SELECT name FROM practices WHERE id = ?").bind(id))
        .await?
        .ok_or(Error::NotFound)?
        .get("name")
}

/// The practices that a programme covers today, by name.
pub async fn practices_of(
    tx: &mut Reader,
    programme: ProgrammeId,
) -> Result<Vec<(PracticeId, String)>> {
    let today = tx.today();
    let rows = tx
        .all(
            sql("SELECT DISTINCT p.id, p.name FROM practices p JOIN programme_organisations o ON (o.practice_id = p.id OR o.region_id = p.region_id) \
                 WHERE o.programme_id = ? AND o.from_on <= ? AND (o.until_on IS NULL OR o.until_on >= ?) ORDER BY p.name LIMIT 1000")
            .bind(programme)
            .bind(today)
            .bind(today),
        )
        .await?;
    rows.iter()
        .map(|row| Ok((row.get("id")?, row.get("name")?)))
        .collect()
}

/// The employer of this name, made if there is none: names are compared folded.
pub async fn employer_named(tx: &mut WriteTx, name: &str) -> Result<EmployerId> {
    let key = folded(name);
    let find = sql("SELECT id FROM employers WHERE name_key = ?").bind(key.as_str());
    if let Some(row) = tx.maybe(find).await? {
        return row.get("id");
    }
    let id: EmployerId = tx.new_id();
    tx.change(
        Sql::insert(
            "employers",
            [
                ("id", id.into()),
                ("name", name.into()),
                ("name_key", key.as_str().into()),
            ],
        )
        .and(" ON CONFLICT (name_key) DO NOTHING"),
    )
    .await?;
    tx.one(sql("SELECT id FROM employers WHERE name_key = ?").bind(key))
        .await?
        .get("id")
}
