"""The jobs of this app lie in their rooms; a worker finds them by this module."""

from deviations.figures import jobs as figures_jobs
from deviations.practice import jobs as practice_jobs
from deviations.telling import jobs as telling_jobs

__all__ = ["figures_jobs", "practice_jobs", "telling_jobs"]
