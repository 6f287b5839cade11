"""What was new in a month, for those who may read it?"""

from documents.letters import content, telling

__all__ = ["content", "telling"]
