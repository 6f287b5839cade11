"""Which cases are whose, in which order, and what is done to many?"""

from deviations.inbox import lists

__all__ = ["lists"]
