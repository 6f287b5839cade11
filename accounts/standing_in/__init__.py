"""Who does somebody's work while they are away?"""

from accounts.standing_in import arranging

__all__ = ["arranging"]
