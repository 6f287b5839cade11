"""How many, how fast, and is it more than chance?"""

from deviations.figures import counting, falling, own, page, scope, signals, silence

__all__ = ["counting", "falling", "own", "page", "scope", "signals", "silence"]
