"""Which words are the same, what compounds are made of, and what is understood of what was typed."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from documents.search.compounds import Lexicon
from documents.search.swedish import forms, normalise, tokens
from documents.search.vocabulary import Vocabulary
from documents.search.words import parse

BENCH = Path(__file__).parents[2] / "bench" / "search"


def words(text: str) -> list[str]:
    return [token.word for token in tokens(normalise(text))]


ALIKE = [
    ("årligen", "a\u030arligen"),
    ("läkemedel", "lä\u00adke\u200bmedel"),
    ("RUT-2024-017", "rut\u20112024\u2011017"),
    ("5 \u00b5g", "5 \u03bcg"),
    ("fiber", "\ufb01ber"),
    ("”trycksår”", '"trycksår"'),
    ("0,5", "0.5"),
]


@pytest.mark.parametrize(("one", "other"), ALIKE)
def test_what_looks_the_same_is_the_same(one: str, other: str):
    assert words(one) == words(other)


def test_what_signs_join_is_words_of_its_own_and_a_code_is_one():
    assert words("mg/kg a.b in/ut") == ["mg", "kg", "a", "b", "in", "ut"]
    assert words("E11.9") == ["e119", "e11", "9"]
    assert words("N02BE01 NEWS2") == ["n02be01", "news2"]
    assert words("0,5") != words("05")
    assert [t.at for t in tokens("ett två-tre fyra")] == [1, 2, 3, 4]


SAME = [
    ("hjälpmedlen", "hjälpmedel"),
    ("katetern", "kateter"),
    ("katetrar", "kateter"),
    ("såret", "sår"),
    ("patienterna", "patient"),
    ("fötter", "fot"),
    ("mätningen", "mäta"),
    ("dokumentation", "dokumentera"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_a_word_is_the_same_in_all_its_forms(one: str, other: str):
    assert set(forms(one)) & set(forms(other))


@pytest.mark.parametrize(("one", "other"), [("mor", "morfin"), ("rap", "rapport"), ("kon", "kontroll")])
def test_what_only_begins_alike_is_not_the_same(one: str, other: str):
    lexicon = Lexicon()
    there = {form for part in (other, *lexicon.split(other)) for form in forms(part)}
    assert not set(forms(one)) & there


def test_no_word_of_barnmorska_is_a_mother():
    assert "mor" not in {form for part in Lexicon().split("barnmorska") for form in forms(part)}


def _marked(text: str) -> list[str]:
    return [w for line in text.splitlines() if not line.startswith("#") for w in line.split()]


def test_compounds_are_taken_apart_rightly():
    """Of the judged ones (`bench/search/`), those that were never looked at while this was written."""
    lexicon = Lexicon()
    cut = (BENCH / "compounds.txt").read_text().split("# These are held apart")[1]
    simple = (BENCH / "simple.txt").read_text().split("# Held apart.")[1]
    compounds = [c for c in _marked(cut) if "|" in c]
    taken = [(c, lexicon.split(c.replace("|", "").replace("+", ""))) for c in compounds]
    wrong = [w for w in _marked(simple) if lexicon.split(w)]
    ours = [(c, parts) for c, parts in taken if parts]
    right = [c for c, parts in ours if c.count("|") < len(parts) <= 1 + c.count("|") + c.count("+")]
    assert len(right) / (len(ours) + len(wrong)) >= 0.95
    assert len(ours) / len(compounds) >= 0.9


def test_how_words_are_joined():
    split = Lexicon().split
    assert split("arbetsmiljö") == ("arbete", "miljö")
    assert split("hälsocentral") == ("hälsa", "central")
    assert split("kvinnoklinik") == ("kvinna", "klinik")
    assert split("läkarbedömning") == ("läkare", "bedömning")
    assert split("trycksårsprevention") == ("tryck", "sår", "prevention")


def test_the_documents_outweigh_the_list():
    """A word of theirs that the list has not is a part like any other."""
    assert Lexicon().split("zamorondos") == ()
    assert Lexicon({"zamoron": 40}).split("zamorondos") == ("zamoron", "dos")


def test_what_was_typed_is_understood():
    known = Vocabulary()
    assert [t.said for t in parse('fall "särskilt boende" -hem', known).terms] == ['"särskilt boende"', "fall"]
    assert parse("fall -hemmet", known).all_of_it.endswith("& (!(('hemmet') | ('hem')))")
    assert [t.said for t in parse("Hur ofta ska man vända en patient med trycksår?", known).terms] == [
        "vända",
        "patient",
        "trycksår",
    ]
    assert not parse("i på och", known)
    assert not parse("-fall", known)


def test_a_sentence_need_not_have_all_its_words():
    question = parse("vända patient trycksår natt madrass", Vocabulary())
    assert question.is_sentence
    assert question.most_of_it() != question.all_of_it


def test_many_who_search_at_once_do_not_cut_one_another_s_words() -> None:
    # Words that no dictionary has, so that all are stemmed.
    words = [f"{start}{middle}{end}" for start in ("bryx", "fnul", "kvorp", "snagg") for middle in ("ill", "ast", "omm", "und")
             for end in ("arna", "heten", "igas", "erna", "lösa", "andes", "ornas", "et")]  # fmt: skip
    alone = {word: forms.__wrapped__(word) for word in words}
    differing: list[str] = []

    def search() -> None:
        for _ in range(30):
            differing.extend(word for word in words if forms.__wrapped__(word) != alone[word])

    often = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(8) as crew:
            for one in [crew.submit(search) for _ in range(8)]:
                one.result()
    finally:
        sys.setswitchinterval(often)
    assert differing == []
