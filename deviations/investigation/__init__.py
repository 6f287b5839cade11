"""Why did it happen, what is done about it, and did it help?"""

from deviations.investigation import acts, kinds, page, report, risk

__all__ = ["acts", "kinds", "page", "report", "risk"]
