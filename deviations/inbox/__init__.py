"""Which cases are whose, in which order, and what is done to many?"""

from deviations.inbox import leaving, lists, walking

__all__ = ["leaving", "lists", "walking"]
