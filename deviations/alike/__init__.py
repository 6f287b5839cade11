"""Has it happened before?"""

from deviations.alike import finding

__all__ = ["finding"]
