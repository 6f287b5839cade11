"""How many, how fast, and is it more than chance?"""

from deviations.figures import counting, own, page, scope, signals, silence

__all__ = ["counting", "own", "page", "scope", "signals", "silence"]
