"""The jobs of this app lie in their rooms; a worker finds them by this module."""

from deviations.telling import jobs

__all__ = ["jobs"]
