"""Who has said yes to a version?"""

from documents.approval import review_clock
from documents.approval.deciding import (
    WRITING,
    approve,
    approvers_of,
    bar_to_approval,
    could_ask,
    review,
    send_back,
    submit,
    writers_of,
)
from documents.approval.review_clock import with_review_due

__all__ = [
    "WRITING",
    "approve",
    "approvers_of",
    "bar_to_approval",
    "could_ask",
    "review",
    "review_clock",
    "send_back",
    "submit",
    "with_review_due",
    "writers_of",
]
