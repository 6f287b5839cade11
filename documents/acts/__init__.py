"""What does every verb of documents stand on: the lock, who may, the event?"""

from documents.acts import approvers, course, jobs, origin, said, table
from documents.acts.locking import (
    edits,
    event,
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
    "jobs",
    "locked_document",
    "may_work_on",
    "origin",
    "said",
    "settle",
    "table",
    "version_for",
]
