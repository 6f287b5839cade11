"""What does a version say, and what was found in its file?"""

from documents.reading import findings, late_findings, mentions, oddities, page_images, pictures, readings

__all__ = ["findings", "late_findings", "mentions", "oddities", "page_images", "pictures", "readings"]
