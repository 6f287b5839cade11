"""Which matters elsewhere are about a provider's cases, and which wait for an answer?"""

from deviations.references import listing

__all__ = ["listing"]
