"""What is to be done, by whom, and what is late?"""

from deviations.actions import asking, listing, revising

__all__ = ["asking", "listing", "revising"]
