"""How is nothing that is typed lost, sent twice or carried out as somebody else?"""

from accounts.forms import drafts, opened_as, session, signed_out

__all__ = ["drafts", "opened_as", "session", "signed_out"]
