"""Practice cases are gone after a week."""

from procrastinate.contrib.django import app

from deviations.practice.practising import forget


@app.periodic(cron="35 3 * * *")
@app.task(name="deviations.forget_practice", queueing_lock="deviations_forget_practice")
def forget_practice(timestamp: int) -> None:
    forget()
