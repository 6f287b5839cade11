"""What do people write and send along, and is it what it should be?"""

from deviations.entry import fields, patients, reports, with_files

__all__ = ["fields", "patients", "reports", "with_files"]
