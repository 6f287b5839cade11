"""Who sees a document, who will, who did, and how is that changed?"""

from documents.visibility import acts, choice, preview, table

__all__ = ["acts", "choice", "preview", "table"]
