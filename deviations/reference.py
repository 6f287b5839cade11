"""Reference data: types of deviation. Loaded after each migrate; what an administrator changed stays changed."""

from __future__ import annotations

from typing import Any

from deviations.models import DeviationType

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


def load(**_: Any) -> None:
    DeviationType.objects.bulk_create(
        [DeviationType(code=c, name_sv=sv, name_en=en, position=10 * i) for i, (c, sv, en) in enumerate(TYPES, 1)],
        ignore_conflicts=True,
    )
