"""Once a year, who still works here?"""

from accounts.access_review import listing, rounds

__all__ = ["listing", "rounds"]
