"""By which rules does a provider investigate, notify and close?"""

from deviations.rules import changing

__all__ = ["changing"]
