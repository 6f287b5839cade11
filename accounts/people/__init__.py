"""Who works for a provider, and what do its administrators and unit managers change about them?"""

from accounts.people import changing, history, leaving, listing

__all__ = ["changing", "history", "leaving", "listing"]
