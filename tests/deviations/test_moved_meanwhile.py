"""What is sent from a page that the case has moved away from: told, kept, never a fault."""

from __future__ import annotations

import pytest

from deviations.models import Case
from deviations.verbs import VERBS, allowed_verbs, handling, sending_on, talking
from deviations.verbs.forms import MessageForm
from tests.deviations.cases import Cast, concerned, reporting

WORDS = "Vi har ringt avdelningen."


def closed(cast: Cast, case: Case) -> None:
    talking.answer(concerned(case), "Vi signerar listan före hemgång.", by=cast["maria"])
    handling.accept(reporting(case), by=cast["per_ake"], feedback="Nu är det ändrat.")


def forwarded(cast: Cast, case: Case) -> None:
    sending_on.forward(concerned(case), by=cast["maria"], to_provider=cast.kommun, to_unit=None, reason="Hör till er.")


def withdrawn(cast: Cast, case: Case) -> None:
    sending_on.withdraw(reporting(case), by=cast["per_ake"], reason="Fel patient.")


@pytest.mark.parametrize("moved", [closed, forwarded, withdrawn], ids=lambda f: f.__name__)
@pytest.mark.parametrize("who", ["sara", "per_ake", "maria"])
def test_no_act_of_an_old_page_is_a_fault_and_what_was_typed_is_there(cast: Cast, who: str, moved) -> None:
    case = cast.case()
    client = cast.client(who)
    client.raise_request_exception = False
    address = case.get_absolute_url()
    offered = allowed_verbs(Case.objects.open_or_404(cast[who], case.number))
    assert client.get(address).status_code == 200
    moved(cast, case)
    for verb in VERBS:
        answer = client.post(f"{address}{verb}/", {"body": WORDS, "reason": WORDS, "feedback": WORDS})
        # Done where it can still be done; else told, or the case is theirs no longer.
        assert answer.status_code in {302, 404, 409, 422}, (verb, answer.status_code)
        if answer.status_code in {409, 422} and verb in offered and issubclass(VERBS[verb].form, MessageForm):
            assert WORDS in answer.content.decode(), verb
