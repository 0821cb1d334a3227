//! What messages say: a file for each kind, with named fields, in three measures for a text. Versions are kept, and the newest is sent.

use std::{collections::BTreeMap, sync::LazyLock};

use serde::Deserialize;

use crate::{
    platform::{
        Error, Result,
        messages::{self, ENGLISH},
    },
    rules::{
        Choice,
        message::{Channel, Kept, Needs, Says, Template},
    },
};

/// The words for the fields of a message.
pub type Fields = BTreeMap<String, String>;

/// The fields that every message may name, beside its own: the name of the service, and how to stop.
const COMMON: &[&str] = &["service", "stop"];

/// A kind of message as its file has it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Written {
    /// The fields that whoever queues it gives.
    pub fields: Vec<String>,
    needs: Needs,
    after_end: bool,
    at_once: bool,
    counts: bool,
    /// A text that comes back may be an answer to it.
    #[serde(default)]
    pub asks: bool,
    /// It is of no more use after this. 1 to 1,000.
    pub useful_hours: i64,
    pub sample: Fields,
    #[serde(rename = "version")]
    pub versions: Vec<Version>,
}

#[derive(Debug, Deserialize)]
pub struct Version {
    pub number: i64,
    #[serde(flatten)]
    pub languages: BTreeMap<String, Wording>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wording {
    neutral: String,
    service: String,
    question: String,
    subject: String,
    email: String,
    letter: String,
}

/// A message as it goes out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Body {
    /// Empty for a text.
    pub subject: String,
    pub words: String,
}

macro_rules! files {
    ($($name:literal),+ $(,)?) => {
        &[$(($name, include_str!(concat!("../../../data/messages/", $name, ".toml")))),+]
    };
}

const FILES: &[(&str, &str)] = files!(
    "own-pages",
    "checkin-question",
    "checkin-reminder",
    "checkin-again",
    "how-things",
    "afterwards-question",
    "document-news",
    "document-link",
    "document-code",
    "document-file",
    "not-watched",
    "texts-stopped",
    "staff-digest",
);

/// Read once: the files are part of the program. One that cannot be read is missing here, and a test says so.
static WRITTEN: LazyLock<BTreeMap<&'static str, Written>> = LazyLock::new(|| {
    FILES
        .iter()
        .filter_map(|(name, text)| Some((*name, toml::from_str(text).ok()?)))
        .collect()
});

/// The languages that somebody can have their messages and their own pages in: those of the message files in which every kind of message has words too.
pub fn languages() -> Vec<(&'static str, &'static str)> {
    let newest: Vec<&Version> = WRITTEN.values().filter_map(|w| w.newest().ok()).collect();
    messages::languages()
        .filter(|(code, _)| newest.iter().all(|v| v.languages.contains_key(*code)))
        .collect()
}

/// The file of a kind of message.
pub fn written(template: Template) -> Result<&'static Written> {
    WRITTEN.get(template.code()).ok_or_else(|| {
        Error::Internal(format!(
            "the wordings of {} cannot be read",
            template.code()
        ))
    })
}

impl Written {
    pub fn kept(&self) -> Kept {
        Kept {
            needs: self.needs,
            after_end: self.after_end,
            at_once: self.at_once,
            counts: self.counts,
        }
    }

    /// The version that is sent now.
    pub fn newest(&self) -> Result<&Version> {
        self.versions
            .iter()
            .max_by_key(|version| version.number)
            .ok_or_else(|| Error::internal("a kind of message without a version"))
    }
}

impl Version {
    /// The language to send in: the one asked for where there is a wording, else English.
    pub fn language<'a>(&self, asked: &'a str) -> &'a str {
        if self.languages.contains_key(asked) {
            asked
        } else {
            ENGLISH
        }
    }

    /// The words of a message.
    pub fn body(
        &self,
        language: &str,
        channel: Channel,
        says: Says,
        fields: &Fields,
    ) -> Result<Body> {
        let wording = self
            .languages
            .get(self.language(language))
            .ok_or_else(|| Error::internal("a kind of message without English words"))?;
        let (subject, words) = match (channel, says) {
            (Channel::Text, Says::Neutral) => ("", &wording.neutral),
            (Channel::Text, Says::Service) => ("", &wording.service),
            (Channel::Text, Says::Question) => ("", &wording.question),
            (Channel::Email, _) => (wording.subject.as_str(), &wording.email),
            (Channel::Letter, _) => (wording.subject.as_str(), &wording.letter),
        };
        Ok(Body {
            subject: filled(subject, fields)?.trim().to_owned(),
            words: filled(words, fields)?.trim().to_owned(),
        })
    }
}

/// Puts each field where its name stands in braces, once: braces in what somebody wrote stay as they are.
fn filled(text: &str, fields: &Fields) -> Result<String> {
    let mut done = String::with_capacity(text.len() + 100);
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, after) = after
            .split_once('}')
            .ok_or_else(|| Error::internal("a wording with a brace that is not closed"))?;
        let words = fields
            .get(name)
            .ok_or_else(|| Error::Internal(format!("a message without its field {name}")))?;
        done.push_str(before);
        done.push_str(words);
        rest = after;
    }
    done.push_str(rest);
    Ok(done)
}

/// Whether exactly the fields of a kind were given.
pub fn check_fields(written: &Written, fields: &Fields) -> Result<()> {
    let same = written.fields.len() == fields.len()
        && written.fields.iter().all(|name| fields.contains_key(name));
    if same {
        Ok(())
    } else {
        Err(Error::internal(
            "a message was queued without its fields, or with others",
        ))
    }
}

/// The sample words of a kind, for a preview.
pub fn sample(written: &Written, says_how_to_stop: &str) -> Fields {
    let mut fields = written.sample.clone();
    for name in COMMON {
        let words = match *name {
            "service" => "Steady Ground",
            _ => says_how_to_stop,
        };
        fields.insert((*name).to_owned(), words.to_owned());
    }
    fields
}

#[cfg(test)]
mod tests {
    use sha2::{Digest, Sha256};

    use super::*;

    /// Characters that fit a text of the GSM alphabet; three parts of 153 are the most we send.
    const LONGEST_TEXT: usize = 459;

    #[test]
    fn every_kind_has_a_file_and_each_can_be_read_and_filled() {
        assert_eq!(FILES.len(), Template::ALL.len());
        for &template in Template::ALL {
            let written = written(template).unwrap();
            check_fields(written, &written.sample).unwrap();
            assert!((1..=1_000).contains(&written.useful_hours));
            let fields = sample(written, "Reply STOP to stop.");
            for version in &written.versions {
                assert!(version.languages.contains_key(ENGLISH), "{template:?}");
                for language in version.languages.keys() {
                    for (&channel, &says) in Channel::ALL
                        .iter()
                        .flat_map(|c| Says::ALL.iter().map(move |s| (c, s)))
                    {
                        let body = version.body(language, channel, says, &fields).unwrap();
                        assert!(!body.words.is_empty() && !body.words.contains(['{', '}']));
                        assert_eq!(body.subject.is_empty(), channel == Channel::Text);
                        if channel == Channel::Text {
                            assert!(
                                body.words.chars().count() <= LONGEST_TEXT,
                                "{template:?} {says:?}: {}",
                                body.words
                            );
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn a_neutral_text_and_every_subject_to_a_person_say_nothing_of_health_or_work_or_the_service() {
        for &template in Template::ALL {
            let written = written(template).unwrap();
            let fields = sample(written, "Reply STOP to stop.");
            let version = written.newest().unwrap();
            let neutral = version
                .body(ENGLISH, Channel::Text, Says::Neutral, &fields)
                .unwrap();
            let email = version
                .body(ENGLISH, Channel::Email, Says::Neutral, &fields)
                .unwrap();
            for told in [&neutral.words, &email.subject] {
                let told = told.to_lowercase();
                for word in [
                    "work",
                    "steady ground",
                    "off",
                    "sick",
                    "gp",
                    "employer",
                    "fit note",
                ] {
                    // "working day" is when a text is read, and "Nobody watches" is in all of them.
                    let told = told.replace("working day", "").replace("handrail", "");
                    let named = told
                        .split(|c: char| !c.is_alphanumeric())
                        .any(|w| w == word);
                    assert!(
                        !(named || word.contains(' ') && told.contains(word)),
                        "{template:?}: {told}"
                    );
                }
            }
        }
    }

    #[test]
    fn whoever_can_answer_is_told_that_nobody_watches() {
        for template in [Template::NotWatched, Template::TextsStopped] {
            let body = written(template)
                .unwrap()
                .newest()
                .unwrap()
                .body(ENGLISH, Channel::Text, Says::Neutral, &Fields::new())
                .unwrap();
            for words in ["Nobody watches", "999", "111", "option 2"] {
                assert!(body.words.contains(words), "{template:?}: {}", body.words);
            }
        }
    }

    #[test]
    fn what_somebody_wrote_is_put_in_as_it_is() {
        let fields = Fields::from([("link".to_owned(), "{stop} {x} 😀".to_owned())]);
        assert_eq!(filled("a {link} b", &fields).unwrap(), "a {stop} {x} 😀 b");
        assert!(filled("{other}", &fields).is_err());
        assert!(filled("{link", &fields).is_err());
    }

    /// A version that went out is never changed: a new one is added behind it, and its digest here.
    #[test]
    fn no_version_changes_after_it_was_sent() {
        let digests: Vec<String> = FILES
            .iter()
            .flat_map(|(name, text)| {
                let table: toml::Table = text.parse().unwrap();
                let versions = table["version"].as_array().unwrap().clone();
                versions.into_iter().map(move |version| {
                    let digest: String = Sha256::digest(version.to_string())
                        .iter()
                        .take(6)
                        .map(|b| format!("{b:02x}"))
                        .collect();
                    format!("{name} {} {digest}", version["number"])
                })
            })
            .collect();
        insta::assert_snapshot!(digests.join("\n"));
    }
}
