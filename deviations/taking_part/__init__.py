"""Who takes part in an investigation without handling the case?"""

from deviations.taking_part import naming

__all__ = ["naming"]
