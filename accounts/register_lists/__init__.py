"""How is a file of providers, units and agreements read into the register, each row answered first?"""

from accounts.register_lists import lists, reading, rows

__all__ = ["lists", "reading", "rows"]
