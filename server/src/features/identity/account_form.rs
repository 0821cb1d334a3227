//! The form of an account: who somebody is, their role, and where they work.

use serde::{Deserialize, Serialize};

use super::{
    accounts::AccountChange,
    store::{self, StoredAccount},
};
use crate::{
    features::organisation as organisations,
    platform::{
        Result,
        db::Reader,
        web::{Said, Shown, label_of, words_of},
    },
    rules::{
        Choice,
        field::{self, FieldErrors},
        id::DraftId,
        permission::{Role, Scope},
    },
};

/// What the pages send: every field as typed.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub(super) struct AccountForm {
    pub draft: Option<DraftId>,
    pub version: Shown,
    pub name: String,
    pub email: String,
    pub role: String,
    pub team: String,
    pub practice: String,
    pub region: String,
}

impl AccountForm {
    pub fn of(account: &StoredAccount) -> Self {
        let id = store::scope_columns(account.scope)
            .1
            .map(|id| id.to_string())
            .unwrap_or_default();
        let when = |is: bool| if is { id.clone() } else { String::new() };
        Self {
            draft: None,
            version: account.version.into(),
            name: account.name.clone(),
            email: account.email.clone(),
            role: account.role.code().to_owned(),
            team: when(matches!(account.scope, Scope::Team(_))),
            practice: when(matches!(account.scope, Scope::Practice(_))),
            region: match account.scope {
                Scope::All => "all".to_owned(),
                scope => when(matches!(scope, Scope::Region(_))),
            },
        }
    }

    pub fn said(&self, choices: &ScopeChoices) -> Said {
        vec![
            ("Name", self.name.clone()),
            ("Email address", self.email.clone()),
            ("Role", label_of::<Role>(&self.role)),
            ("Team", words_of(&choices.teams, &self.team)),
            ("Practice", words_of(&choices.practices, &self.practice)),
            ("Region", words_of(&choices.regions, &self.region)),
        ]
    }

    /// Checks every field, in the order of the page.
    pub fn check(&self, choices: &ScopeChoices) -> Result<AccountChange, FieldErrors> {
        let mut errors = FieldErrors::default();
        let name = errors.take("name", field::line(&self.name, "Enter their name"));
        let email = errors.take("email", email(&self.email));
        let role: Option<Role> = errors.take("role", field::choice(&self.role, "Choose a role"));
        let scope = role.and_then(|role| self.scope(role, choices, &mut errors));
        match (name, email, role, scope) {
            (Some(name), Some(email), Some(role), Some(scope)) if errors.is_empty() => {
                Ok(AccountChange {
                    name,
                    email,
                    role,
                    scope,
                })
            }
            _ => Err(errors),
        }
    }
}

/// The boxes of a scope in the order of the page, and whose each is.
const SCOPES: [(&str, &str); 3] = [
    (
        "team",
        "Leave the team blank: only a support worker or a mentor has one",
    ),
    (
        "practice",
        "Leave the practice blank: only practice staff have one",
    ),
    (
        "region",
        "Leave the region blank: only a programme manager has one",
    ),
];

impl AccountForm {
    /// Where somebody of this role works. What was chosen for another role makes no sense beside it, and is not left aside unsaid.
    fn scope(&self, role: Role, choices: &ScopeChoices, errors: &mut FieldErrors) -> Option<Scope> {
        use crate::rules::Id;
        let (own, checked) = match role {
            Role::SupportWorker | Role::Mentor => (
                "team",
                chosen(&self.team, &choices.teams, "Choose the team they work in")
                    .map(|id| Scope::Team(Id::new(id))),
            ),
            Role::PracticeStaff => (
                "practice",
                chosen(
                    &self.practice,
                    &choices.practices,
                    "Choose the practice they work in",
                )
                .map(|id| Scope::Practice(Id::new(id))),
            ),
            Role::ProgrammeManager if self.region == "all" => ("region", Ok(Scope::All)),
            Role::ProgrammeManager => (
                "region",
                chosen(
                    &self.region,
                    &choices.regions,
                    "Choose their region, or all regions",
                )
                .map(|id| Scope::Region(Id::new(id))),
            ),
            Role::Administrator => ("", Ok(Scope::All)),
        };
        for ((name, sentence), typed) in
            SCOPES
                .into_iter()
                .zip([&self.team, &self.practice, &self.region])
        {
            if name == own {
                if let Err(sentence) = &checked {
                    errors.add(name, sentence.clone());
                }
            } else if !typed.is_empty() {
                errors.add(name, sentence);
            }
        }
        checked.ok()
    }
}

fn email(typed: &str) -> Result<String, String> {
    let line = field::line(typed, "Enter their email address")?;
    let (name, host) = line.split_once('@').unwrap_or_default();
    if name.is_empty() || !host.contains('.') || line.contains(char::is_whitespace) {
        return Err("Enter an email address like name@example.nhs.uk".to_owned());
    }
    Ok(store::folded_email(&line))
}

/// One of the options that were shown.
fn chosen(typed: &str, options: &[(String, String)], missing: &str) -> Result<uuid::Uuid, String> {
    options
        .iter()
        .find(|(id, _)| id == typed)
        .and_then(|(id, _)| id.parse().ok())
        .ok_or_else(|| missing.to_owned())
}

/// Where somebody can work: ids and names for the lists to choose from.
#[derive(Debug, Default)]
pub(super) struct ScopeChoices {
    pub teams: Vec<(String, String)>,
    pub practices: Vec<(String, String)>,
    pub regions: Vec<(String, String)>,
}

pub(super) async fn scope_choices(tx: &mut Reader) -> Result<ScopeChoices> {
    let mut regions = vec![("all".to_owned(), "All regions".to_owned())];
    regions.extend(
        organisations::regions(tx)
            .await?
            .into_iter()
            .map(|r| (r.id.to_string(), r.name)),
    );
    Ok(ScopeChoices {
        teams: organisations::teams(tx)
            .await?
            .into_iter()
            .map(|t| (t.id.to_string(), format!("{}, {}", t.name, t.provider)))
            .collect(),
        practices: organisations::practice_choices(tx).await?,
        regions,
    })
}
