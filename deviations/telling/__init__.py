"""Who is told of a case, in which words, and when?"""

from deviations.telling import sentences

__all__ = ["sentences"]
