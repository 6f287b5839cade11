"""Who may read the patient's identity, on which ground, and who has?"""

from deviations.patient import acts

__all__ = ["acts"]
