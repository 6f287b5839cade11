"""How does somebody who works for a provider get in? By an invitation of those who decide over its people."""

from accounts.invitations import accepting, forms, inviting, listing

__all__ = ["accepting", "forms", "inviting", "listing"]
