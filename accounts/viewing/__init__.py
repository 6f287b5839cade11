"""As whom does a request ask: under which assignment, or with whose eyes?"""

from accounts.viewing.asking import work_as
from accounts.viewing.seeing_as import eyes_of, may_view_as

__all__ = ["eyes_of", "may_view_as", "work_as"]
