"""What does an editor do?"""

from documents.desk import caretaking, writing
from documents.desk.waiting import desk_of

__all__ = ["caretaking", "desk_of", "writing"]
