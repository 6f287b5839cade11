"""How is one page of a list that grows read?"""

from core.lists import keyset, tabs

__all__ = ["keyset", "tabs"]
