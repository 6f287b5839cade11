"""What does an editor do?"""

from documents.desk import caretaking, waiting, writing
from documents.desk.waiting import desk_of

__all__ = ["caretaking", "desk_of", "waiting", "writing"]
