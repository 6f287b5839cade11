"""How does a management system push a version of a document, and by which key?"""

from documents.pushing import api, keys

__all__ = ["api", "keys"]
