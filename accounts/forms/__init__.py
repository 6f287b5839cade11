"""How is nothing that is typed lost, sent twice or carried out as somebody else?"""

from accounts.forms import device, drafts, opened_as, session, signed_out

__all__ = ["device", "drafts", "opened_as", "session", "signed_out"]
