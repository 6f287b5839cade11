"""What did one case teach, and who else can learn of it?"""

from deviations.learning import acts, listing, pointing

__all__ = ["acts", "listing", "pointing"]
