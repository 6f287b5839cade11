"""How does the patient tell it in their own words?"""

from deviations.voices import acts

__all__ = ["acts"]
