"""How does a delivery come in, and how does its source stay master of it?"""

from documents.intake import leading, runs, sources

__all__ = ["leading", "runs", "sources"]
