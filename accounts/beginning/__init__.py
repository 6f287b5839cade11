"""What is left before a new provider is fully in?"""

from accounts.beginning import steps
from accounts.beginning.steps import beginning

__all__ = ["beginning", "steps"]
