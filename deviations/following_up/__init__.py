"""Which numbers do those read who follow up and are no party, so that no case can be told from them?"""

from deviations.following_up import suppressing, tables

__all__ = ["suppressing", "tables"]
