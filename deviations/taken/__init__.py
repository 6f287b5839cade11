"""What of its own work on cases does a provider that has left take along?"""

from deviations.taken import investigations

__all__ = ["investigations"]
