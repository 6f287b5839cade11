"""What is kept on paper of a year, and of what is frozen three times in it?"""

from deviations.yearly import freezing, tables

__all__ = ["freezing", "tables"]
