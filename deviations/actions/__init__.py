"""What is to be done, by whom, and what is late?"""

from deviations.actions import asking, leaving, listing, revising

__all__ = ["asking", "leaving", "listing", "revising"]
