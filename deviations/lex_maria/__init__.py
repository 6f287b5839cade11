"""Is the event notified to IVO, how many days has it taken, and what does IVO get?"""

from deviations.lex_maria import acts, clock, listing

__all__ = ["acts", "clock", "listing"]
