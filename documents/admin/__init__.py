"""What do administrators see and change of documents? A door: what happens goes through the verbs."""

from documents.admin import registered

__all__ = ["registered"]
