"""What exists? Documents, their versions, who may read them, what happened, and what the search keeps."""

from documents.models.documents import Document
from documents.models.equal import AccessFigure, AccessWait, FrozenFigures, TitleAsked
from documents.models.events import DocumentEvent
from documents.models.kinds import DocumentType, ProgrammeArea
from documents.models.letters import LetterChoice
from documents.models.missing import MissingDocument
from documents.models.open_list import OpenEntry
from documents.models.readers import VisibilityGrant, VisibilityProposal
from documents.models.remarks import Remark
from documents.models.search import DocumentTried, DocumentUse, FailedSearch, Passage, RecentSearch, SearchWord, Synonym
from documents.models.sources import FormerNumber, Intake, Source, SourceDocument, SourceKey
from documents.models.versions import Picture, Reading, SentBack, Version
from documents.models.watch import OutsideAddress, ToWatch, WatchFinding, WatchRuleOff, WatchRun

__all__ = [
    "AccessFigure", "AccessWait", "Document", "DocumentEvent", "DocumentTried", "DocumentType", "DocumentUse",
    "FailedSearch", "FormerNumber", "FrozenFigures", "Intake", "LetterChoice", "MissingDocument", "OpenEntry",
    "OutsideAddress", "Passage", "Picture", "ProgrammeArea", "Reading", "RecentSearch", "Remark", "SearchWord",
    "SentBack", "Source", "SourceDocument", "SourceKey", "Synonym", "TitleAsked", "ToWatch", "Version",
    "VisibilityGrant", "VisibilityProposal", "WatchFinding", "WatchRuleOff", "WatchRun",
]  # fmt: skip
