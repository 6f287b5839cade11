"""What is a reader shown?"""

from documents.page import links, lists, presentation

__all__ = ["links", "lists", "presentation"]
