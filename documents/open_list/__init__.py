"""How do other sites show what is open to everybody, without a copy that grows old?"""

from documents.open_list import entries, items, schema

__all__ = ["entries", "items", "schema"]
