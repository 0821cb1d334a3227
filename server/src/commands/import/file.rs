//! The file of an import, as spreadsheets write it, and the report of what became of its rows.

use std::{borrow::Cow, collections::HashMap, fs, path::Path};

use super::RowResult;
use crate::{
    platform::{Error, Result},
    rules::import::Mapping,
};

/// A file's headings and rows.
#[derive(Debug)]
pub struct Table {
    headings: HashMap<String, usize>,
    pub rows: Vec<Row>,
}

#[derive(Debug)]
pub struct Row {
    /// As a spreadsheet counts: the headings are row 1, and a blank line counts too.
    pub number: u64,
    pub cells: Vec<String>,
    /// More cells than headings: the row's commas are not where they should be.
    pub too_long: bool,
}

impl Table {
    /// Whether the file has a heading.
    pub fn has(&self, heading: &str) -> bool {
        self.headings.contains_key(heading)
    }

    /// The text under a heading; empty where the row ends before it.
    pub fn cell(&self, row: &Row, heading: &str) -> String {
        self.headings
            .get(heading)
            .and_then(|place| row.cells.get(*place))
            .cloned()
            .unwrap_or_default()
    }
}

/// Reads a CSV file: UTF-8 with or without a byte order mark, else Windows-1252; commas, semicolons or tabs.
pub fn read_table(path: &Path) -> Result<Table> {
    let bytes = fs::read(path).map_err(|e| Error::Internal(format!("{}: {e}", path.display())))?;
    table_of(&bytes).map_err(|why| Error::Internal(format!("{}: {why}", path.display())))
}

fn table_of(bytes: &[u8]) -> Result<Table, String> {
    let text = decoded(bytes);
    let first = text.lines().next().unwrap_or_default();
    let delimiter = *[b',', b';', b'\t']
        .iter()
        .max_by_key(|d| (first.bytes().filter(|b| b == *d).count(), **d == b','))
        .unwrap_or(&b',');
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .flexible(true)
        .has_headers(false)
        .from_reader(text.as_bytes());
    let mut record = csv::StringRecord::new();
    let mut number = 0;
    let mut headings = None;
    let mut rows = vec![];
    loop {
        let before = reader.position().line();
        if !reader.read_record(&mut record).map_err(|e| e.to_string())? {
            break;
        }
        // The reader passes over empty lines: they are what is left of the lines it read.
        let lines = reader.position().line() - before;
        let inside: usize = record.iter().map(|c| c.matches('\n').count()).sum();
        number += 1 + lines.saturating_sub(1 + inside as u64);
        let cells: Vec<String> = record.iter().map(str::to_owned).collect();
        match &headings {
            None => {
                let mut places = HashMap::new();
                for (place, cell) in cells.iter().enumerate() {
                    places.entry(cell.trim().to_owned()).or_insert(place);
                }
                headings = Some((places, cells.len()));
            }
            Some((_, width)) => {
                let too_long = cells.iter().skip(*width).any(|c| !c.trim().is_empty());
                rows.push(Row {
                    number,
                    cells,
                    too_long,
                });
            }
        }
    }
    let (headings, _) = headings.ok_or("the file is empty")?;
    Ok(Table { headings, rows })
}

fn decoded(bytes: &[u8]) -> Cow<'_, str> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => {
            encoding_rs::WINDOWS_1252
                .decode_without_bom_handling(bytes)
                .0
        }
    }
}

/// Reads and checks a mapping file.
pub fn read_mapping(path: &Path) -> Result<Mapping> {
    let at = |why: String| Error::Internal(format!("{}: {why}", path.display()));
    let text = fs::read_to_string(path).map_err(|e| at(e.to_string()))?;
    toml::from_str::<Mapping>(&text)
        .map_err(|e| at(e.to_string()))?
        .checked()
        .map_err(at)
}

/// Refuses a mapping that names columns the file does not have.
pub fn must_have_columns(table: &Table, mapping: &Mapping) -> Result<()> {
    let missing: Vec<String> = mapping
        .columns
        .named()
        .into_iter()
        .filter(|c| !table.headings.contains_key(*c))
        .map(|c| format!("{c:?}"))
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    Err(Error::Internal(format!(
        "the mapping names columns that the file does not have: {}",
        missing.join(", ")
    )))
}

/// Writes row, result and reason. A spreadsheet shows every cell as text and runs none.
pub fn write_report(path: &Path, results: &[RowResult]) -> Result<()> {
    let at = |e: csv::Error| Error::Internal(format!("{}: {e}", path.display()));
    let mut writer = csv::Writer::from_path(path).map_err(at)?;
    writer
        .write_record(["row", "result", "reason"])
        .map_err(at)?;
    for r in results {
        writer
            .write_record([
                r.row.to_string().as_str(),
                r.outcome.word(),
                &harmless(&r.reason),
            ])
            .map_err(at)?;
    }
    writer
        .flush()
        .map_err(|e| Error::Internal(format!("{}: {e}", path.display())))
}

/// A cell that begins like a formula begins with an apostrophe instead.
fn harmless(cell: &str) -> Cow<'_, str> {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        Cow::Owned(format!("'{cell}"))
    } else {
        Cow::Borrowed(cell)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_numbered_as_a_spreadsheet_numbers_them() {
        let table =
            table_of(b"\xef\xbb\xbfRef,Note\r\n1,\"two\r\nlines\"\r\n\r\n2,one\r\n,\r\n3,last")
                .expect("read");
        let numbers: Vec<_> = table
            .rows
            .iter()
            .map(|r| (r.number, table.cell(r, "Ref")))
            .collect();
        assert_eq!(
            numbers,
            [(2, "1"), (4, "2"), (5, ""), (6, "3")].map(|(n, c)| (n, c.to_owned()))
        );
        assert_eq!(table.cell(&table.rows[0], "Note"), "two\r\nlines");
        assert_eq!(table.cell(&table.rows[0], "Other"), "");
    }

    #[test]
    fn windows_1252_and_semicolons_are_read() {
        let table = table_of(b"Ref;Name\n1;Chlo\xe9 \x96 O\x92Neill;extra\n").expect("read");
        assert_eq!(table.cell(&table.rows[0], "Name"), "Chloé – O’Neill");
        assert!(table.rows[0].too_long);
    }

    #[test]
    fn a_cell_that_begins_like_a_formula_is_text() {
        assert_eq!(harmless("=1+1"), "'=1+1");
        assert_eq!(harmless("the status \"=\""), "the status \"=\"");
    }
}
