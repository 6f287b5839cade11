"""Which cases do those who are medically responsible in a municipality read, and what do they tell its board?"""

from deviations.oversight import board, listing, page

__all__ = ["board", "listing", "page"]
