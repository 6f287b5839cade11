"""Is it also a misconduct in social care, and what does the social care lead do about it?"""

from deviations.lex_sarah import acts, listing

__all__ = ["acts", "listing"]
