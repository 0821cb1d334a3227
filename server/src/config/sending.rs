//! The settings by which messages leave: which provider for which way, and where its secrets lie. Secrets are read from files alone.

use std::{fmt, fs, sync::Arc};

use super::Setting;
use crate::platform::{
    Error, Result,
    mail::{Privacy, Smtp, certificate, mailbox},
    notify::{ADDRESS, Notify},
};

pub const SETTINGS: &[Setting] = &[
    Setting {
        variable: "HANDRAIL_TEXT",
        default: "none",
        meaning: "How texts leave: none (nothing leaves) or notify (GOV.UK Notify).",
    },
    Setting {
        variable: "HANDRAIL_EMAIL",
        default: "none",
        meaning: "How emails leave: none, smtp (a mail server) or notify.",
    },
    Setting {
        variable: "HANDRAIL_LETTER",
        default: "none",
        meaning: "How letters leave: none (staff print them from the case) or notify.",
    },
    Setting {
        variable: "HANDRAIL_SMTP_HOST",
        default: "(none)",
        meaning: "The mail server, for HANDRAIL_EMAIL=smtp.",
    },
    Setting {
        variable: "HANDRAIL_SMTP_PORT",
        default: "465, 587 or 25, by HANDRAIL_SMTP_PRIVACY",
        meaning: "The mail server's port.",
    },
    Setting {
        variable: "HANDRAIL_SMTP_PRIVACY",
        default: "tls",
        meaning: "tls (from the first byte), starttls, or none, which is only allowed to a server on this machine.",
    },
    Setting {
        variable: "HANDRAIL_SMTP_CA_FILE",
        default: "(none)",
        meaning: "A PEM file with who signs the mail server's certificate, where this machine does not trust it anyway.",
    },
    Setting {
        variable: "HANDRAIL_SMTP_USER",
        default: "(none)",
        meaning: "The user at the mail server, if it asks for one.",
    },
    Setting {
        variable: "HANDRAIL_SMTP_PASSWORD_FILE",
        default: "(none)",
        meaning: "A file with the password at the mail server and nothing else.",
    },
    Setting {
        variable: "HANDRAIL_EMAIL_FROM",
        default: "(none)",
        meaning: "Whom emails come from, like: Steady Ground <no-reply@example.org>. For HANDRAIL_EMAIL=smtp.",
    },
    Setting {
        variable: "HANDRAIL_NOTIFY_KEY_FILE",
        default: "(none)",
        meaning: "A file with the API key of GOV.UK Notify and nothing else.",
    },
    Setting {
        variable: "HANDRAIL_NOTIFY_URL",
        default: ADDRESS,
        meaning: "Where Notify answers. Change it only to test.",
    },
    Setting {
        variable: "HANDRAIL_NOTIFY_TEXT_TEMPLATE",
        default: "(none)",
        meaning: "The id of a text template at Notify that says ((body)).",
    },
    Setting {
        variable: "HANDRAIL_NOTIFY_EMAIL_TEMPLATE",
        default: "(none)",
        meaning: "The id of an email template at Notify: subject ((subject)), message ((body)).",
    },
    Setting {
        variable: "HANDRAIL_NOTIFY_LETTER_TEMPLATE",
        default: "(none)",
        meaning: "The id of a letter template at Notify that says ((body)).",
    },
    Setting {
        variable: "HANDRAIL_NOTIFY_TOKEN_FILE",
        default: "(none: nothing that comes is taken)",
        meaning: "A file with the bearer token, at least 20 characters, that Notify sends with delivery receipts and texts that come.",
    },
];

/// The settings that name a file with a secret.
pub const SECRET_FILES: &[&str] = &[
    "HANDRAIL_SMTP_PASSWORD_FILE",
    "HANDRAIL_NOTIFY_KEY_FILE",
    "HANDRAIL_NOTIFY_TOKEN_FILE",
];

/// How messages of one kind leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Way {
    /// Nothing leaves.
    #[default]
    None,
    Smtp,
    Notify,
}

/// How messages leave, and how what comes is known to be from the provider.
#[derive(Clone, Default)]
pub struct Sending {
    pub text: Way,
    pub email: Way,
    pub letter: Way,
    pub smtp: Option<Smtp>,
    pub notify: Option<Notify>,
    /// What Notify sends with what it tells us. `None` where nothing is taken.
    pub token: Option<Arc<str>>,
}

impl fmt::Debug for Sending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sending")
            .field("text", &self.text)
            .field("email", &self.email)
            .field("letter", &self.letter)
            .finish_non_exhaustive()
    }
}

impl Sending {
    /// Reads the settings with `variable`. A wrong one is refused by name; a secret is never told back.
    pub fn read(variable: &impl Fn(&str) -> Option<String>) -> Result<Self> {
        let mut sending = Self {
            text: way(variable, "HANDRAIL_TEXT", &[Way::Notify])?,
            email: way(variable, "HANDRAIL_EMAIL", &[Way::Smtp, Way::Notify])?,
            letter: way(variable, "HANDRAIL_LETTER", &[Way::Notify])?,
            ..Self::default()
        };
        if sending.email == Way::Smtp {
            sending.smtp = Some(smtp(variable)?);
        }
        if sending.uses(Way::Notify) {
            sending.notify = Some(sending.read_notify(variable)?);
        }
        if let Some(token) = file(variable, "HANDRAIL_NOTIFY_TOKEN_FILE")? {
            if token.chars().count() < 20 {
                return Err(wrong(
                    "HANDRAIL_NOTIFY_TOKEN_FILE",
                    "the token is shorter than 20 characters",
                ));
            }
            sending.token = Some(token.into());
        }
        Ok(sending)
    }

    pub fn uses(&self, way: Way) -> bool {
        [self.text, self.email, self.letter].contains(&way)
    }

    fn read_notify(&self, variable: &impl Fn(&str) -> Option<String>) -> Result<Notify> {
        const KEY: &str = "HANDRAIL_NOTIFY_KEY_FILE";
        let key = file(variable, KEY)?
            .ok_or_else(|| wrong(KEY, "set it: Notify sends nothing without a key"))?;
        let address = variable("HANDRAIL_NOTIFY_URL").unwrap_or_else(|| ADDRESS.to_owned());
        let private = address.starts_with("https://") || is_local(host_of(&address));
        if !private {
            return Err(wrong("HANDRAIL_NOTIFY_URL", "it must begin with https://"));
        }
        let mut notify = Notify::new(&key, &address, None).map_err(|why| wrong(KEY, &why))?;
        let template = |used: Way, name: &str| match variable(name) {
            None if used == Way::Notify => Err(wrong(name, "set it to the id of a template")),
            other => Ok(other),
        };
        notify.text_template = template(self.text, "HANDRAIL_NOTIFY_TEXT_TEMPLATE")?;
        notify.email_template = template(self.email, "HANDRAIL_NOTIFY_EMAIL_TEMPLATE")?;
        notify.letter_template = template(self.letter, "HANDRAIL_NOTIFY_LETTER_TEMPLATE")?;
        Ok(notify)
    }
}

fn wrong(name: &str, why: &str) -> Error {
    Error::Internal(format!("{name}: {why}"))
}

fn way(variable: &impl Fn(&str) -> Option<String>, name: &str, may: &[Way]) -> Result<Way> {
    let way = match variable(name).as_deref().map(str::trim) {
        None | Some("none") => return Ok(Way::None),
        Some("smtp") => Way::Smtp,
        Some("notify") => Way::Notify,
        Some(other) => return Err(wrong(name, &format!("there is no provider {other:?}"))),
    };
    if may.contains(&way) {
        Ok(way)
    } else {
        Err(wrong(name, "this provider cannot send that"))
    }
}

/// What stands in a file that a setting names.
fn file(variable: &impl Fn(&str) -> Option<String>, name: &str) -> Result<Option<String>> {
    let Some(file) = variable(name) else {
        return Ok(None);
    };
    let text = fs::read_to_string(&file).map_err(|e| wrong(name, &format!("{file}: {e}")))?;
    let text = text.trim();
    if text.is_empty() {
        return Err(wrong(name, &format!("{file} is empty")));
    }
    Ok(Some(text.to_owned()))
}

fn host_of(address: &str) -> &str {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    rest.split(['/', ':']).next().unwrap_or_default()
}

fn is_local(host: &str) -> bool {
    host == "localhost" || host.starts_with("127.") || host == "::1"
}

fn smtp(variable: &impl Fn(&str) -> Option<String>) -> Result<Smtp> {
    let needed =
        |name: &str| variable(name).ok_or_else(|| wrong(name, "set it: HANDRAIL_EMAIL is smtp"));
    let host = needed("HANDRAIL_SMTP_HOST")?.trim().to_owned();
    let from = mailbox(&needed("HANDRAIL_EMAIL_FROM")?)
        .map_err(|why| wrong("HANDRAIL_EMAIL_FROM", &why))?;
    let (privacy, usual) = match variable("HANDRAIL_SMTP_PRIVACY").as_deref().map(str::trim) {
        None | Some("tls") => (Privacy::Tls, 465),
        Some("starttls") => (Privacy::StartTls, 587),
        Some("none") if is_local(&host) => (Privacy::None, 25),
        Some("none") => {
            return Err(wrong(
                "HANDRAIL_SMTP_PRIVACY",
                "none is only allowed to a server on this machine",
            ));
        }
        Some(_) => {
            return Err(wrong(
                "HANDRAIL_SMTP_PRIVACY",
                "it is tls, starttls or none",
            ));
        }
    };
    let port = match variable("HANDRAIL_SMTP_PORT") {
        None => usual,
        Some(text) => text
            .trim()
            .parse()
            .map_err(|_| wrong("HANDRAIL_SMTP_PORT", "it must be a number from 1 to 65535"))?,
    };
    let password = file(variable, "HANDRAIL_SMTP_PASSWORD_FILE")?;
    let user = match (variable("HANDRAIL_SMTP_USER"), password) {
        (None, None) => None,
        (Some(user), Some(password)) => Some((user, password.into())),
        _ => {
            return Err(wrong(
                "HANDRAIL_SMTP_USER",
                "a user goes with HANDRAIL_SMTP_PASSWORD_FILE, and the file with a user",
            ));
        }
    };
    let trusts = file(variable, "HANDRAIL_SMTP_CA_FILE")?
        .map(|pem| certificate(&pem).map_err(|why| wrong("HANDRAIL_SMTP_CA_FILE", &why)))
        .transpose()?;
    Ok(Smtp {
        trusts,
        user,
        ..Smtp::new(host, port, privacy, from)
    })
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    fn read(set: &[(&str, &str)]) -> Result<Sending> {
        let set: HashMap<String, String> = set
            .iter()
            .map(|(n, v)| ((*n).to_owned(), (*v).to_owned()))
            .collect();
        Sending::read(&|name: &str| set.get(name).cloned())
    }

    #[test]
    fn nothing_leaves_unless_a_setting_says_so() {
        let sending = read(&[]).unwrap();
        assert_eq!(
            (sending.text, sending.email, sending.letter),
            (Way::None, Way::None, Way::None)
        );
        assert!(sending.smtp.is_none() && sending.notify.is_none() && sending.token.is_none());
    }

    #[test]
    fn a_wrong_setting_is_refused_by_name_and_its_secret_is_not_told_back() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("secret");
        std::fs::write(&file, "hunter2-hunter2").unwrap();
        let file = file.to_str().unwrap();
        for (set, name) in [
            (vec![("HANDRAIL_TEXT", "pigeon")], "HANDRAIL_TEXT"),
            (vec![("HANDRAIL_TEXT", "smtp")], "HANDRAIL_TEXT"),
            (
                vec![("HANDRAIL_TEXT", "notify")],
                "HANDRAIL_NOTIFY_KEY_FILE",
            ),
            (
                vec![
                    ("HANDRAIL_TEXT", "notify"),
                    ("HANDRAIL_NOTIFY_KEY_FILE", file),
                ],
                "HANDRAIL_NOTIFY_KEY_FILE",
            ),
            (vec![("HANDRAIL_EMAIL", "smtp")], "HANDRAIL_SMTP_HOST"),
            (
                vec![
                    ("HANDRAIL_EMAIL", "smtp"),
                    ("HANDRAIL_SMTP_HOST", "mail.example.org"),
                    ("HANDRAIL_EMAIL_FROM", "a@example.org"),
                    ("HANDRAIL_SMTP_PRIVACY", "none"),
                ],
                "HANDRAIL_SMTP_PRIVACY",
            ),
            (
                vec![
                    ("HANDRAIL_EMAIL", "smtp"),
                    ("HANDRAIL_SMTP_HOST", "mail.example.org"),
                    ("HANDRAIL_EMAIL_FROM", "nobody"),
                ],
                "HANDRAIL_EMAIL_FROM",
            ),
            (
                vec![("HANDRAIL_NOTIFY_TOKEN_FILE", file)],
                "HANDRAIL_NOTIFY_TOKEN_FILE",
            ),
        ] {
            let error = read(&set).unwrap_err().to_string();
            let Err(Error::Internal(cause)) = read(&set) else {
                panic!("{error}")
            };
            assert!(cause.starts_with(name), "{cause}");
            assert!(!cause.contains("hunter2"), "{cause}");
        }
    }

    #[test]
    fn a_mail_server_is_reached_privately_unless_it_is_on_this_machine() {
        let mut set = vec![
            ("HANDRAIL_EMAIL", "smtp"),
            ("HANDRAIL_SMTP_HOST", "mail.example.org"),
            (
                "HANDRAIL_EMAIL_FROM",
                "Steady Ground <no-reply@example.org>",
            ),
        ];
        let smtp = read(&set).unwrap().smtp.unwrap();
        assert_eq!((smtp.port, smtp.privacy), (465, Privacy::Tls));
        set[1].1 = "127.0.0.1";
        set.push(("HANDRAIL_SMTP_PRIVACY", "none"));
        let smtp = read(&set).unwrap().smtp.unwrap();
        assert_eq!((smtp.port, smtp.privacy), (25, Privacy::None));
    }
}
