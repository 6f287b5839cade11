"""Which provider or unit is meant by what somebody typed?"""

from accounts.providers import places

__all__ = ["places"]
