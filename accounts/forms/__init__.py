"""How is nothing that is typed lost, sent twice or carried out as somebody else?"""

from accounts.forms import drafts, kept_form, opened_as, session

__all__ = ["drafts", "kept_form", "opened_as", "session"]
