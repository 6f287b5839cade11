"""What is a reader shown?"""

from documents.page import links, lists, offers, presentation

__all__ = ["links", "lists", "offers", "presentation"]
