"""Messages of a lower app to a higher one; sent and handled in the transaction of the act."""

from django.dispatch import Signal

version_published = Signal()  # version, by
visibility_changed = Signal()  # document, by
