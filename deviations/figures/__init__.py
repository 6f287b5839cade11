"""How many, how fast, and is it more than chance?"""

from deviations.figures import counting, scope, signals

__all__ = ["counting", "scope", "signals"]
