"""Which of its own does a provider that has left take with it, and until when?"""

from accounts.departed import former, log, package

__all__ = ["former", "log", "package"]
