//! A statement: fixed text joined with values to bind. A value never becomes text.

use std::borrow::Cow;

use super::Value;

/// A statement in the making. `?` in the text stands for the next value, so that numbering is never wrong.
#[derive(Debug, Clone, Default)]
pub struct Sql {
    text: Cow<'static, str>,
    values: Vec<Value>,
}

/// Begins a statement: `sql("SELECT name FROM persons WHERE id = ?").bind(id)`.
pub fn sql(text: &'static str) -> Sql {
    Sql {
        text: Cow::Borrowed(text),
        values: vec![],
    }
}

impl Sql {
    /// The value for the next `?`.
    pub fn bind(mut self, value: impl Into<Value>) -> Self {
        self.values.push(value.into());
        self
    }

    /// More fixed text.
    pub fn and(mut self, text: &'static str) -> Self {
        self.text.to_mut().push_str(text);
        self
    }

    /// Another statement's text and values.
    pub fn join(mut self, other: Self) -> Self {
        self.text.to_mut().push_str(&other.text);
        self.values.extend(other.values);
        self
    }

    /// `(?, ?, …)` with these values, for `IN`. An empty list matches nothing.
    pub fn list<V: Into<Value>>(mut self, values: impl IntoIterator<Item = V>) -> Self {
        let before = self.values.len();
        self.values.extend(values.into_iter().map(Into::into));
        let n = self.values.len() - before;
        let marks = if n == 0 {
            "NULL".to_owned()
        } else {
            vec!["?"; n].join(", ")
        };
        self.text.to_mut().push_str(&format!("({marks})"));
        self
    }

    /// `INSERT INTO table (…) VALUES (…)`.
    pub fn insert<const N: usize>(
        table: &'static str,
        columns: [(&'static str, Value); N],
    ) -> Self {
        let names: Vec<&str> = columns.iter().map(|(name, _)| *name).collect();
        let text = format!(
            "INSERT INTO {table} ({}) VALUES ({})",
            names.join(", "),
            vec!["?"; N].join(", ")
        );
        Self {
            text: Cow::Owned(text),
            values: columns.into_iter().map(|(_, v)| v).collect(),
        }
    }

    /// An insert with one more column in front.
    pub(super) fn insert_beside<const N: usize>(
        table: &'static str,
        first: (&'static str, i64),
        columns: [(&'static str, Value); N],
    ) -> Self {
        let names: Vec<&str> = columns.iter().map(|(name, _)| *name).collect();
        let text = format!(
            "INSERT INTO {table} ({}, {}) VALUES (?, {})",
            first.0,
            names.join(", "),
            vec!["?"; N].join(", ")
        );
        let values = std::iter::once(first.1.into()).chain(columns.into_iter().map(|(_, v)| v));
        Self {
            text: Cow::Owned(text),
            values: values.collect(),
        }
    }

    /// An insert that takes the next number within a group: for a database that writes one transaction at a time.
    pub(super) fn insert_next<const N: usize>(
        table: &'static str,
        number: &'static str,
        within: (&'static str, i64),
        columns: [(&'static str, Value); N],
    ) -> Self {
        let names: Vec<&str> = columns.iter().map(|(name, _)| *name).collect();
        let text = format!(
            "INSERT INTO {table} ({number}, {0}, {1}) SELECT COALESCE(MAX({number}), 0) + 1, ?, {2} FROM {table} WHERE {0} = ?",
            within.0,
            names.join(", "),
            vec!["?"; N].join(", ")
        );
        let values = std::iter::once(within.1.into())
            .chain(columns.into_iter().map(|(_, v)| v))
            .chain([within.1.into()]);
        Self {
            text: Cow::Owned(text),
            values: values.collect(),
        }
    }

    /// Several statements, one after the other: for a database that takes such a text whole.
    pub(super) fn one_after_another(statements: Vec<Self>) -> Self {
        let mut statements = statements.into_iter();
        let first = statements.next().unwrap_or_default();
        statements.fold(first, |all, next| all.and("; ").join(next))
    }

    /// Several insertions as one statement, the last of which stands on the others: for a database that takes one statement at a time.
    pub(super) fn beside_each_other(mut insertions: Vec<Self>) -> Self {
        let Some(last) = insertions.pop() else {
            return Self::default();
        };
        let mut all = Self::default();
        for (n, insertion) in insertions.into_iter().enumerate() {
            let name = if n == 0 { "WITH" } else { "," };
            all.text.to_mut().push_str(&format!("{name} part_{n} AS ("));
            all = all.join(insertion).and(") ");
        }
        all.join(last)
    }

    /// `UPDATE table SET …`; go on with `.and(" WHERE …")`.
    pub fn update<const N: usize>(
        table: &'static str,
        columns: [(&'static str, Value); N],
    ) -> Self {
        let sets: Vec<String> = columns
            .iter()
            .map(|(name, _)| format!("{name} = ?"))
            .collect();
        Self {
            text: Cow::Owned(format!("UPDATE {table} SET {}", sets.join(", "))),
            values: columns.into_iter().map(|(_, v)| v).collect(),
        }
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// The text with its `?` as written, and the values in that order.
    pub(super) fn parts(self) -> (Cow<'static, str>, Vec<Value>) {
        (self.text, self.values)
    }

    /// Text made for many rows at once: as many `?` as values.
    pub(super) fn made(text: String, values: Vec<Value>) -> Self {
        Self {
            text: Cow::Owned(text),
            values,
        }
    }

    /// The text with `$1, $2, …`, and the values in that order.
    pub(super) fn numbered(self) -> (String, Vec<Value>) {
        let mut text = String::with_capacity(self.text.len() + self.values.len() * 2);
        let mut n = 0;
        for part in self.text.split_inclusive('?') {
            match part.strip_suffix('?') {
                Some(before) => {
                    n += 1;
                    text.push_str(before);
                    text.push('$');
                    text.push_str(&n.to_string());
                }
                None => text.push_str(part),
            }
        }
        debug_assert_eq!(n, self.values.len(), "{text}");
        (text, self.values)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_numbered_in_the_order_of_the_text() {
        let (text, values) = sql("SELECT 1 FROM t WHERE a = ? AND b IN ")
            .bind(1_i64)
            .list([2_i64, 3])
            .and(" AND c = ?")
            .bind("x")
            .numbered();
        assert_eq!(
            text,
            "SELECT 1 FROM t WHERE a = $1 AND b IN ($2, $3) AND c = $4"
        );
        assert_eq!(values.len(), 4);
    }

    #[test]
    fn insertions_go_together_with_their_values_in_order() {
        let insertions = || {
            ["a", "b", "c"]
                .map(|table| Sql::insert(table, [("id", table.into())]))
                .to_vec()
        };
        let (text, values) = Sql::beside_each_other(insertions()).numbered();
        assert_eq!(
            text,
            "WITH part_0 AS (INSERT INTO a (id) VALUES ($1)) , part_1 AS (INSERT INTO b (id) VALUES ($2)) INSERT INTO c (id) VALUES ($3)"
        );
        assert_eq!(values, ["a", "b", "c"].map(Value::from));
        let (text, values) = Sql::one_after_another(insertions()).parts();
        assert_eq!(
            text,
            "INSERT INTO a (id) VALUES (?); INSERT INTO b (id) VALUES (?); INSERT INTO c (id) VALUES (?)"
        );
        assert_eq!(values, ["a", "b", "c"].map(Value::from));
    }

    #[test]
    fn an_empty_list_matches_nothing() {
        assert_eq!(
            sql("SELECT 1 WHERE a IN ")
                .list(Vec::<i64>::new())
                .numbered()
                .0,
            "SELECT 1 WHERE a IN (NULL)"
        );
    }
}
