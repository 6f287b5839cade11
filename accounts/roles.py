"""Rights as far as they hang on roles and kinds of provider. No other file of this app decides it."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import models
from django.utils.translation import gettext_lazy as _


class Kind(models.TextChoices):
    """Kinds of provider."""

    REGIONAL = "regional", _("the region")
    PRIVATE = "private", _("private provider")
    MUNICIPAL = "municipal", _("municipality")
    OTHER = "other", _("other party")


# The kinds that a document can apply to, and be opened to as a whole.
READING_KINDS = (Kind.REGIONAL, Kind.PRIVATE, Kind.MUNICIPAL)
# The names of the groups, wherever they are chosen or shown: everybody, and each kind.
GROUP_NAMES = {
    "public": _("Everybody, without signing in"),
    Kind.REGIONAL.value: _("The region's own units"),
    Kind.PRIVATE.value: _("Private providers with an agreement"),
    Kind.MUNICIPAL.value: _("Municipal care"),
}
GROUPS = tuple(GROUP_NAMES)
# An agreement does not change whom a document applies to.
APPLIES_NAMES = {kind.value: GROUP_NAMES[kind.value] for kind in READING_KINDS} | {
    Kind.PRIVATE.value: _("Private providers")
}


class Role(models.TextChoices):
    READER = "reader", _("reader")
    REPORTER = "reporter", _("reporter")
    CASE_HANDLER = "case_handler", _("case handler")
    LEX_MARIA_OFFICER = "lex_maria_officer", _("lex Maria officer")
    DOCUMENT_EDITOR = "document_editor", _("document editor")
    APPROVER = "approver", _("approver")
    PUBLICATION_STEWARD = "publication_steward", _("publication steward")
    PROVIDER_ADMIN = "provider_admin", _("provider administrator")
    UNIT_MANAGER = "unit_manager", _("unit manager")
    AGREEMENT_MANAGER = "agreement_manager", _("agreement manager")
    MEDICALLY_RESPONSIBLE_NURSE = "mas", _("medically responsible nurse")
    MEDICALLY_RESPONSIBLE_REHAB = "mar", _("medically responsible for rehabilitation")
    SOCIAL_CARE_LEAD = "sas", _("social care lead")
    SAFETY_COORDINATOR = "safety_coordinator", _("regional safety coordinator")
    FOLLOW_UP = "follow_up", _("follow-up")
    SYSTEM_ADMIN = "system_admin", _("system administrator")


_REGION_ONLY = frozenset(
    {
        Role.PUBLICATION_STEWARD,
        Role.SAFETY_COORDINATOR,
        Role.FOLLOW_UP,
        Role.AGREEMENT_MANAGER,
        Role.SYSTEM_ADMIN,
    }
)
# Answer for the care of a municipality (HSL 11:4, HSF 4:6).
MEDICALLY_RESPONSIBLE = frozenset({Role.MEDICALLY_RESPONSIBLE_NURSE, Role.MEDICALLY_RESPONSIBLE_REHAB})
_MUNICIPALITY_ONLY = MEDICALLY_RESPONSIBLE | {Role.SOCIAL_CARE_LEAD}


def roles_for_kind(kind: str) -> frozenset[str]:
    """Roles that a provider of this kind can give. Other parties read documents only."""
    if kind == Kind.OTHER:
        return frozenset({Role.READER, Role.PROVIDER_ADMIN})
    roles = set(Role) - _REGION_ONLY - _MUNICIPALITY_ONLY
    if kind == Kind.REGIONAL:
        roles |= _REGION_ONLY
    if kind == Kind.MUNICIPAL:
        roles |= _MUNICIPALITY_ONLY
    return frozenset(roles)


# Roles whose accounts open or administer sensitive things: a second step at sign-in is demanded of them.
TWO_STEP_ROLES = frozenset(Role) - {Role.READER, Role.REPORTER}

# Given by system administrators alone: they reach across providers.
PORTAL_WIDE = frozenset({Role.SYSTEM_ADMIN, Role.SAFETY_COORDINATOR, Role.FOLLOW_UP, Role.AGREEMENT_MANAGER})
# A unit's manager gives and takes these, at the own unit.
OF_THE_UNIT = frozenset({Role.READER, Role.REPORTER})

# Roles that work on their own provider's documents before and after publication.
DOCUMENT_ROLES = frozenset({Role.DOCUMENT_EDITOR, Role.APPROVER, Role.PUBLICATION_STEWARD})
# Roles that handle their own provider's cases.
CASE_ROLES = frozenset({Role.CASE_HANDLER, Role.LEX_MARIA_OFFICER})
# Roles that an outsider must not get hold of: suspended until the provider has said yes (`accounts/guarding.py`).
_ACROSS = frozenset({Role.SAFETY_COORDINATOR, Role.FOLLOW_UP})
_ADMINISTERING = frozenset({Role.PROVIDER_ADMIN, Role.UNIT_MANAGER, Role.AGREEMENT_MANAGER, Role.SYSTEM_ADMIN})
GUARDED = CASE_ROLES | MEDICALLY_RESPONSIBLE | _ACROSS | _ADMINISTERING | {Role.APPROVER, Role.SOCIAL_CARE_LEAD}


def role_words(roles: Iterable[str]) -> str:
    """The names of these codes in the active language: "reader, case handler". Unknown codes are left out."""
    return ", ".join(str(Role(code).label) for code in roles if code in Role.values)
