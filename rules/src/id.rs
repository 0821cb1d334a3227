//! Identifiers: a UUID that knows what it identifies, so that a case's id cannot be given for a person's.

use std::{fmt, marker::PhantomData, str::FromStr};

use uuid::Uuid;

/// The identifier of a `T`. Inside it is UUIDv7, which tells when it was made: links to patients use random tokens instead.
pub struct Id<T>(Uuid, PhantomData<fn() -> T>);

impl<T> Id<T> {
    pub const fn new(uuid: Uuid) -> Self {
        Self(uuid, PhantomData)
    }
    pub const fn uuid(self) -> Uuid {
        self.0
    }
}

impl<T> Clone for Id<T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T> Copy for Id<T> {}
impl<T> PartialEq for Id<T> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}
impl<T> Eq for Id<T> {}
impl<T> PartialOrd for Id<T> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl<T> Ord for Id<T> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.cmp(&other.0)
    }
}
impl<T> std::hash::Hash for Id<T> {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}
impl<T> fmt::Debug for Id<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}
impl<T> fmt::Display for Id<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}
impl<T> FromStr for Id<T> {
    type Err = uuid::Error;
    fn from_str(s: &str) -> Result<Self, Self::Err> {
        Ok(Self::new(s.parse()?))
    }
}
impl<T> serde::Serialize for Id<T> {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(s)
    }
}
impl<'de, T> serde::Deserialize<'de> for Id<T> {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        Ok(Self::new(Uuid::deserialize(d)?))
    }
}

/// What ids identify. These types have no values: they only tell ids apart.
macro_rules! kinds {
    ($($kind:ident => $id:ident),+ $(,)?) => {
        $(
            #[derive(Debug)]
            pub enum $kind {}
            pub type $id = Id<$kind>;
        )+
    };
}

kinds! {
    AccountKind => AccountId,
    RegionKind => RegionId,
    PracticeKind => PracticeId,
    ProviderKind => ProviderId,
    EmployerKind => EmployerId,
    TeamKind => TeamId,
    ProgrammeKind => ProgrammeId,
    ReferralLinkKind => ReferralLinkId,
    PersonKind => PersonId,
    ReferralKind => ReferralId,
    CaseKind => CaseId,
    ContactKind => ContactId,
    PlannedContactKind => PlannedContactId,
    NoteKind => NoteId,
    FitNoteKind => FitNoteId,
    FitNotePhotoKind => FitNotePhotoId,
    ConsentKind => ConsentId,
    WordingKind => WordingId,
    HandoverKind => HandoverId,
    HandoverBatchKind => HandoverBatchId,
    LeaveKind => LeaveId,
    ConcernKind => ConcernId,
    ComplaintKind => ComplaintId,
    ClosureKind => ClosureId,
    PlanKind => PlanId,
    GoalKind => GoalId,
    PlanActionKind => PlanActionId,
    ActionStepKind => ActionStepId,
    GradedReturnKind => GradedReturnId,
    ReturnWeekKind => ReturnWeekId,
    AdjustmentKind => AdjustmentId,
    AdjustmentStepKind => AdjustmentStepId,
    ConversationKind => ConversationId,
    PlanVersionKind => PlanVersionId,
    AgreementKind => AgreementId,
    DraftKind => DraftId,
    MessageKind => MessageId,
    InboundKind => InboundId,
    MessageChoiceKind => MessageChoiceId,
    OptOutKind => OptOutId,
    SectionKind => SectionId,
    ObstacleKind => ObstacleId,
    ReviewKind => ReviewId,
    StrengthKind => StrengthId,
    ReadingKind => ReadingId,
    WorkReportKind => WorkReportId,
    RegistrationKind => RegistrationId,
    FactKind => FactId,
    QuestionnaireKind => QuestionnaireId,
    ValueSetKind => ValueSetId,
    ResponseKind => ResponseId,
    PortalBrowserKind => PortalBrowserId,
    PortalAskKind => PortalAskId,
    AccessRequestKind => AccessRequestId,
    DocumentKind => DocumentId,
    DocumentLinkKind => DocumentLinkId,
    CheckinKind => CheckinId,
    CheckinAnswerKind => CheckinAnswerId,
    CheckinPressureKind => CheckinPressureId,
}
