//! The version of a record that a form was opened on, and stays with it while others change the record.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// What a form carries of the record that it changes. Written `5`, or `5-3` on a page that was opened on version 3 and has said since what led to 5:
/// the second part keeps saying so, also where the form needs another look.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Shown {
    /// The version that whoever fills the form in has been shown.
    now: i64,
    /// The version that it was opened on.
    first: i64,
}

impl Shown {
    /// The same form on the version that stands, which its page shows.
    #[must_use]
    pub fn on(self, stands: i64) -> Self {
        Self {
            now: stands,
            first: self.first,
        }
    }
    /// Whether the record changed since the form was opened.
    pub fn changed(self, stands: i64) -> bool {
        self.first != stands
    }
    /// The version that the form was opened on.
    pub fn first(self) -> i64 {
        self.first
    }
}

impl From<i64> for Shown {
    fn from(version: i64) -> Self {
        Self {
            now: version,
            first: version,
        }
    }
}

/// Whether what stands is what was shown.
impl PartialEq<i64> for Shown {
    fn eq(&self, stands: &i64) -> bool {
        self.now == *stands
    }
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.now)?;
        if self.now == self.first {
            Ok(())
        } else {
            write!(f, "-{}", self.first)
        }
    }
}

impl FromStr for Shown {
    type Err = std::num::ParseIntError;

    fn from_str(typed: &str) -> Result<Self, Self::Err> {
        match typed.split_once('-') {
            Some((now, first)) => Ok(Self {
                now: now.parse()?,
                first: first.parse()?,
            }),
            None => typed.parse::<i64>().map(Self::from),
        }
    }
}

impl<'de> Deserialize<'de> for Shown {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

impl Serialize for Shown {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::Shown;

    #[test]
    fn a_form_knows_what_it_was_opened_on_and_what_it_was_shown() {
        let opened = Shown::from(3);
        assert!(opened == 3 && !opened.changed(3) && opened.changed(5));
        let again: Shown = opened.on(5).to_string().parse().unwrap();
        assert!(again == 5 && again.changed(5) && again.first() == 3);
        assert_eq!(again.to_string(), "5-3");
        assert_eq!(opened.to_string(), "3");
        assert!("many".parse::<Shown>().is_err() && "5-x".parse::<Shown>().is_err());
    }
}
