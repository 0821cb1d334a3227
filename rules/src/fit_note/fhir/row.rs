//! A response as a row of an import of many notes: whose note it is, and a statement that is complete.

use chrono::NaiveDate;
use serde_json::Value;

use super::{
    super::{Profession, Reassess, Row, SNOMED, Statement, is_snomed_id, may_be_on_paper},
    from_response,
};
use crate::{field, nhs_number::NhsNumber};

/// Where an NHS number stands in an identifier of FHIR UK Core.
const NHS_NUMBER: &str = "https://fhir.nhs.uk/Id/nhs-number";
/// Where a case's reference stands in what Handrail writes.
const CASE: &str = "urn:handrail:case";

/// Reads a response of a file as a row. `people` are the Patients that came in the same file: a response may name one of them. `case` is the reference that
/// stands for a response that says of nobody whose note it is.
pub fn to_row(
    response: &Value,
    people: &[&Value],
    case: Option<&str>,
    today: NaiveDate,
) -> Result<Row, String> {
    let found = from_response(response)?;
    let whose = |system| identifier(response, people, system);
    let nhs_number = match whose(NHS_NUMBER) {
        None => None,
        Some(typed) => Some(
            NhsNumber::parse(&typed)
                .map_err(|_| format!("the NHS number {typed:?} is not valid"))?,
        ),
    };
    let case = whose(CASE).or_else(|| case.filter(|_| nhs_number.is_none()).map(str::to_owned));
    if case.is_none() && nhs_number.is_none() {
        return Err("it says neither a case nor an NHS number".to_owned());
    }
    let statement = Statement {
        assessed_on: found
            .assessed_on
            .ok_or("there is no date of assessment (Q1)")?,
        earlier_assessment_on: found.earlier_assessment_on,
        issued_on: found.issued_on,
        condition: found.condition,
        code: found.code,
        fitness: found
            .fitness
            .ok_or("it does not say whether not fit or may be fit (Q3)")?,
        supports: found.supports,
        comments: found.comments,
        period: found.period,
        reassess: found.reassess.unwrap_or(Reassess::NotStated),
        profession: found.profession.unwrap_or(Profession::NotStated),
        practice: found.practice,
    };
    let mut warnings = found.not_read;
    if let Some(code) = &statement.code
        && code.system == SNOMED
        && !is_snomed_id(&code.code)
    {
        warnings.push(format!(
            "the condition code {:?} does not have a right check digit",
            code.code
        ));
    }
    for on in [
        Some(statement.first_day()),
        statement.last_day(),
        Some(statement.assessed_on),
    ]
    .into_iter()
    .flatten()
    {
        may_be_on_paper(on, today)?;
    }
    Ok(Row {
        key: response["id"]
            .as_str()
            .and_then(|id| field::optional_line(id).ok().flatten()),
        case,
        nhs_number,
        statement,
        warnings,
    })
}

/// The value that identifies whoever the response is about, in one system: beside the reference to them, or in a Patient that it refers to.
fn identifier(response: &Value, people: &[&Value], system: &str) -> Option<String> {
    let value = |identifier: &Value| {
        (identifier["system"] == system)
            .then(|| identifier["value"].as_str())
            .flatten()
            .and_then(|text| field::optional_line(text).ok().flatten())
    };
    let subject = &response["subject"];
    value(&subject["identifier"]).or_else(|| {
        let reference = subject["reference"].as_str()?;
        let id = reference
            .strip_prefix('#')
            .or_else(|| reference.strip_prefix("Patient/"))?;
        response["contained"]
            .as_array()
            .into_iter()
            .flatten()
            .chain(people.iter().copied())
            .find(|p| p["resourceType"] == "Patient" && p["id"] == id)?["identifier"]
            .as_array()?
            .iter()
            .find_map(value)
    })
}
