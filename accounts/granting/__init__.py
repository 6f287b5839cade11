"""Who may give which role where, and what waits for a yes?"""

from accounts.granting import guarding
from accounts.granting.giving import administers, administers_provider, refusal

__all__ = ["administers", "administers_provider", "guarding", "refusal"]
