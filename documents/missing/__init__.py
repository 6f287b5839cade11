"""What was asked for in vain?"""

from documents.missing import forms
from documents.missing.asking import answer_missing, answered, in_html, look_again, remind, report_missing, waiting

__all__ = ["answer_missing", "answered", "forms", "in_html", "look_again", "remind", "report_missing", "waiting"]
