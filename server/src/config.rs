//! Every setting, its default, its environment variable and its meaning. `handrail config` prints this table.

pub mod sending;

use std::{env, fs, path::PathBuf, sync::Arc};

use sending::Sending;

use crate::{
    platform::{Error, Result, db::Place},
    rules::{
        fit_note::{Code, read_conditions, shipped_condition_codes},
        retention::Periods,
    },
};

/// One setting, for people who look after the machine.
#[derive(Debug, Clone, Copy)]
pub struct Setting {
    pub variable: &'static str,
    pub default: &'static str,
    pub meaning: &'static str,
}

/// All settings, in the order in which `handrail config` prints them.
pub fn settings() -> impl Iterator<Item = &'static Setting> {
    SETTINGS.iter().chain(sending::SETTINGS)
}

const SETTINGS: &[Setting] = &[
    Setting {
        variable: "HANDRAIL_DATA",
        default: "(none)",
        meaning: "Folder of the SQLite database. The same as --data.",
    },
    Setting {
        variable: "HANDRAIL_DATABASE_URL",
        default: "(none)",
        meaning: "Address of a PostgreSQL database, instead of a folder. The same as --database-url.",
    },
    Setting {
        variable: "HANDRAIL_KEY_FILE",
        default: "the data folder's name with .key behind it, beside the folder",
        meaning: "The key file. Keep it outside the data and outside backups.",
    },
    Setting {
        variable: "HANDRAIL_LISTEN",
        default: "127.0.0.1:8080",
        meaning: "Address to serve on. The same as --listen.",
    },
    Setting {
        variable: "HANDRAIL_PUBLIC_URL",
        default: "http:// and the address served on",
        meaning: "The address people see, for links that are shown or sent.",
    },
    Setting {
        variable: "HANDRAIL_SECURE_COOKIES",
        default: "true, except on a loopback address without an https public address",
        meaning: "Cookies travel over HTTPS only.",
    },
    Setting {
        variable: "HANDRAIL_IDLE_MINUTES",
        default: "30",
        meaning: "Minutes without activity after which a session ends. 5 to 720.",
    },
    Setting {
        variable: "HANDRAIL_SESSION_HOURS",
        default: "12",
        meaning: "Hours after which a session ends whatever happens. 1 to 24.",
    },
    Setting {
        variable: "HANDRAIL_TRUST_PROXY",
        default: "false",
        meaning: "Believe X-Forwarded-For from the proxy in front. Only where there is one, or rate limits can be got round.",
    },
    Setting {
        variable: "HANDRAIL_RETENTION_CASE_MONTHS",
        default: "96",
        meaning: "Months that a closed case is kept. 1 to 1200. Confirm it with your information governance lead.",
    },
    Setting {
        variable: "HANDRAIL_RETENTION_DECLINED_MONTHS",
        default: "12",
        meaning: "Months that a referral is kept which was not taken forward, or was withdrawn. 1 to 1200.",
    },
    Setting {
        variable: "HANDRAIL_RETENTION_AUDIT_MONTHS",
        default: "96",
        meaning: "Months that the detail of audit events is kept. The events themselves stay. 1 to 1200.",
    },
    Setting {
        variable: "HANDRAIL_CONDITION_CODES",
        default: "the one code of the public example of the form",
        meaning: "A CSV file of condition codes offered beside a fit note: system,code,display. SNOMED CT needs a licence, so it does not come with Handrail.",
    },
    Setting {
        variable: "HANDRAIL_LOG",
        default: "info",
        meaning: "How much is logged: error, warn, info, debug.",
    },
];

/// The settings of a running service.
#[derive(Debug, Clone)]
pub struct Config {
    pub place: Place,
    pub key_file: PathBuf,
    pub public_url: String,
    pub secure_cookies: bool,
    pub idle_minutes: i64,
    pub session_hours: i64,
    pub trust_proxy: bool,
    /// Staff set up one-time codes at their first sign-in. Off only in the demonstration.
    pub one_time_codes: bool,
    /// How long each class of record is kept.
    pub retention: Periods,
    /// Codes of conditions, offered beside a fit note.
    pub condition_codes: Arc<Vec<Code>>,
    /// How messages leave. By default nothing does.
    pub sending: Sending,
}

impl Config {
    /// Reads the settings that are not on the command line from the environment. A wrong one is refused by name.
    pub fn read(place: Place, listen: &str) -> Result<Self> {
        let variable = |name: &str| env::var(name).ok().filter(|v| !v.trim().is_empty());
        let number =
            |name: &str, default: i64, range: std::ops::RangeInclusive<i64>| match variable(name) {
                None => Ok(default),
                Some(text) => text
                    .trim()
                    .parse()
                    .ok()
                    .filter(|n| range.contains(n))
                    .ok_or_else(|| {
                        Error::Internal(format!(
                            "{name} must be a whole number from {} to {}, not {text:?}",
                            range.start(),
                            range.end()
                        ))
                    }),
            };
        let flag = |name: &str, default: bool| match variable(name).as_deref() {
            None => Ok(default),
            Some("true" | "yes" | "1") => Ok(true),
            Some("false" | "no" | "0") => Ok(false),
            Some(text) => Err(Error::Internal(format!(
                "{name} must be true or false, not {text:?}"
            ))),
        };
        let usual = Periods::default();
        let months = |name: &str, default: u32| {
            number(name, i64::from(default), 1..=1200).map(|n| u32::try_from(n).unwrap_or(default))
        };
        let loopback = listen.starts_with("127.")
            || listen.starts_with("localhost")
            || listen.starts_with("[::1]");
        // Behind a proxy that speaks HTTPS, a loopback address says nothing about how people reach it.
        let public_url = variable("HANDRAIL_PUBLIC_URL")
            .unwrap_or_else(|| format!("http://{listen}"))
            .trim_end_matches('/')
            .to_owned();
        Ok(Self {
            key_file: variable("HANDRAIL_KEY_FILE")
                .map_or_else(|| default_key_file(&place), PathBuf::from),
            secure_cookies: flag(
                "HANDRAIL_SECURE_COOKIES",
                !loopback || public_url.starts_with("https://"),
            )?,
            public_url,
            idle_minutes: number("HANDRAIL_IDLE_MINUTES", 30, 5..=720)?,
            session_hours: number("HANDRAIL_SESSION_HOURS", 12, 1..=24)?,
            trust_proxy: flag("HANDRAIL_TRUST_PROXY", false)?,
            one_time_codes: true,
            retention: Periods {
                case_months: months("HANDRAIL_RETENTION_CASE_MONTHS", usual.case_months)?,
                declined_referral_months: months(
                    "HANDRAIL_RETENTION_DECLINED_MONTHS",
                    usual.declined_referral_months,
                )?,
                audit_detail_months: months(
                    "HANDRAIL_RETENTION_AUDIT_MONTHS",
                    usual.audit_detail_months,
                )?,
            },
            condition_codes: Arc::new(condition_codes(variable("HANDRAIL_CONDITION_CODES"))?),
            sending: Sending::read(&variable)?,
            place,
        })
    }
}

/// The service's own list of condition codes, or the one that ships.
fn condition_codes(file: Option<String>) -> Result<Vec<Code>> {
    let Some(file) = file else {
        return Ok(shipped_condition_codes());
    };
    let wrong = |why: String| Error::Internal(format!("HANDRAIL_CONDITION_CODES: {file}: {why}"));
    let text = fs::read_to_string(&file).map_err(|e| wrong(e.to_string()))?;
    read_conditions(&text).map_err(wrong)
}

/// Beside the data folder, never in it.
fn default_key_file(place: &Place) -> PathBuf {
    match place {
        Place::File(file) => {
            let folder = file
                .parent()
                .map_or_else(|| PathBuf::from("handrail"), PathBuf::from);
            let name = folder.file_name().map_or_else(
                || "handrail".to_owned(),
                |n| n.to_string_lossy().into_owned(),
            );
            folder.with_file_name(format!("{name}.key"))
        }
        Place::Server(_) => PathBuf::from("handrail.key"),
    }
}
