"""How does somebody ask to be let in without an invitation?"""

from accounts.requests import asking

__all__ = ["asking"]
