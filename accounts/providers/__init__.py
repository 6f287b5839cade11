"""Which provider or unit is meant by what somebody typed, and how does a provider want to be treated?"""

from accounts.providers import places, settings

__all__ = ["places", "settings"]
