//! For whom a request, a job or a command acts.

use std::sync::{Arc, OnceLock};

use crate::rules::{
    Choice,
    id::{AccountId, CaseId, PersonId},
    permission::{Action, Reach, Role, Scope, may},
};

/// The id of a request: it stands in the log, in the audit and on an error page, and tells nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestId(pub Arc<str>);

/// Somebody signed in.
#[derive(Debug, Clone)]
pub struct Account {
    pub id: AccountId,
    pub name: String,
    pub role: Role,
    pub scope: Scope,
    pub request_id: Option<RequestId>,
    /// Minutes without activity after which this session ends.
    pub idle_minutes: i64,
    /// Until the session ends in any case, whatever is done.
    pub ends_in_minutes: i64,
    /// A word about what just happened, to show once on the next page.
    pub notice: Option<String>,
}

/// Somebody on their own pages: whose they are, and nothing else.
#[derive(Debug, Clone)]
pub struct Themselves {
    pub person: PersonId,
    pub case: CaseId,
    pub request_id: Option<RequestId>,
}

/// Who turned out to ask, left on a request for an error page: its frame then costs no look into the database.
#[derive(Debug, Clone, Default)]
pub struct Asker(Arc<OnceLock<Actor>>);

impl Asker {
    pub fn is(&self, actor: &Actor) {
        let _ = self.0.set(actor.clone());
    }
    pub fn known(&self) -> Option<&Actor> {
        self.0.get()
    }
}

/// Who acts.
#[derive(Debug, Clone)]
pub enum Actor {
    Account(Arc<Account>),
    /// A person on their own pages. They hold no role: a command that they may do asks for their own case.
    Person(Arc<Themselves>),
    /// A stranger on a public page.
    Public(Option<RequestId>),
    /// The server itself, by the name of the job.
    System(&'static str),
    CommandLine,
}

impl Actor {
    pub fn account(&self) -> Option<&Account> {
        match self {
            Self::Account(account) => Some(account),
            _ => None,
        }
    }
    /// The person on their own pages, where it is one.
    pub fn themselves(&self) -> Option<&Themselves> {
        match self {
            Self::Person(themselves) => Some(themselves),
            _ => None,
        }
    }
    /// The account that stands behind what this actor writes of a case. None stands behind a person who writes of their own.
    pub fn author_of(&self, case: CaseId) -> crate::platform::Result<Option<AccountId>> {
        match self {
            Self::Account(account) => Ok(Some(account.id)),
            Self::Person(themselves) if themselves.case == case => Ok(None),
            _ => Err(crate::platform::Error::SignInNeeded),
        }
    }
    pub fn account_id(&self) -> Option<AccountId> {
        self.account().map(|a| a.id)
    }
    pub fn role(&self) -> Option<Role> {
        self.account().map(|a| a.role)
    }
    /// How far this actor may do something. Strangers, jobs and commands hold no permission: their commands are called by name.
    pub fn reach(&self, action: Action) -> Reach {
        self.role().map_or(Reach::Nothing, |role| may(role, action))
    }
    pub fn may(&self, action: Action) -> bool {
        self.reach(action) != Reach::Nothing
    }
    /// Refuses what the role may not do at all.
    pub fn must(&self, action: Action) -> crate::platform::Result<&Account> {
        match self.account() {
            None => Err(crate::platform::Error::SignInNeeded),
            Some(account) if may(account.role, action) != Reach::Nothing => Ok(account),
            Some(_) => Err(crate::platform::Error::Forbidden),
        }
    }
    /// How the audit log names this actor.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Account(account) => account.role.code(),
            Self::Person(_) => "person",
            Self::Public(_) => "public",
            Self::System(_) => "system",
            Self::CommandLine => "command_line",
        }
    }
    pub fn request_id(&self) -> Option<&str> {
        match self {
            Self::Account(account) => account.request_id.as_ref(),
            Self::Person(themselves) => themselves.request_id.as_ref(),
            Self::Public(id) => id.as_ref(),
            _ => None,
        }
        .map(|id| &*id.0)
    }
}
