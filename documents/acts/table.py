"""Which act takes a version or a document from which state to which: the whole table. Page and lock both read it.

The verb itself holds who may do an act, and what else it demands.
"""

from __future__ import annotations

from documents.models import Document, Version

V, D = Version.State, Document.State
Steps = dict[str, str]  # {state before: state after}

VERSION_STEPS: dict[str, Steps] = {
    "update_draft": {V.DRAFT: V.DRAFT},
    "attach_file": {V.DRAFT: V.DRAFT},
    "submit": {V.DRAFT: V.IN_REVIEW},
    "review": {V.IN_REVIEW: V.IN_REVIEW},
    "approve": {V.IN_REVIEW: V.APPROVED},
    "send_back": {V.IN_REVIEW: V.DRAFT, V.APPROVED: V.DRAFT},
    "publish": {V.APPROVED: V.PUBLISHED},
    # A version that is taken over from a source was approved there.
    "take_over": {V.DRAFT: V.PUBLISHED, V.IN_REVIEW: V.PUBLISHED, V.APPROVED: V.PUBLISHED},
    # Or withdrawn, where another is being worked on: a document has one unfinished version.
    "take_back": {V.PUBLISHED: V.APPROVED},
    "supersede": {V.PUBLISHED: V.SUPERSEDED},
    "restore": {V.SUPERSEDED: V.PUBLISHED},
    "withdraw": dict.fromkeys(
        (V.DRAFT, V.CONSULTATION, V.IN_REVIEW, V.APPROVED, V.PUBLISHED, V.SUPERSEDED), V.WITHDRAWN
    ),
}
DOCUMENT_STEPS: dict[str, Steps] = {
    "revoke": {D.ACTIVE: D.REVOKED},
    "archive": {D.REVOKED: D.ARCHIVED},
    "reinstate": {D.ARCHIVED: D.REVOKED, D.REVOKED: D.ACTIVE},
}


def takes(act: str, thing: Version | Document | None) -> bool:
    """Whether the act takes the version or the document in the state that it has; of none, False."""
    if thing is None:
        return False
    steps = VERSION_STEPS if isinstance(thing, Version) else DOCUMENT_STEPS
    return thing.state in steps[act]


def step(act: str, thing: Version | Document) -> None:
    """Give it the state that the act leads to. Not saved. Raises KeyError where the act does not take it."""
    steps = VERSION_STEPS if isinstance(thing, Version) else DOCUMENT_STEPS
    thing.state = steps[act][thing.state]
