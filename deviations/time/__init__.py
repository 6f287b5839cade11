"""By when is each step of a case to be taken, and which days count now?"""

from deviations.time import deadlines, dues

__all__ = ["deadlines", "dues"]
