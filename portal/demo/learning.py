"""The demonstration's learning examples: of the first closed cases of some stories, where the region is concerned."""

from __future__ import annotations

import json
from pathlib import Path

from accounts.models import Assignment, Provider
from accounts.readers import Reader, reader_for
from accounts.roles import Kind, Role
from deviations.learning import acts
from deviations.models import FocusArea, LearningExample, Party
from documents.models import Document

AUDIENCE = ["public", "regional", "private", "municipal"]
# By the report's title: the example's texts.
EXAMPLES = json.loads(Path(__file__).with_name("examples.json").read_text())


def teach(party: Party, home: Party, story: str, *, by: Reader, at_home: Reader) -> None:
    """Write, send, answer and approve an example of this closed part, where the story has one that is not told yet."""
    text = EXAMPLES.get(story)
    approver = Assignment.objects.with_role(Role.APPROVER).filter(provider=party.provider_id).first()
    if text is None or approver is None or party.provider.kind != Kind.REGIONAL:
        return
    # Cases are made by several processes at once: each example is told once.
    Provider.objects.select_for_update(no_key=True).get(pk=party.provider_id)
    if LearningExample.objects.filter(title=text["title"]).exists():
        return
    cited = list(Document.objects.visible_to(by).filter(cited_in=party.case_id))
    told = {"area": None, "focus": FocusArea.objects.offered().first(), "audience": AUDIENCE}
    written = acts.write(party, by=by, shown="", routines=cited, **told, **text)
    shown = acts.mark(written)
    sent = acts.send(party, by=by, shown=shown)
    for other, _answer in acts.answers(sent):
        if other.pk == home.pk:
            acts.answer(sent, other, objects=False, reason="", by=at_home, shown=shown)
    reader = reader_for(approver.user, approver)
    if not acts.bar(sent):
        acts.approve(sent, by=reader, shown=shown)
