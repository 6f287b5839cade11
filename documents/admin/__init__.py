"""Documents in Django admin: a door. It changes nothing by itself; what happens goes through the verbs."""

from documents.admin import registered

__all__ = ["registered"]
