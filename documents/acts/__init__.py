"""What does every verb of documents stand on: the lock, who may, the event?"""

from documents.acts import approvers, course, jobs, said, table
from documents.acts.locking import (
    edits,
    event,
    give_way_to_former,
    locked_document,
    may_work_on,
    settle,
    version_for,
)

__all__ = [
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
    "table",
    "version_for",
]
