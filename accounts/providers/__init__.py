"""Which provider or unit is meant, and what does a provider's own administrator decide?"""

from accounts.providers import colleagues, places

__all__ = ["colleagues", "places"]
