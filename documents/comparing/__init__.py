"""What differs between two versions?"""

from documents.comparing import comparison, merging, sent_back

__all__ = ["comparison", "merging", "sent_back"]
