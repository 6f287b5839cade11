"""Whom does a document apply to, and which of them can read it? The one place that says so, as SQL on the rows `d` (a
document), `o` (its owner) and `p` (a provider: its key and kind).

A kind of provider has a document when every provider of that kind with access today can read it; a provider has what
all of it can read. It decides nothing: `documents.predicate` does.
"""

from __future__ import annotations

from accounts.models import Provider
from accounts.roles import READING_KINDS
from documents.predicate import KIND_TOKENS, PUBLIC_TOKEN, whole_token


def by_kind(column: str) -> str:
    """A document's flag for the kind of the provider `p`."""
    cases = " ".join(f"WHEN '{kind.value}' THEN d.{column}_{kind.value}" for kind in READING_KINDS)
    return f"CASE p.kind {cases} ELSE false END"


# Another owner's document applies to its kind as it applies to itself: to the owner, not to all others of that kind.
APPLIES = f"(({by_kind('applies')}) AND (o.kind = 'regional' OR p.kind <> o.kind OR p.id = o.id))"
_HOLDS = "(g.until IS NULL OR g.until >= %(today)s)"
# Named as a whole, or each of its open units.
NAMED = f"""(
    EXISTS (SELECT 1 FROM documents_visibilitygrant g
            WHERE g.document_id = d.id AND g.provider_id = p.id AND g.unit_id IS NULL AND {_HOLDS})
    OR (EXISTS (SELECT 1 FROM documents_visibilitygrant g
                WHERE g.document_id = d.id AND g.provider_id = p.id AND g.unit_id IS NOT NULL AND {_HOLDS})
        AND NOT EXISTS (SELECT 1 FROM accounts_careunit u WHERE u.provider_id = p.id AND u.is_active
                        AND NOT EXISTS (SELECT 1 FROM documents_visibilitygrant g WHERE g.document_id = d.id
                                        AND g.unit_id = u.id AND {_HOLDS}))))"""  # noqa: S608 (constants)
OPEN = f"(d.visible_public OR {by_kind('visible')})"
READABLE = f"({OPEN} OR {NAMED})"
# A document that some kind, or its own owner, may be left out of: cheap to ask, before provider by provider is.
DOUBTFUL = "(NOT d.visible_public AND (" + " OR ".join(
    f"(d.applies_{kind.value} AND NOT d.visible_{kind.value})" for kind in READING_KINDS
) + "))"  # fmt: skip
_kinds = " ".join(f"WHEN '{kind}' THEN {token}" for kind, token in KIND_TOKENS.items())
_per_provider = whole_token(1) - whole_token(0)
OWNERS_TOKENS = (
    f"ARRAY[{PUBLIC_TOKEN}, CASE o.kind {_kinds} ELSE {PUBLIC_TOKEN} END,"
    f" ({whole_token(0)} + {_per_provider} * o.id)::integer]"
)
# The version `v` of a document `d` that is shown and applies: the published one, or the one before it until that is.
SHOWN = """
    SELECT v.id, v.valid_to FROM documents_version v WHERE v.document_id = d.id
    AND (v.available_from IS NULL OR v.available_from <= %(now)s)
    AND (v.available_to IS NULL OR v.available_to > %(now)s)
    AND (v.state = 'published' OR (v.state = 'superseded' AND EXISTS (
        SELECT 1 FROM documents_version n WHERE n.document_id = d.id AND n.state = 'published'
        AND n.available_from > %(now)s)))"""
PROVIDERS = "unnest(%(providers)s::bigint[], %(kinds)s::text[]) AS p(id, kind)"


def providers_with_access() -> dict[str, list[object]]:
    """The parameters of PROVIDERS: the providers of a reading kind that have access today."""
    rows = list(Provider.objects.with_access().filter(kind__in=READING_KINDS).order_by("pk").values_list("pk", "kind"))
    return {"providers": [pk for pk, _kind in rows], "kinds": [kind for _pk, kind in rows]}
