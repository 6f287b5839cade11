"""Reference data: types of deviation, and legal references. Loaded after each migrate; changes stay."""

from __future__ import annotations

from typing import Any

from deviations.models import DeviationType, FocusArea, LegalReference, Plan

TYPES: list[tuple[str, str, str]] = [
    ("lakemedel", "Läkemedel", "Medication"),
    ("informationsoverforing", "Informationsöverföring", "Transfer of information"),
    ("samordning", "Samordning och vårdplanering", "Coordination and care planning"),
    ("remiss", "Remiss", "Referral"),
    ("utskrivning", "Utskrivning och hemgång", "Discharge"),
    ("sip", "Samordnad individuell plan (SIP)", "Coordinated individual plan"),
    ("vard-behandling", "Vård och behandling", "Care and treatment"),
    ("diagnos", "Undersökning och diagnos", "Examination and diagnosis"),
    ("provtagning", "Provtagning och laboratorium", "Sampling and laboratory"),
    ("fall", "Fall och falltillbud", "Falls"),
    ("trycksar", "Trycksår", "Pressure ulcers"),
    ("vri", "Vårdrelaterad infektion", "Healthcare-associated infection"),
    ("medicinteknik", "Medicinteknik", "Medical devices"),
    ("hjalpmedel", "Hjälpmedel", "Assistive devices"),
    ("forvaxling", "Förväxling", "Mix-up"),
    ("dokumentation", "Dokumentation", "Documentation"),
    ("bemanning", "Bemanning och kompetens", "Staffing and competence"),
    ("lokaler", "Lokaler och utrustning", "Premises and equipment"),
    ("nutrition", "Nutrition", "Nutrition"),
    ("bemotande", "Bemötande", "Treatment of people"),
    ("vald", "Våld och övergrepp", "Violence and abuse"),
    ("suicid", "Suicid och suicidförsök", "Suicide and attempted suicide"),
    ("sekretess-it", "Sekretess och IT", "Confidentiality and IT"),
    ("klagomal", "Klagomål", "Complaint"),
    ("extern-part", "Extern part (apotek, transport)", "External party (pharmacy, transport)"),
]


# Code, the words in Swedish and in English, and whose pages it stands on.
_LAW = "https://www.riksdagen.se/sv/dokument-och-lagar/"
_BOARD = "https://www.socialstyrelsen.se/"
REFERENCES: list[tuple[str, str, str, str]] = [
    (
        "psl-3-5",
        "Patientsäkerhetslagen (2010:659) 3 kap. 5 §: anmälan snarast",
        "PSL 3:5: notify as soon as can be",
        _LAW,
    ),
    ("psl-3-8", "Patientsäkerhetslagen 3 kap. 8 §: patienten informeras snarast", "PSL 3:8: tell the patient", _LAW),
    ("hslf-fs-2017-41", "HSLF-FS 2017:41 om anmälan enligt lex Maria", "HSLF-FS 2017:41, lex Maria", _BOARD),
    ("hslf-fs-2017-40", "HSLF-FS 2017:40 om systematiskt patientsäkerhetsarbete", "HSLF-FS 2017:40", _BOARD),
    (
        "hslf-fs-2021-52",
        "HSLF-FS 2021:52 5 kap. 2–3 §§: negativa händelser med medicintekniska produkter",
        "HSLF-FS 2021:52 ch. 5: events with medical devices",
        _BOARD,
    ),
    (
        "sol-lex-sarah",
        "Socialtjänstlagen (2025:400): lex Sarah, rapportera genast, avhjälp utan dröjsmål, anmäl snarast",
        "Social Services Act (2025:400): lex Sarah",
        _LAW,
    ),
    ("lss-lex-sarah", "LSS (1993:387) 24 b–24 e §§: lex Sarah", "LSS 24 b–24 e: lex Sarah", _LAW),
]


# The national plan of action for patient safety, by Socialstyrelsen, and its five focus areas.
PLAN = (
    "nationell-handlingsplan",
    "Nationell handlingsplan för ökad patientsäkerhet",
    "National action plan for patient safety",
    _BOARD,
)
FOCUS_AREAS: list[tuple[str, str]] = [
    ("Öka kunskap om inträffade vårdskador", "Know more of harm that has happened"),
    ("Tillförlitliga och säkra system och processer", "Reliable and safe systems and processes"),
    ("Säker vård här och nu", "Safe care here and now"),
    ("Stärka analys, lärande och utveckling", "Stronger analysis, learning and development"),
    ("Öka riskmedvetenhet och beredskap", "More awareness of risk, and readiness"),
]


def load(**_: Any) -> None:
    DeviationType.objects.bulk_create(
        [DeviationType(code=c, name_sv=sv, name_en=en, position=10 * i) for i, (c, sv, en) in enumerate(TYPES, 1)],
        ignore_conflicts=True,
    )
    LegalReference.objects.bulk_create(
        [LegalReference(code=c, name_sv=sv, name_en=en, url=url) for c, sv, en, url in REFERENCES],
        ignore_conflicts=True,
    )
    code, name_sv, name_en, url = PLAN
    plan, is_new = Plan.objects.get_or_create(code=code, defaults={"name_sv": name_sv, "name_en": name_en, "url": url})
    if is_new:
        FocusArea.objects.bulk_create(
            [FocusArea(plan=plan, name_sv=sv, name_en=en, position=10 * i) for i, (sv, en) in enumerate(FOCUS_AREAS, 1)]
        )
