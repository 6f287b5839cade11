"""How does a document, or a version of it, come to an end?"""

from documents.ending.verbs import ShutsOut, archive, reinstate, revoke, take_back, withdraw

__all__ = ["ShutsOut", "archive", "reinstate", "revoke", "take_back", "withdraw"]
