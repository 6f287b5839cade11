"""What is left before a part is closed?"""

from deviations.closing import gates

__all__ = ["gates"]
