"""How does a case stand: who has it, whose turn is it, who can be sent one?"""

from deviations.access import addresses, handlers, next_step, officers, states, turn

__all__ = ["addresses", "handlers", "next_step", "officers", "states", "turn"]
