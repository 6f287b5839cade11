"""Which addresses are a case's and a verb's, and which words stay free for other pages."""

import pytest
from django.urls import Resolver404, resolve, reverse

from deviations.verbs import VERBS
from deviations.verbs.submission import ALPHABET


@pytest.mark.parametrize(
    "number", ["AVV-26-7K3F9Q", "avv-26-7k3f9q", f"AVV-00-{ALPHABET[:6]}", f"AVV-99-{ALPHABET[-6:]}"]
)
def test_a_case_number_is_an_address(number):
    match = resolve(f"/avvikelser/{number}/")
    assert (match.url_name, match.kwargs) == ("case", {"number": number})


@pytest.mark.parametrize(
    "word",
    ["lexmaria", "atgardsplan", "AVV-26-7K3F9", "AVV-26-7K3F9QQ", "AVV-26-7K3F1Q", "7K3F9Q"],
)
def test_other_words_are_nobodys(word):
    with pytest.raises(Resolver404):
        resolve(f"/avvikelser/{word}/")
    with pytest.raises(Resolver404):
        resolve(f"/avvikelser/{word}/acknowledge/")


def test_each_verb_with_a_form_is_an_address():
    for verb in VERBS:
        assert resolve(reverse("case_act", args=["AVV-26-7K3F9Q", verb])).kwargs["verb"] == verb


@pytest.mark.parametrize("word", ["utred", "lexmaria", "submit", "acknowledge-2", "ACKNOWLEDGE"])
def test_other_words_after_a_case_number_are_no_verbs(word):
    with pytest.raises(Resolver404):
        resolve(f"/avvikelser/AVV-26-7K3F9Q/{word}/")
