"""What is kept of a case?

The case and its parts, what they say to each other, what each found out and does about it.
"""

from deviations.models.cases import (
    NOT_ENDED,
    OPEN,
    WAY,
    WORKING,
    Case,
    CaseEvent,
    CaseFile,
    CoordinatorNote,
    DeviationType,
    Message,
    Party,
    PracticeCase,
    S,
    SavedFilter,
)
from deviations.models.evidence import Evidence, EvidenceSubmission, Tender
from deviations.models.frozen import FrozenReport
from deviations.models.investigation import (
    Account,
    Action,
    Cause,
    Investigation,
    InvestigationEvent,
    Reference,
    SimilarEvent,
    SubEvent,
    Waiver,
)
from deviations.models.learning import LearningAnswer, LearningExample
from deviations.models.lex_maria import LegalReference, LexMaria, LexMariaDecision
from deviations.models.lex_sarah import LexSarah, LexSarahDecision
from deviations.models.oversight import Oversight
from deviations.models.participants import Joint, Participant
from deviations.models.patient import PatientIdentity, PatientLook, PatientRequest, PatientShare
from deviations.models.plans import FocusArea, Plan
from deviations.models.requests import PartyRequest
from deviations.models.rules import CaseRules
from deviations.models.silences import Silence
from deviations.models.voices import AccountLink

__all__ = [
    "NOT_ENDED",
    "OPEN",
    "WAY",
    "WORKING",
    "Account",
    "AccountLink",
    "Action",
    "Case",
    "CaseEvent",
    "CaseFile",
    "CaseRules",
    "Cause",
    "CoordinatorNote",
    "DeviationType",
    "Evidence",
    "EvidenceSubmission",
    "FocusArea",
    "FrozenReport",
    "Investigation",
    "InvestigationEvent",
    "Joint",
    "LearningAnswer",
    "LearningExample",
    "LegalReference",
    "LexMaria",
    "LexMariaDecision",
    "LexSarah",
    "LexSarahDecision",
    "Message",
    "Oversight",
    "Participant",
    "Party",
    "PartyRequest",
    "PatientIdentity",
    "PatientLook",
    "PatientRequest",
    "PatientShare",
    "Plan",
    "PracticeCase",
    "Reference",
    "S",
    "SavedFilter",
    "Silence",
    "SimilarEvent",
    "SubEvent",
    "Tender",
    "Waiver",
]
