"""What can happen to a case? One record for each verb, beside the function that does it."""

from deviations.verbs import coordinating, forms, handling, locking, sending_on, submission, talking
from deviations.verbs.may import allowed_verbs
from deviations.verbs.table import VERBS, Place, verbs_at

__all__ = [
    "VERBS",
    "Place",
    "allowed_verbs",
    "coordinating",
    "forms",
    "handling",
    "locking",
    "sending_on",
    "submission",
    "talking",
    "verbs_at",
]
