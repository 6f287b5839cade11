"""How is one page of a list that grows read?"""

from core.lists import keyset

__all__ = ["keyset"]
