"""What does one party ask of another, and what is the answer?"""

from deviations.requests import acts

__all__ = ["acts"]
