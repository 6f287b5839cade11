"""The audit log is sealed each minute."""

from procrastinate.contrib.django import app

from accounts.audit.seals import seal


@app.periodic(cron="* * * * *")
@app.task(name="accounts.seal_audit", queueing_lock="seal_audit")
def seal_audit(timestamp: int) -> None:
    seal()
