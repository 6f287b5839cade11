"""Who may give which role where, and what waits for a yes?"""

from accounts.granting import guarding, held
from accounts.granting.doors import reach_or_404
from accounts.granting.giving import (
    Reach,
    administers,
    administers_provider,
    manages_agreements,
    not_within,
    reach_of,
    refusal,
)

__all__ = [
    "Reach",
    "administers",
    "administers_provider",
    "guarding",
    "held",
    "manages_agreements",
    "not_within",
    "reach_of",
    "reach_or_404",
    "refusal",
]
