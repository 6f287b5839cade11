"""Whether the right routine is among the first: our search against PostgreSQL's own, on the judged collection under
`bench/search/`. nDCG@10 and success@3 by kind of query, those held apart from tuning by themselves.

Each passage is a document of its own; beside those the queries are about stand the sections of the demonstration's
texts, so that there is something to take for the right one.
"""

from __future__ import annotations

import json
import math
import re
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from bench.large import collected, sizes
from bench.measure import QUICK, Figure, against
from tools.server import Portal

DATA = Path(__file__).with_name("search")
TEXTS = Path(__file__).parents[1] / "portal" / "demo" / "texts"
HELD = "# Held apart"
# Graded: the best answer, and others that answer too.
BEST, ALSO = 3, 1
OVERALL, EACH = 0.95, 0.9


@dataclass(frozen=True)
class Query:
    kind: str
    text: str
    right: dict[str, int]
    is_held: bool


def queries() -> list[Query]:
    found, is_held = [], False
    also = {line.split()[0]: line.split()[1:] for line in _lines("topics.txt")}
    for line in (DATA / "queries.txt").read_text().splitlines():
        is_held = is_held or line.startswith(HELD)
        if line and not line.startswith("#"):
            kind, text, keys = line.split("|")
            best, *others = keys.split(",")
            of_demo = [number for key in (best, *others) for number in also.get(key, ())]
            right = {**dict.fromkeys([*others, *of_demo], ALSO), best: BEST}
            found.append(Query(kind, text, right, is_held))
    return found


def _lines(name: str) -> list[str]:
    return [line for line in (DATA / name).read_text().splitlines() if line and not line.startswith("#")]


def passages() -> list[tuple[str, str, str]]:
    """Key, title and text: ours, then the sections of the demonstration's texts."""
    found = [tuple(line.split("|", 2)) for line in _lines("passages.txt")]
    for path in sorted(TEXTS.glob("*.md")):
        _, facts, body = path.read_text().split("---\n", 2)
        name = re.search(r"^title:\s*(.+)$", facts, re.MULTILINE)
        sections = re.split(r"^#+ (.+)$", body, flags=re.MULTILINE)
        for n, (heading, text) in enumerate(zip(sections[1::2], sections[2::2], strict=True)):
            if len(text.split()) > 15 and name:
                found.append((f"{path.stem}.{n}", f"{name[1]}: {heading}", text.strip()))
    return found  # type: ignore[return-value]


# Run in the portal's own process: made by the verbs, asked by the search, as a reader of a private provider's.
_ASK = """
import json, sys
from django.contrib.postgres.search import SearchQuery, SearchRank, SearchVector
from accounts.models import Provider
from accounts.readers import PUBLIC, Reader
from documents import lifecycle, search
from documents.models import Document, DocumentType
from documents.visibility.preview import Visibility
given = json.load(open({path!r}))
by = Reader(kind="system", person_name="Vårdgivarwebben", door="command")
kind = DocumentType.objects.get(code="RUT")
owner, _made = Provider.objects.get_or_create(kind="regional", defaults={{"name": "Region Prov"}})
keys, public = {{}}, Visibility(public=True)
for key, title, text in given["passages"]:
    document = lifecycle.create_document(by=by, title=title[:250], type=kind, owner=owner, visibility=public)
    lifecycle.publish(lifecycle.add_version(document, by=by, body=text), by=by)
    keys[document.number] = key
search.learn()
def ours(text):
    return [keys.get(hit.document.number) for hit in search.search(PUBLIC, text, page=10).hits]
def plain(text):
    vector = SearchVector("title", config="swedish", weight="A")
    vector += SearchVector("versions__reading__text", config="swedish", weight="C")
    query = SearchQuery(text, config="swedish", search_type="websearch")
    rows = Document.objects.annotate(v=vector, rank=SearchRank(vector, query)).filter(v=query).order_by("-rank", "pk")
    return [keys.get(n) for n in rows.values_list("number", flat=True)[:10]]
from documents.search.compounds import Lexicon
split = Lexicon().split
splits = {{word: split(word) for word in given["words"]}}
json.dump([[[ours(q), plain(q)] for q in given["queries"]], splits], open({out!r}, "w"))
"""


def run() -> list[Figure]:
    asked, texts = queries(), passages()
    if QUICK:
        asked, texts = asked[::12], texts[::40]
    with collected(sizes()[0]) if QUICK else Portal.started("bench", worker=False, demo=False) as portal:
        given, out = Path(portal.directory) / "given.json", Path(portal.directory) / "found.json"
        words = [word.replace("|", "").replace("+", "") for word in _words("compounds.txt") + _words("simple.txt")]
        given.write_text(json.dumps({"passages": texts, "queries": [q.text for q in asked], "words": words}))
        portal.manage("shell", "-v0", "-c", _ASK.format(path=str(given), out=str(out)))
        answers, splits = json.loads(out.read_text())
    return [*_figures(asked, answers), *_of_splits(splits)]


def _words(name: str) -> list[str]:
    return [word for line in _lines(name) for word in line.split()]


def _of_splits(splits: dict[str, list[str]]) -> list[Figure]:
    """How many of the splits are right: no word that is no compound, and a compound where its words begin."""
    right = made = 0
    compounds = _words("compounds.txt")
    for compound in compounds:
        parts = splits[compound.replace("|", "").replace("+", "")]
        made += bool(parts)
        right += bool(parts) and _is_cut_rightly(compound, parts)
    made_of_simple = sum(bool(splits[word]) for word in _words("simple.txt"))
    precision = against("finding", "splits, precision", right / (made + made_of_simple), "", 1, at_least=0.95)
    return [precision, against("finding", "splits, recall", right / len(compounds), "", 1, at_least=0.85)]


def _is_cut_rightly(compound: str, parts: list[str]) -> bool:
    """Each part begins where a mark is; the last letters of a part may differ (hälso: hälsa)."""
    word, must, may = "", set(), set()
    for sign in compound:
        if sign in "|+":
            (must if sign == "|" else may).add(len(word))
        else:
            word += sign
    cuts, at = set(), 0
    for part in parts[1:]:
        begins = [word.find(part[:n], at + 2) for n in range(len(part), 2, -1)]
        at = next((place for place in begins if place > 0), -1)
        cuts.add(at)
    return must <= cuts <= must | may


def _figures(asked: list[Query], answers: list[list[list[str]]]) -> list[Figure]:
    groups: dict[str, list[tuple[Query, list[str], list[str]]]] = defaultdict(list)
    for query, (ours, plain) in zip(asked, answers, strict=True):
        for name in ("all", query.kind, "held apart" if query.is_held else "tuned on"):
            groups[name].append((query, ours, plain))
        if not _success(query, ours):
            print(f"not in the first three: {query.kind} {query.text!r} {list(query.right)} in {ours[:3]}")
    figures = []
    for name, rows in groups.items():
        least = OVERALL if name in ("all", "held apart", "tuned on") else EACH
        for measure, of in (("success@3", _success), ("nDCG@10", _ndcg)):
            mine = sum(of(query, ours) for query, ours, _plain in rows) / len(rows)
            theirs = sum(of(query, plain) for query, _ours, plain in rows) / len(rows)
            figure = against("finding", f"{measure}, {name}", mine, "", theirs, at_least=0)
            holds = mine >= least if measure == "success@3" else mine >= theirs
            figures.append(_with(figure, f">= {least}" if measure == "success@3" else ">= plain", holds))
    return figures


def _with(figure: Figure, aim: str, holds: bool) -> Figure:
    return Figure(**{**figure.row(), "aim": aim, "holds": holds})  # type: ignore[arg-type]


def _success(query: Query, found: list[str]) -> float:
    return float(any(_grade(query, key) for key in found[:3]))


def _grade(query: Query, key: str) -> int:
    """Of a passage, or of a section by its document."""
    return query.right.get(key) or query.right.get(key.partition(".")[0], 0)


def _ndcg(query: Query, found: list[str]) -> float:
    """Normalised discounted cumulative gain (Järvelin & Kekäläinen 2002) of the first ten."""
    gain = sum(_grade(query, key) / math.log2(place + 2) for place, key in enumerate(found[:10]))
    best = sorted([*query.right.values(), *(_grade(query, key) for key in found[:10] if "." in key)], reverse=True)[:10]
    return gain / sum(grade / math.log2(place + 2) for place, grade in enumerate(best))
