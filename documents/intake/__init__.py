"""Which documents does a source's delivery hold, what is wrong with each row, and how does it come in?"""

from documents.intake import delivery, looking, mapping, runs, sources

__all__ = ["delivery", "looking", "mapping", "runs", "sources"]
