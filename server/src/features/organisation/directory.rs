//! Reading who there is: regions, teams, practices, employers, programmes, for lists and for choosing.

use chrono::NaiveDate;

use crate::{
    platform::{
        Error, Result,
        db::{Reader, Row, sql},
    },
    rules::{
        id::{EmployerId, PracticeId, ProgrammeId, RegionId, TeamId},
        permission::Scope,
    },
};

/// The most rows that a list to choose from shows. A service has tens of practices; beyond this it is searched.
const MOST: i64 = 1000;

/// An area whose integrated care board ran a pilot.
#[derive(Debug, Clone)]
pub struct Region {
    pub id: RegionId,
    pub name: String,
    /// The integrated care board's code of July 2022.
    pub ods_code: String,
    pub ons_code: String,
    /// What became of it on 1 April 2026.
    pub became: String,
    pub until_on: Option<NaiveDate>,
}

/// Every region, by name. There are fifteen.
pub async fn regions(tx: &mut Reader) -> Result<Vec<Region>> {
    let rows = tx
        .all(sql("SELECT id, name, ods_code, ons_code, became, until_on FROM regions ORDER BY name, id LIMIT 200"))
        .await?;
    rows.iter()
        .map(|row| {
            Ok(Region {
                id: row.get("id")?,
                name: row.get("name")?,
                ods_code: row.get("ods_code")?,
                ons_code: row.get("ons_code")?,
                became: row.get("became")?,
                until_on: row.optional("until_on")?,
            })
        })
        .collect()
}

pub async fn region_name(tx: &mut Reader, id: RegionId) -> Result<String> {
    tx.maybe(sql("SELECT name FROM regions WHERE id = ?").bind(id))
        .await?
        .ok_or(Error::NotFound)?
        .get("name")
}

/// A provider's team of support workers.
#[derive(Debug, Clone)]
pub struct Team {
    pub id: TeamId,
    pub name: String,
    pub provider: String,
}

/// Every team, by provider and name.
pub async fn teams(tx: &mut Reader) -> Result<Vec<Team>> {
    let rows = tx
        .all(sql("SELECT t.id, t.name, p.name AS provider FROM teams t JOIN providers p ON p.id = t.provider_id ORDER BY p.name, t.name, t.id LIMIT ?").bind(MOST))
        .await?;
    rows.iter()
        .map(|row| {
            Ok(Team {
                id: row.get("id")?,
                name: row.get("name")?,
                provider: row.get("provider")?,
            })
        })
        .collect()
}

pub async fn team_name(tx: &mut Reader, id: TeamId) -> Result<String> {
    tx.maybe(sql("SELECT name FROM teams WHERE id = ?").bind(id))
        .await?
        .ok_or(Error::NotFound)?
        .get("name")
}

/// A practice as administrators keep it.
#[derive(Debug, Clone)]
pub struct PracticeRow {
    pub id: PracticeId,
    pub name: String,
    pub ods_code: String,
    pub region_id: RegionId,
    pub region: String,
    pub phone: Option<String>,
    pub version: i64,
}

const PRACTICE: &str = "SELECT p.id, p.name, p.ods_code, p.region_id, r.name AS region, p.phone, p.version FROM practices p JOIN regions r ON r.id = p.region_id";

fn practice_of(row: &Row) -> Result<PracticeRow> {
    Ok(PracticeRow {
        id: row.get("id")?,
        name: row.get("name")?,
        ods_code: row.get("ods_code")?,
        region_id: row.get("region_id")?,
        region: row.get("region")?,
        phone: row.optional("phone")?,
        version: row.get("version")?,
    })
}

pub async fn practice(tx: &mut Reader, id: PracticeId) -> Result<PracticeRow> {
    let lock = tx.for_change("p");
    let row = tx
        .maybe(sql(PRACTICE).and(" WHERE p.id = ?").bind(id).join(lock))
        .await?;
    practice_of(&row.ok_or(Error::NotFound)?)
}

/// A page of practices by name, after the last one of the page before.
pub async fn practices(
    tx: &mut Reader,
    after: Option<(&str, PracticeId)>,
    limit: i64,
) -> Result<Vec<PracticeRow>> {
    let list = match after {
        Some((name, id)) => sql(PRACTICE)
            .and(" WHERE (p.name, p.id) > (?, ?)")
            .bind(name)
            .bind(id),
        None => sql(PRACTICE),
    };
    let rows = tx
        .all(list.and(" ORDER BY p.name, p.id LIMIT ?").bind(limit))
        .await?;
    rows.iter().map(practice_of).collect()
}

/// Ids and names of practices to choose from, by name.
pub async fn practice_choices(tx: &mut Reader) -> Result<Vec<(String, String)>> {
    Ok(practices(tx, None, MOST)
        .await?
        .into_iter()
        .map(|p| (p.id.to_string(), format!("{} ({})", p.name, p.ods_code)))
        .collect())
}

/// Whether a practice other than `except` has this code.
pub async fn code_is_taken(
    tx: &mut Reader,
    ods_code: &str,
    except: Option<PracticeId>,
) -> Result<bool> {
    let row = tx
        .maybe(sql("SELECT id FROM practices WHERE ods_code = ?").bind(ods_code))
        .await?;
    let found: Option<PracticeId> = row.map(|row| row.get("id")).transpose()?;
    Ok(found.is_some() && found != except)
}

/// An employer, as somebody first wrote its name.
#[derive(Debug, Clone)]
pub struct Employer {
    pub id: EmployerId,
    pub name: String,
    pub key: String,
}

/// A page of employers by name.
pub async fn employers(tx: &mut Reader, after: Option<&str>, limit: i64) -> Result<Vec<Employer>> {
    let list = sql("SELECT id, name, name_key FROM employers");
    let list = match after {
        Some(key) => list.and(" WHERE name_key > ?").bind(key),
        None => list,
    };
    // The folded name is unique, so it is the whole key.
    let rows = tx
        .all(list.and(" ORDER BY name_key LIMIT ?").bind(limit))
        .await?;
    rows.iter()
        .map(|row| {
            Ok(Employer {
                id: row.get("id")?,
                name: row.get("name")?,
                key: row.get("name_key")?,
            })
        })
        .collect()
}

/// A programme in the overview.
#[derive(Debug, Clone)]
pub struct ProgrammeRow {
    pub id: ProgrammeId,
    pub name: String,
    pub team: String,
}

pub async fn programmes(tx: &mut Reader) -> Result<Vec<ProgrammeRow>> {
    let rows = tx
        .all(sql("SELECT g.id, g.name, t.name AS team FROM programmes g JOIN teams t ON t.id = g.team_id ORDER BY g.name, g.id LIMIT 200"))
        .await?;
    rows.iter()
        .map(|row| {
            Ok(ProgrammeRow {
                id: row.get("id")?,
                name: row.get("name")?,
                team: row.get("team")?,
            })
        })
        .collect()
}

/// The programmes that a programme manager answers for: those that cover, or covered, their region or a practice in it; all of them where the scope is all.
pub async fn programmes_in(tx: &mut Reader, scope: Scope) -> Result<Vec<(ProgrammeId, String)>> {
    let rows = match scope {
        Scope::Region(region) => {
            tx.all(
                sql("SELECT g.id, g.name FROM programmes g WHERE g.id IN (SELECT o.programme_id FROM programme_organisations o \
                     LEFT JOIN practices p ON p.id = o.practice_id WHERE o.region_id = ? OR p.region_id = ?) ORDER BY g.name, g.id LIMIT 200")
                .bind(region)
                .bind(region),
            )
            .await?
        }
        Scope::All => {
            tx.all(sql("SELECT g.id, g.name FROM programmes g ORDER BY g.name, g.id LIMIT 200"))
                .await?
        }
        Scope::Practice(_) | Scope::Team(_) => vec![],
    };
    rows.iter()
        .map(|row| Ok((row.get("id")?, row.get("name")?)))
        .collect()
}
