"""Is there a person's number in this, and is this the number of an organisation?"""

from core.identity import numbers, patients

__all__ = ["numbers", "patients"]
