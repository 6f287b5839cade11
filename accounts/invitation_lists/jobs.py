"""Lists that nobody sends are forgotten."""

from procrastinate.contrib.django import app

from accounts.invitation_lists.batches import oldest_kept
from accounts.models import InvitationList


@app.periodic(cron="20 3 * * *")
@app.task(name="accounts.forget_invitation_lists", queueing_lock="forget_invitation_lists")
def forget_invitation_lists(timestamp: int) -> None:
    """A list that was never sent, or whose faults nobody mended, holds people's addresses: not for long. The
    invitations made of it stay.
    """
    InvitationList.objects.filter(updated_at__lte=oldest_kept()).delete()
