"""How does a delivery come in, and how does its source stay master of it?"""

from documents.intake import leading, rights, runs, sources, uploads

__all__ = ["leading", "rights", "runs", "sources", "uploads"]
