"""Why did it happen, what is done about it, and did it help?"""

from deviations.investigation import action_forms, acts, kinds, page, report, risk

__all__ = ["action_forms", "acts", "kinds", "page", "report", "risk"]
