"""What does every verb of documents stand on: the lock, who may, the event?"""

from documents.acts import approvers, course, jobs, said
from documents.acts.locking import (
    TRANSITIONS,
    edits,
    event,
    give_way_to_former,
    locked_document,
    may_work_on,
    settle,
    version_for,
)

__all__ = [
    "TRANSITIONS",
    "approvers",
    "course",
    "edits",
    "event",
    "give_way_to_former",
    "jobs",
    "locked_document",
    "may_work_on",
    "said",
    "settle",
    "version_for",
]
