"""The jobs of this app lie in their rooms; a worker finds them by this module."""

from deviations.practice import jobs as practice_jobs
from deviations.telling import jobs as telling_jobs

__all__ = ["practice_jobs", "telling_jobs"]
