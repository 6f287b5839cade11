"""What have readers found wrong in a document, and what were they answered?"""

from documents.remarks import acts

__all__ = ["acts"]
