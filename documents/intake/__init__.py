"""Which documents does a delivery from a management system hold, and what is wrong with each row?"""

from documents.intake import delivery, looking, mapping, sources

__all__ = ["delivery", "looking", "mapping", "sources"]
