"""What does a case's page show, and what is done there?"""

from deviations.case import page

__all__ = ["page"]
