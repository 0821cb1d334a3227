//! Everything worth auditing, in one list. An event holds ids and the names of fields, never what was written.

use crate::choices;

choices! {
    /// What happened. The code is the name in the log.
    pub enum Event {
        SignedIn = "account.signed_in", "Signed in";
        SignInRefused = "account.sign_in_refused", "Sign-in refused";
        SignedOut = "account.signed_out", "Signed out";
        AccountAdded = "account.added", "Account added";
        AccountChanged = "account.changed", "Account changed";
        AccountDisabled = "account.disabled", "Account disabled";
        AccountEnabled = "account.enabled", "Account enabled";
        RegistrationRecorded = "account.registration_recorded", "Registration recorded";
        RegistrationEnded = "account.registration_ended", "Registration ended";
        PasswordChanged = "account.password_changed", "Password changed";
        OneTimeCodeSet = "account.one_time_code_set", "One-time code set up";
        RecoveryCodesMade = "account.recovery_codes_made", "Recovery codes made";
        AccessRefused = "access.refused", "Access refused";
        OrganisationChanged = "organisation.changed", "Organisation changed";
        ProgrammeChanged = "programme.changed", "Programme changed";
        ReferralLinkMade = "referral_link.made", "Referral link made";
        ReferralLinkRevoked = "referral_link.revoked", "Referral link revoked";
        ReferralSent = "referral.sent", "Referral sent";
        ReferralAmended = "referral.amended", "Referral amended";
        ReferralWithdrawn = "referral.withdrawn", "Referral withdrawn";
        ReferralAccepted = "referral.accepted", "Referral accepted";
        ReferralDeclined = "referral.declined", "Referral declined";
        ReferralViewed = "referral.viewed", "Referral viewed";
        ReferralsListed = "referral.listed", "Referrals listed";
        AmendmentRead = "referral.amendment_read", "Amendment read";
        RedFlagConfirmed = "referral.red_flag_confirmed", "Red flag confirmed as dealt with";
        EligibilityAnswered = "referral.eligibility_answered", "Eligibility answered";
        CaseViewed = "case.viewed", "Case viewed";
        CasesListed = "case.listed", "Cases listed";
        CasesSearched = "case.searched", "Cases searched";
        CaseAssigned = "case.assigned", "Case assigned";
        CaseHandedOver = "case.handed_over", "Case handed over";
        CoverEnded = "case.cover_ended", "Cover ended early";
        CaseImported = "case.imported", "Case imported";
        StepChanged = "case.step_changed", "Step changed";
        CaseClosed = "case.closed", "Case closed";
        CaseReopened = "case.reopened", "Case reopened";
        CaseDisposed = "case.disposed", "Case disposed of";
        LegalHoldSet = "case.legal_hold_set", "Legal hold set";
        LegalHoldLifted = "case.legal_hold_lifted", "Legal hold lifted";
        LeaveSet = "worker.leave_set", "Leave set";
        CapacitySet = "worker.capacity_set", "Capacity set";
        PersonChanged = "person.changed", "Person's details changed";
        ConsentRecorded = "consent.recorded", "Consent recorded";
        ConsentWithdrawn = "consent.withdrawn", "Consent withdrawn";
        ContactRecorded = "contact.recorded", "Contact recorded";
        ContactCorrected = "contact.corrected", "Contact corrected";
        ContactPlanned = "contact.planned", "Contact planned";
        ContactMoved = "contact.moved", "Contact moved";
        ContactCancelled = "contact.cancelled", "Contact cancelled";
        NoteWritten = "note.written", "Note written";
        NoteCorrected = "note.corrected", "Note corrected";
        SectionWritten = "assessment.section_written", "Section of the assessment written";
        ObstacleRecorded = "assessment.obstacle_recorded", "Obstacle recorded";
        ObstacleChanged = "assessment.obstacle_changed", "Obstacle changed";
        ObstacleReviewed = "assessment.obstacle_reviewed", "Obstacle reviewed";
        StrengthRecorded = "assessment.strength_recorded", "Strength recorded";
        StrengthChanged = "assessment.strength_changed", "Strength changed";
        RulersRead = "assessment.rulers_read", "Rulers read";
        DemandsRecorded = "assessment.demands_recorded", "Demands of the job recorded";
        AssessmentTakenBack = "assessment.taken_back", "Part of the assessment taken back";
        WorkReportMade = "assessment.report_made", "Health and work report made";
        AssessmentViewed = "assessment.viewed", "Assessment viewed";
        FitNoteRecorded = "fit_note.recorded", "Fit note recorded";
        FitNoteCorrected = "fit_note.corrected", "Fit note corrected";
        FitNoteMarked = "fit_note.marked", "Fit note marked as duplicate, wrong or counting";
        FitNoteViewed = "fit_note.viewed", "Fit notes viewed";
        FitNotePhotoAdded = "fit_note.photo_added", "Picture of a fit note added";
        FitNotePhotoRemoved = "fit_note.photo_removed", "Picture of a fit note taken away";
        FitNotePhotoViewed = "fit_note.photo_viewed", "Picture of a fit note viewed";
        FitNoteExported = "fit_note.exported", "Fit note exported";
        AbsenceTold = "absence.told", "Time off recorded";
        AbsenceTakenBack = "absence.taken_back", "Time off taken back";
        AbsenceSettled = "absence.settled", "Days that sources disagree on settled";
        AbsenceExported = "absence.exported", "Facts about time off taken out as a file";
        WorkingPatternSet = "absence.pattern_set", "Working days and hours recorded";
        QuestionnaireFilledIn = "questionnaire.filled_in", "Questionnaire filled in";
        QuestionnaireCorrected = "questionnaire.corrected", "Questionnaire corrected";
        QuestionnaireViewed = "questionnaire.viewed", "Questionnaire viewed";
        QuestionnaireExported = "questionnaire.exported", "Questionnaire exported";
        QuestionnaireImported = "questionnaire.imported", "Questionnaire imported";
        QuestionnaireLoaded = "questionnaire.loaded", "Definition of a questionnaire loaded";
        ValueSetLoaded = "questionnaire.value_set_loaded", "Value set loaded";
        ConcernRaised = "safety.raised", "Safety concern raised";
        ConcernAcknowledged = "safety.acknowledged", "Safety concern acknowledged";
        ConcernEscalated = "safety.escalated", "Safety concern escalated";
        ConcernStepRecorded = "safety.step_recorded", "Safety step recorded";
        SafetyDisclosed = "safety.disclosed", "Disclosed for safety";
        ConcernClosed = "safety.closed", "Safety concern closed";
        ConcernViewed = "safety.viewed", "Safety concern viewed";
        RotaChanged = "safety.rota_changed", "Duty rota changed";
        ComplaintRecorded = "complaint.recorded", "Complaint or harm recorded";
        ComplaintAnswered = "complaint.answered", "Complaint or harm answered";
        ComplaintsListed = "complaint.listed", "Complaints listed";
        PlanWritten = "plan.written", "Plan written";
        GoalWritten = "plan.goal_written", "Goal written";
        GoalChanged = "plan.goal_changed", "Goal changed";
        ActionAgreed = "plan.action_agreed", "Something to try agreed";
        ActionChanged = "plan.action_changed", "Something to try changed";
        ActionStepRecorded = "plan.action_step_recorded", "What was tried recorded";
        ReturnPlanned = "plan.return_planned", "Graded return planned";
        ReturnWeekRecorded = "plan.return_week_recorded", "Week of a return recorded";
        AdjustmentWritten = "plan.adjustment_written", "Adjustment written";
        AdjustmentChanged = "plan.adjustment_changed", "Adjustment changed";
        AdjustmentMoved = "plan.adjustment_moved", "Adjustment moved on";
        ConversationPrepared = "plan.conversation_prepared", "Conversation with an employer prepared";
        PlanAgreed = "plan.agreed", "Plan agreed";
        AgreementAdded = "plan.agreement_added", "Agreement to a plan added";
        PlanViewed = "plan.viewed", "Plan viewed";
        PortalLinkMade = "portal.link_made", "Link to own pages made";
        PortalWordSet = "portal.word_set", "Word for own pages set";
        PortalOpened = "portal.opened", "Own pages opened";
        PortalRefused = "portal.refused", "Own pages not opened";
        PortalKept = "portal.kept", "Own pages kept open on a device";
        PortalClosed = "portal.closed", "Own pages closed on a device";
        PortalViewed = "portal.viewed", "Own pages viewed";
        PortalDownloaded = "portal.downloaded", "Own record downloaded";
        PortalAsked = "portal.asked", "Asked for or told on own pages";
        PortalAskSeen = "portal.ask_seen", "What was asked or told seen to";
        AccessRequested = "access_request.received", "Copy of the record asked for";
        AccessReviewed = "access_request.reviewed", "Copy of the record reviewed";
        AccessRedacted = "access_request.redacted", "Part left out of a copy";
        AccessGiven = "access_request.given", "Copy of the record given";
        AccessViewed = "access_request.viewed", "Request for a copy viewed";
        DocumentPrepared = "document.prepared", "Document prepared";
        DocumentChosen = "document.chosen", "What is in a document chosen";
        DocumentOffered = "document.offered", "Document given to the person to look at";
        DocumentKept = "document.kept", "Document kept to think";
        DocumentReleased = "document.released", "Document released";
        DocumentDeclined = "document.declined", "Document not released";
        DocumentLinkMade = "document.link_made", "Link and code of a document made";
        DocumentOpened = "document.opened", "Document opened by its recipient";
        DocumentCodeRefused = "document.code_refused", "Wrong code for a document";
        DocumentDownloaded = "document.downloaded", "Document made as a PDF";
        DocumentAnswered = "document.answered", "Document answered by its recipient";
        DocumentAnswerTold = "document.answer_told", "Answer to a document reached the person";
        DocumentRevoked = "document.revoked", "Document closed";
        DocumentExpired = "document.expired", "Document's time over";
        DocumentViewed = "document.viewed", "Document viewed";
        CountsViewed = "programme.counts_viewed", "Counts viewed";
        AuditViewed = "audit.viewed", "Audit log viewed";
        AuditDetailErased = "audit.detail_erased", "Audit detail erased";
        JobRetried = "job.retried", "Job retried";
        BackupMade = "backup.made", "Backup made";
        BackupRestored = "backup.restored", "Backup restored";
        KeysRotated = "keys.rotated", "Keys rotated";
        CountersRebuilt = "counters.rebuilt", "Counters rebuilt";
        DemoMade = "demo.made", "Demonstration data made";
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::Event;
    use crate::Choice;

    #[test]
    fn every_event_has_a_name_of_its_own() {
        let names: BTreeSet<_> = Event::ALL.iter().map(|e| e.code()).collect();
        assert_eq!(names.len(), Event::ALL.len());
        assert!(names.iter().all(|n| n.split_once('.').is_some()));
    }
}
