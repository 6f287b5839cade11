"""A fault says what is missing, by the field's own label; a form's own words stand."""

from __future__ import annotations

import pytest
from django import forms
from django.template import Context, Template
from django.test import Client

from accounts.roles import Role
from portal.faults import words_of
from tests import cast


class Asked(forms.Form):
    title = forms.CharField(label="titel:")
    area = forms.ChoiceField(label="Område", choices=[("a", "A")])
    agreed = forms.BooleanField(label="Jag har läst")
    file = forms.FileField(label="Fil")
    own = forms.CharField(error_messages={"required": "Skriv varför."})
    number = forms.IntegerField(label="Antal")


def test_each_kind_of_field_says_what_is_missing():
    form = Asked({"number": "tre"})
    assert not form.is_valid()
    told = {name: list(words_of(form[name])) for name in form.fields}
    assert told == {
        "title": ["Fyll i ”Titel”."],
        "area": ["Välj något under ”Område”."],
        "agreed": ["Kryssa i ”Jag har läst”."],
        "file": ["Välj en fil till ”Fil”."],
        "own": ["Skriv varför."],
        "number": ["Fyll i ett heltal."],
    }


def test_the_summary_and_the_field_say_the_same():
    form = Asked({})
    page = Template("{% error_summary form %}{% field form.title %}").render(Context({"form": form}))
    assert page.count("Fyll i ”Titel”.") == 2
    assert "Detta fält" not in page


@pytest.mark.django_db
def test_no_form_of_the_portal_says_only_that_a_field_is_required():
    client = cast.sign_in(Client(), cast.assign(None, None, Role.READER, Role.REPORTER, Role.DOCUMENT_EDITOR).user)
    for address in ("/avvikelser/ny/", "/dokument/nytt/", "/konto/profil/", "/saknas/"):
        assert "Detta fält måste fyllas i" not in client.post(address, {}, follow=True).content.decode(), address
