"""How is each figure counted, to the letter?"""

from deviations.defined import queries

__all__ = ["queries"]
