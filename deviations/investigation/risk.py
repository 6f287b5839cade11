"""The score of a risk, in the words of the matrix that staff know."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from deviations.closing import gates
from deviations.models import CaseRules, Investigation, Party

LEVELS: dict[int, str | Promise] = {1: _("low"), 2: _("moderate"), 3: _("high"), 4: _("very high")}
# The highest score of each level but the last.
_UP_TO = ((3, 1), (6, 2), (9, 3))
Extent = Investigation.Extent


@dataclass(frozen=True)
class Risk:
    """A severity and a likelihood, 1 to 4 each."""

    severity: int
    likelihood: int

    @property
    def score(self) -> int:
        return self.severity * self.likelihood

    @property
    def level(self) -> int:
        """1 (low) to 4 (very high)."""
        return next((level for most, level in _UP_TO if self.score <= most), 4)

    @property
    def word(self) -> str:
        return str(LEVELS[self.level])

    @property
    def value(self) -> str:
        """As a form sends it: severity and likelihood, one figure each."""
        return f"{self.severity}{self.likelihood}"

    @property
    def words(self) -> str:
        parts = {
            "score": self.score,
            "word": self.word,
            "severity": dict(Investigation.SEVERITIES)[self.severity],
            "likelihood": dict(Investigation.LIKELIHOODS)[self.likelihood],
        }
        return str(_("%(score)d points, %(word)s. Severity %(severity)s, likelihood %(likelihood)s")) % parts


def risk_of(severity: int | None, likelihood: int | None) -> Risk | None:
    return Risk(severity, likelihood) if severity and likelihood else None


def matrix() -> list[tuple[Any, list[Risk]]]:
    """The rows from the gravest, each with its name and its squares from the least likely."""
    likelihoods = [value for value, _name in Investigation.LIKELIHOODS]
    return [(f"{s} {name}", [Risk(s, at) for at in likelihoods]) for s, name in Investigation.SEVERITIES]


def asked_extent(risk: Risk | None, rules: CaseRules) -> str:
    """The extent that the score asks for by the provider's rules; empty while nothing is judged. The gravest severity
    asks for an analysis whatever the likelihood."""
    if risk is None:
        return ""
    if risk.score >= rules.analysis_from or risk.severity == 4:
        return Extent.ANALYSIS
    return Extent.DEEPER if risk.score >= rules.deeper_from else Extent.SIMPLE


def extent_of(found: Investigation | None, party: Party) -> str:
    """The extent chosen by somebody, or else the one that the score asks for."""
    if found is None:
        return ""
    return found.extent or asked_extent(risk_of(found.severity, found.likelihood), gates.rules_of(party.provider))
