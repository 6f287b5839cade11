"""How does the API answer that something is not right, and how does a program prove who it is?"""

from core.api import keys, problems

__all__ = ["keys", "problems"]
