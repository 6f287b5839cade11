"""The demonstration's fixed accounts: addresses, names, where they work and in which roles."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.roles import Role

DEMO_PASSWORD = "vardgivarwebb-demo"  # noqa: S105  (known to all, and refused outside this machine)


@dataclass(frozen=True)
class DemoAccount:
    email: str
    given_name: str
    family_name: str
    provider: str
    unit: str
    title: str
    roles: tuple[str, ...]
    what: str
    is_admin: bool = False
    # Another assignment of the same person: provider, unit, title, roles.
    also: tuple[str, str, str, tuple[str, ...]] | None = None


_READ = (Role.READER, Role.REPORTER)
DEMO_ACCOUNTS: tuple[DemoAccount, ...] = (
    DemoAccount(
        "lasare@privat.example",
        "Sara",
        "Lindqvist",
        "bjorken",
        "Mottagningen",
        "distriktssköterska",
        _READ,
        "reads and reports, private provider",
    ),
    DemoAccount(
        "handlaggare@privat.example",
        "Jonas",
        "Ekvall",
        "bjorken",
        "",
        "avvikelsehandläggare",
        (*_READ, Role.CASE_HANDLER),
        "handles cases, private provider",
    ),
    DemoAccount(
        "admin@privat.example",
        "Petra",
        "Sundin",
        "bjorken",
        "",
        "verksamhetschef",
        (*_READ, Role.PROVIDER_ADMIN, Role.DOCUMENT_EDITOR),
        "administers the private provider",
    ),
    DemoAccount(
        "enhetschef@privat.example",
        "Eva",
        "Tjäder",
        "bjorken",
        "Hemsjukvården",
        "enhetschef",
        (*_READ, Role.UNIT_MANAGER),
        "manages a unit of the private provider",
    ),
    DemoAccount(
        "lasare@region.example",
        "Maja",
        "Fors",
        "region",
        "Medicinkliniken",
        "sjuksköterska",
        _READ,
        "reads and reports, the region",
    ),
    DemoAccount(
        "handlaggare@region.example",
        "Anders",
        "Viklund",
        "region",
        "Medicinkliniken",
        "avvikelsehandläggare",
        (*_READ, Role.CASE_HANDLER),
        "handles cases, Medicinkliniken",
    ),
    DemoAccount(
        "redaktor@region.example",
        "Elin",
        "Nygård",
        "region",
        "",
        "redaktör",
        (*_READ, Role.DOCUMENT_EDITOR, Role.PUBLICATION_STEWARD),
        "edits the region's documents",
    ),
    DemoAccount(
        "faststallare@region.example",
        "Karin",
        "Sjöström",
        "region",
        "",
        "chefläkare",
        (*_READ, Role.APPROVER, Role.LEX_MARIA_OFFICER),
        "approves; chief medical officer",
    ),
    DemoAccount(
        "samordnare@region.example",
        "Lars",
        "Häggblom",
        "region",
        "",
        "patientsäkerhetssamordnare",
        (Role.READER, Role.SAFETY_COORDINATOR),
        "regional safety coordinator",
    ),
    DemoAccount(
        "avtal@region.example",
        "Ingrid",
        "Wallin",
        "region",
        "",
        "avtalsförvaltare",
        (Role.READER, Role.AGREEMENT_MANAGER),
        "manages providers and agreements",
    ),
    DemoAccount(
        "avtal2@region.example",
        "Tomas",
        "Renström",
        "region",
        "",
        "avtalsförvaltare",
        (Role.READER, Role.AGREEMENT_MANAGER),
        "manages agreements, the second",
    ),
    DemoAccount(
        "lasare@kommun.example",
        "Hanna",
        "Berglund",
        "granado",
        "Särskilt boende Åsgården",
        "undersköterska",
        _READ,
        "reads and reports, municipality",
    ),
    DemoAccount(
        "handlaggare@kommun.example",
        "Ulrika",
        "Norén",
        "granado",
        "",
        "MAS",
        (*_READ, Role.CASE_HANDLER, Role.MEDICALLY_RESPONSIBLE_NURSE),
        "handles cases, municipality",
    ),
    DemoAccount(
        "anmalan@kommun.example",
        "Birgitta",
        "Holm",
        "granado",
        "",
        "MAS",
        (*_READ, Role.LEX_MARIA_OFFICER, Role.MEDICALLY_RESPONSIBLE_NURSE),
        "notifies by lex Maria, municipality (MAS)",
    ),
    DemoAccount(
        "socialt@kommun.example",
        "Gunilla",
        "Fransson",
        "granado",
        "",
        "SAS",
        (Role.READER, Role.SOCIAL_CARE_LEAD),
        "social care lead, lex Sarah, municipality (SAS)",
    ),
    DemoAccount(
        "tva@example.example",
        "Frida",
        "Åström",
        "bjorken",
        "Hemsjukvården",
        "distriktssköterska",
        _READ,
        "two assignments: private provider, municipality",
        also=("granado", "Särskilt boende Åsgården", "sjuksköterska", _READ),
    ),
    DemoAccount(
        "uppfoljare@region.example",
        "Bengt",
        "Åkerlund",
        "region",
        "",
        "utredare, patientnämnden",
        (Role.READER, Role.FOLLOW_UP),
        "follow-up, the patients' advisory committee",
    ),
    DemoAccount(
        "admin@portal.example",
        "Agnes",
        "Tjärn",
        "region",
        "",
        "systemförvaltare",
        (Role.READER, Role.SYSTEM_ADMIN),
        "system administrator (Django admin)",
        is_admin=True,
    ),
)
