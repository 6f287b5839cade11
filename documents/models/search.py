"""Tables of the search beside the documents: passages, the words of the collection, and words that mean the same."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _


class Passage(models.Model):
    """A piece of what a version says: some sentences under one heading or on one page, in the order of the text.

    Made by `search.reindex` for the version that is found; a snippet is taken from the one that answers best.
    """

    version = models.ForeignKey("documents.Version", models.CASCADE, related_name="passages")
    ordinal = models.PositiveIntegerField()
    # Its place: the heading it is under, by the anchor of that, or the page of the file.
    heading = models.CharField(max_length=300, blank=True)
    anchor = models.CharField(max_length=200, blank=True)
    page = models.PositiveIntegerField(null=True)
    text = models.TextField()
    words = SearchVectorField()

    class Meta:
        verbose_name = _("passage")
        verbose_name_plural = _("passages")
        ordering = ("version", "ordinal")
        constraints: ClassVar = [models.UniqueConstraint(fields=["version", "ordinal"], name="passage_number_once")]

    def __str__(self) -> str:
        return f"{self.version_id}.{self.ordinal}"


class SearchWord(models.Model):
    """A word of the documents, as it is written there, in small letters.

    Counted and taken apart by the job that learns (`search.vocabulary.learn`); a new one has no count until then.
    """

    word = models.CharField(max_length=60, unique=True)
    count = models.PositiveIntegerField(default=0)
    parts = ArrayField(models.CharField(max_length=60), default=list)

    class Meta:
        verbose_name = _("word of the search")
        verbose_name_plural = _("words of the search")
        ordering = ("word",)

    def __str__(self) -> str:
        return self.word


class Synonym(models.Model):
    """A search for `term` also finds `means`, and the other way round if it is both ways."""

    term = models.CharField(_("who looks for"), max_length=100, help_text=_("A word, an abbreviation or some words."))
    means = models.CharField(_("also finds"), max_length=100)
    both_ways = models.BooleanField(
        _("and the other way round"),
        default=True,
        help_text=_("Not where one is narrower than the other."),
    )

    class Meta:
        verbose_name = _("synonym")
        verbose_name_plural = _("synonyms")
        ordering = ("term", "means")
        constraints: ClassVar = [
            models.UniqueConstraint(Lower("term"), Lower("means"), name="synonym_once"),
            models.CheckConstraint(condition=~Q(term__iexact=F("means")), name="synonym_of_another_word"),
        ]

    def __str__(self) -> str:
        return f"{self.term} {'=' if self.both_ways else '→'} {self.means}"


class RecentSearch(models.Model):
    """A person's search under an assignment. Written, shown and forgotten by `search.recent`."""

    assignment = models.ForeignKey("accounts.Assignment", models.CASCADE, related_name="+")
    text = models.CharField(max_length=200)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("recent search")
        verbose_name_plural = _("recent searches")
        constraints: ClassVar = [models.UniqueConstraint(fields=["assignment", "text"], name="recent_search_once")]
        indexes: ClassVar = [models.Index(fields=["at"], name="recent_search_by_time")]

    def __str__(self) -> str:
        return self.text


class FailedSearch(models.Model):
    """A search that found nothing on a day, by one kind of provider: how often, and never by whom.

    Counted by `search.unanswered`; its job finds out afterwards whether the answer was there and hidden.
    """

    text = models.CharField(max_length=200)
    # Empty: nobody signed in, or somebody without an assignment.
    provider_kind = models.CharField(max_length=20, blank=True)
    day = models.DateField()
    count = models.PositiveIntegerField(default=1)
    looked_at = models.DateTimeField(null=True)
    # Published documents that have the answer, which those who asked may not see.
    hidden = models.ManyToManyField("documents.Document", related_name="+")

    class Meta:
        verbose_name = _("search without result")
        verbose_name_plural = _("searches without result")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["text", "provider_kind", "day"], name="failed_search_once")
        ]
        indexes: ClassVar = [models.Index(fields=["day"], name="failed_search_by_day")]

    def __str__(self) -> str:
        return self.text


class DocumentUse(models.Model):
    """How often a document was opened on a day. By whom is not kept."""

    document = models.ForeignKey("documents.Document", models.CASCADE, related_name="+")
    day = models.DateField()
    opened = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("use")
        verbose_name_plural = _("use")
        constraints: ClassVar = [models.UniqueConstraint(fields=["document", "day"], name="document_use_once")]

    def __str__(self) -> str:
        return f"{self.document_id} {self.day}: {self.opened}"


class DocumentTried(models.Model):
    """How often people of a kind of provider opened the address of a document that they may not see, on a day. By whom
    is not kept."""

    document = models.ForeignKey("documents.Document", models.CASCADE, related_name="+")
    provider_kind = models.CharField(max_length=20)
    day = models.DateField()
    times = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("tried in vain")
        verbose_name_plural = _("tried in vain")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["document", "provider_kind", "day"], name="document_tried_once")
        ]

    def __str__(self) -> str:
        return f"{self.document_id} {self.provider_kind} {self.day}: {self.times}"
