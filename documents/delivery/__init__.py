"""Which documents does a source's delivery hold, and what is wrong with each row?"""

from documents.delivery import addresses, days, looking, mapping, package

__all__ = ["addresses", "days", "looking", "mapping", "package"]
