"""How does one try out the handling of a case, before a real one comes?"""

from deviations.practice import practising

__all__ = ["practising"]
