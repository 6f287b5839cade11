"""Which providers are there, under which agreements, and how does a provider get its first administrator?"""

from accounts.register import agreements, firsts, listing

__all__ = ["agreements", "firsts", "listing"]
