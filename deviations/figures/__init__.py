"""How many, how fast, and is it more than chance?"""

from deviations.figures import counting, scope, signals, silence

__all__ = ["counting", "scope", "signals", "silence"]
