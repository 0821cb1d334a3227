//! One vocabulary for everything that can go wrong on a person's way through Handrail.

use std::fmt;

use crate::rules::field::FieldErrors;

pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong, as the person who asked may know it. How it looks is decided in `web::error`.
#[derive(Debug)]
pub enum Error {
    /// Nobody is signed in.
    SignInNeeded,
    /// The form that was sent stood on a page of another account: somebody else has signed in since.
    SomebodyElse,
    /// There is no such thing, or the actor may not know that there is.
    NotFound,
    /// A link that somebody was given and that leads nowhere any more, or never did: the same words for both.
    LinkGone,
    /// The actor may know of it and may not do this.
    Forbidden,
    /// Some fields need another look. Forms answer with their own page; this is for those without one.
    Invalid(FieldErrors),
    /// A rule says no, and why.
    Refused {
        code: &'static str,
        sentence: String,
    },
    /// Somebody else changed it since it was shown.
    Conflict,
    /// Too many tries; seconds until the next one.
    TooMany { wait_seconds: i64 },
    /// The database is full, gone or busy. It may come back by itself.
    Unavailable(String),
    /// Anything unforeseen: logged once with the request's id, shown to nobody.
    Internal(String),
}

impl Error {
    pub fn refused(code: &'static str, sentence: impl fmt::Display) -> Self {
        Self::Refused {
            code,
            sentence: sentence.to_string(),
        }
    }
    pub fn internal(cause: impl fmt::Display) -> Self {
        Self::Internal(cause.to_string())
    }
    /// A stable word for what went wrong. It holds nothing that anybody typed.
    pub fn code(&self) -> &'static str {
        match self {
            Self::SignInNeeded => "sign_in_needed",
            Self::SomebodyElse => "somebody_else",
            Self::NotFound => "not_found",
            Self::LinkGone => "link_gone",
            Self::Forbidden => "forbidden",
            Self::Invalid(_) => "invalid",
            Self::Refused { code, .. } => code,
            Self::Conflict => "conflict",
            Self::TooMany { .. } => "too_many",
            Self::Unavailable(_) => "unavailable",
            Self::Internal(_) => "internal",
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SignInNeeded => f.write_str("sign-in needed"),
            Self::SomebodyElse => f.write_str("somebody else is signed in now"),
            Self::NotFound => f.write_str("not found"),
            Self::LinkGone => f.write_str("the link is no longer there"),
            Self::Forbidden => f.write_str("forbidden"),
            Self::Invalid(errors) => {
                f.write_str("invalid")?;
                errors
                    .iter()
                    .try_for_each(|(field, sentence)| write!(f, "; {field}: {sentence}"))
            }
            Self::Refused { sentence, .. } => f.write_str(sentence),
            Self::Conflict => f.write_str("changed by somebody else since it was shown"),
            Self::TooMany { wait_seconds } => {
                write!(f, "too many tries; wait {wait_seconds} seconds")
            }
            Self::Unavailable(cause) => write!(f, "the database is unavailable: {cause}"),
            Self::Internal(cause) => write!(f, "internal error: {cause}"),
        }
    }
}

impl std::error::Error for Error {}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        if is_unavailable(&error) {
            Self::Unavailable(error.to_string())
        } else {
            Self::Internal(error.to_string())
        }
    }
}

/// Full disk, closed connections, a server going down: causes outside Handrail that may end by themselves.
fn is_unavailable(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed => true,
        sqlx::Error::Database(db) => db.code().is_some_and(|code| {
            // SQLite: 5 busy, 10 input/output, 13 full, 14 cannot open. PostgreSQL: classes 08 connection, 53 resources, 57 shutdown.
            let sqlite = code
                .parse::<u32>()
                .is_ok_and(|n| code.len() < 5 && matches!(n & 0xff, 5 | 10 | 13 | 14));
            sqlite
                || (code.len() == 5
                    && ["08", "53", "57"]
                        .iter()
                        .any(|class| code.starts_with(class)))
        }),
        _ => false,
    }
}

/// Makes `?` work on the small refusals of `rules`: a stable code and a plain sentence.
macro_rules! refusal {
    ($($kind:ty),+ $(,)?) => { $(
        impl From<$kind> for Error {
            fn from(refused: $kind) -> Self {
                Self::refused(refused.code(), refused)
            }
        }
    )+ };
}
refusal!(
    crate::rules::referral::Refused,
    crate::rules::caseload::Refused,
    crate::rules::safety::Refused,
    crate::rules::questionnaire::Refused,
    crate::rules::consent::Refused,
    crate::rules::absence::Refused,
    crate::rules::release::Refused
);

impl From<askama::Error> for Error {
    fn from(error: askama::Error) -> Self {
        Self::Internal(format!("template: {error}"))
    }
}
impl From<serde_json::Error> for Error {
    fn from(error: serde_json::Error) -> Self {
        Self::Internal(format!("json: {error}"))
    }
}
