"""Files that nobody carries out are forgotten."""

from procrastinate.contrib.django import app

from accounts.models import RegisterList
from accounts.register_lists.lists import oldest_kept


@app.periodic(cron="25 3 * * *")
@app.task(name="accounts.forget_register_lists", queueing_lock="forget_register_lists")
def forget_register_lists(timestamp: int) -> None:
    """A file that was looked through and never carried out holds numbers that may be persons'."""
    RegisterList.objects.filter(applied_at=None, created_at__lte=oldest_kept()).delete()
