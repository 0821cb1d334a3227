//! Who may do what, to how much: the whole permission table in one match.

use crate::{choices, id::*};

choices! {
    /// What somebody is to the service. An account has one.
    pub enum Role {
        SupportWorker = "support_worker", "Support worker";
        Mentor = "mentor", "Mentor";
        PracticeStaff = "practice_staff", "GP and practice staff";
        ProgrammeManager = "programme_manager", "Programme manager";
        Administrator = "administrator", "Administrator";
    }
}

/// How far an account reaches. What a role may do, it may do to what lies inside its scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Scope {
    Practice(PracticeId),
    Team(TeamId),
    Region(RegionId),
    All,
}

impl Scope {
    /// The kind of scope that a role has: an account with another kind is refused when it is made.
    pub fn fits(self, role: Role) -> bool {
        matches!(
            (role, self),
            (Role::SupportWorker | Role::Mentor, Scope::Team(_))
                | (Role::PracticeStaff, Scope::Practice(_))
                | (Role::ProgrammeManager, Scope::Region(_) | Scope::All)
                | (Role::Administrator, Scope::All)
        )
    }
}

choices! {
    /// Everything that somebody signed in can do or see.
    pub enum Action {
        SeeToday = "see_today", "See Today";
        SeeCases = "see_cases", "See lists of people in support";
        SearchCases = "search_cases", "Search by name or reference";
        SeeCase = "see_case", "Open a case";
        SeeWorkingNotes = "see_working_notes", "Read working notes";
        EditPerson = "edit_person", "Change a person's details";
        RecordConsent = "record_consent", "Record or withdraw consent";
        RecordContact = "record_contact", "Record or correct a contact";
        PlanContact = "plan_contact", "Plan or move a contact";
        RecordFitNote = "record_fit_note", "Record, correct or mark a fit note";
        RecordAbsence = "record_absence", "Record time off and returns, and settle days";
        WritePlan = "write_plan", "Write the plan";
        ChangeStep = "change_step", "Step support up or down";
        CloseCase = "close_case", "Close a case";
        ReopenCase = "reopen_case", "Reopen a case";
        AssignCase = "assign_case", "Assign a case";
        HandOver = "hand_over", "Hand over for leave";
        SeeWorkload = "see_workload", "See workload by worker";
        RaiseConcern = "raise_concern", "Raise a safety concern";
        ActOnConcern = "act_on_concern", "Act on a safety concern";
        KeepRota = "keep_rota", "Keep the duty rota";
        RecordComplaint = "record_complaint", "Record a complaint or harm";
        SeeComplaints = "see_complaints", "See complaints and harms";
        ReferPatient = "refer_patient", "Refer a patient";
        SeeSentReferrals = "see_sent_referrals", "See the practice's referrals";
        ChangeSentReferral = "change_sent_referral", "Amend or withdraw a sent referral";
        SeeWaitingReferrals = "see_waiting_referrals", "See referrals that wait";
        DecideReferral = "decide_referral", "Accept or decline a referral";
        SeeCounts = "see_counts", "See a programme's counts";
        KeepAccounts = "keep_accounts", "Add, change and disable accounts";
        KeepOrganisations = "keep_organisations", "Keep organisations and programmes";
        KeepReferralLinks = "keep_referral_links", "Make and revoke referral links";
        SeeAudit = "see_audit", "See the audit log";
        SeeJobs = "see_jobs", "See the system's jobs";
        FillInQuestionnaire = "fill_in_questionnaire", "Fill in or correct a questionnaire";
        KeepQuestionnaires = "keep_questionnaires", "See which questionnaires are there";
        KeepPortal = "keep_portal", "Set up a person's own pages";
        ReviewAccess = "review_access", "Review a copy of the record";
        SeeMessages = "see_messages", "See what became of messages, and their wordings";
        ReadTexts = "read_texts", "Read the texts that people send";
        ReadUnknownTexts = "read_unknown_texts", "Read texts from unknown numbers";
        PrepareDocument = "prepare_document", "Prepare a document, and record what the person releases";
        KeepRetention = "keep_retention", "Set legal holds and see disposals";
    }
}

/// To which rows an action reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// May not do it at all.
    Nothing,
    /// What belongs to the account itself: notes it wrote, cases it works on, what came while it is on duty.
    Own,
    /// Everything inside the account's scope.
    Scope,
}

/// The permission table. Everything not named is refused.
pub fn may(role: Role, action: Action) -> Reach {
    use Action::*;
    use Reach::{Nothing, Own, Scope};
    match role {
        Role::SupportWorker => match action {
            SeeToday | SeeCases | SearchCases | SeeCase | EditPerson | RecordConsent
            | RecordContact | RecordFitNote | PlanContact | WritePlan | RecordAbsence
            | ChangeStep | CloseCase | ReopenCase | SeeWaitingReferrals | DecideReferral
            | RaiseConcern | ActOnConcern | RecordComplaint | FillInQuestionnaire | KeepPortal
            | ReadTexts | PrepareDocument => Scope,
            SeeWorkingNotes | HandOver | SeeComplaints | ReadUnknownTexts => Own,
            _ => Nothing,
        },
        Role::Mentor => match action {
            SeeToday | SeeCases | SearchCases | SeeCase | SeeWorkingNotes | EditPerson
            | RecordConsent | RecordContact | RecordFitNote | PlanContact | WritePlan
            | RecordAbsence | ChangeStep | CloseCase | ReopenCase | AssignCase | HandOver
            | SeeWorkload | SeeWaitingReferrals | DecideReferral | RaiseConcern | ActOnConcern
            | KeepRota | RecordComplaint | SeeComplaints | FillInQuestionnaire | KeepPortal
            | ReviewAccess | ReadTexts | ReadUnknownTexts | PrepareDocument => Scope,
            _ => Nothing,
        },
        Role::PracticeStaff => match action {
            ReferPatient | SeeSentReferrals | ChangeSentReferral => Scope,
            _ => Nothing,
        },
        Role::ProgrammeManager => match action {
            SeeCounts => Scope,
            _ => Nothing,
        },
        Role::Administrator => match action {
            KeepAccounts | KeepOrganisations | KeepReferralLinks | SeeAudit | SeeJobs
            | KeepRetention | KeepRota | KeepQuestionnaires | SeeMessages => Scope,
            _ => Nothing,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Choice;

    #[test]
    fn nobody_outside_the_service_team_reaches_a_case() {
        for role in [
            Role::PracticeStaff,
            Role::ProgrammeManager,
            Role::Administrator,
        ] {
            for action in [
                Action::SeeCase,
                Action::SeeCases,
                Action::SearchCases,
                Action::SeeWorkingNotes,
                Action::RecordContact,
                Action::RecordFitNote,
                Action::ActOnConcern,
                Action::SeeComplaints,
            ] {
                assert_eq!(
                    may(role, action),
                    Reach::Nothing,
                    "{} {}",
                    role.code(),
                    action.code()
                );
            }
        }
    }

    #[test]
    fn a_scope_must_fit_its_role() {
        assert!(!Scope::All.fits(Role::SupportWorker));
        assert!(!Scope::All.fits(Role::PracticeStaff));
        assert!(Scope::All.fits(Role::Administrator));
    }
}
