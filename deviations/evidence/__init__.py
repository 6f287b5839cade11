"""What does a provider show of its work with deviations, and has it?"""

from deviations.evidence import acts, content, listing, who

__all__ = ["acts", "content", "listing", "who"]
