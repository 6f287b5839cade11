"""What does the regional coordinator see, and choose?"""

from deviations.coordination import figures

__all__ = ["figures"]
