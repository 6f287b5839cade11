"""How are many invited at once, each row of a list answered before anything is sent?"""

from accounts.invitation_lists import batches, rows

__all__ = ["batches", "rows"]
