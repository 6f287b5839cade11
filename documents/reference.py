"""Reference data: document types and the national programme areas. Loaded after each migrate, idempotent.

Names that an administrator has changed stay changed: only what is missing is added.
"""

from __future__ import annotations

from typing import Any

from documents.models import DocumentType, ProgrammeArea
from documents.search import seeds

# Source: the national programme areas (NPO) of the Swedish regions' system for knowledge management.
AREAS: list[tuple[str, str, str]] = [
    ("akut-vard", "Akut vård", "Emergency care"),
    ("barn-och-ungdomars-halsa", "Barn och ungdomars hälsa", "Child and youth health"),
    ("cancersjukdomar", "Cancersjukdomar", "Cancer"),
    ("endokrina-sjukdomar", "Endokrina sjukdomar", "Endocrine diseases"),
    ("hjart-och-karlsjukdomar", "Hjärt- och kärlsjukdomar", "Heart and vascular diseases"),
    ("hud-och-konssjukdomar", "Hud- och könssjukdomar", "Skin and sexually transmitted diseases"),
    ("infektionssjukdomar", "Infektionssjukdomar", "Infectious diseases"),
    ("kirurgi-och-plastikkirurgi", "Kirurgi och plastikkirurgi", "Surgery and plastic surgery"),
    ("kvinnosjukdomar-och-forlossning", "Kvinnosjukdomar och förlossning", "Gynaecology and childbirth"),
    ("levnadsvanor", "Levnadsvanor", "Living habits"),
    ("lung-och-allergisjukdomar", "Lung- och allergisjukdomar", "Lung diseases and allergy"),
    ("mag-och-tarmsjukdomar", "Mag- och tarmsjukdomar", "Gastrointestinal diseases"),
    ("medicinsk-diagnostik", "Medicinsk diagnostik", "Medical diagnostics"),
    ("nervsystemets-sjukdomar", "Nervsystemets sjukdomar", "Diseases of the nervous system"),
    ("njur-och-urinvagssjukdomar", "Njur- och urinvägssjukdomar", "Kidney and urinary diseases"),
    (
        "perioperativ-vard",
        "Perioperativ vård, intensivvård och transplantation",
        "Perioperative and intensive care",
    ),
    ("primarvard", "Primärvårdsråd", "Primary care council"),
    ("psykisk-halsa", "Psykisk hälsa", "Mental health"),
    (
        "rehabilitering",
        "Rehabilitering, habilitering och försäkringsmedicin",
        "Rehabilitation and insurance medicine",
    ),
    ("reumatiska-sjukdomar", "Reumatiska sjukdomar", "Rheumatic diseases"),
    ("rorelseorganens-sjukdomar", "Rörelseorganens sjukdomar", "Diseases of the musculoskeletal system"),
    ("sallsynta-halsotillstand", "Sällsynta hälsotillstånd", "Rare conditions"),
    ("tandvard", "Tandvård", "Dental care"),
    ("ogonsjukdomar", "Ögonsjukdomar", "Eye diseases"),
    ("oron-nasa-halssjukdomar", "Öron-, näsa- och halssjukdomar", "Ear, nose and throat diseases"),
    ("aldres-halsa", "Äldres hälsa och palliativ vård", "Health of older people and palliative care"),
]

# Code, Swedish, English, governing, public by default, the region's own by default, months between revisions.
TYPES: list[tuple[str, str, str, bool, bool, bool, int]] = [
    ("RUT", "Rutin", "Routine", True, True, False, 24),
    ("RIK", "Riktlinje", "Guideline", True, True, False, 24),
    ("VPR", "Vårdprogram", "Care programme", True, True, False, 36),
    ("VFL", "Vårdförlopp", "Care pathway", True, True, False, 36),
    ("OVK", "Överenskommelse", "Agreement on cooperation", True, True, False, 36),
    ("BLA", "Blankett", "Form", True, True, False, 36),
    ("LAR", "Lärande exempel", "Learning example", False, True, False, 60),
    ("MIN", "Minnesanteckning", "Minutes", False, False, True, 60),
]

# Decided by the region and others together before anybody approves them.
JOINT = {"OVK"}


def load(**_: Any) -> None:
    ProgrammeArea.objects.bulk_create(
        [ProgrammeArea(code=c, name_sv=sv, name_en=en) for c, sv, en in AREAS], ignore_conflicts=True
    )
    DocumentType.objects.bulk_create(
        [
            DocumentType(
                code=c,
                name_sv=sv,
                name_en=en,
                is_governing=g,
                default_public=p,
                default_regional=r,
                revision_months=m,
                needs_joint_decision=c in JOINT,
            )
            for c, sv, en, g, p, r, m in TYPES
        ],
        ignore_conflicts=True,
    )
    seeds.load()
