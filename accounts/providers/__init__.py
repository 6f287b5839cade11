"""Which provider or unit is meant by what somebody typed, and how does a provider want to be treated?"""

from accounts.providers import forms, places, settings, units

__all__ = ["forms", "places", "settings", "units"]
