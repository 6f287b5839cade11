"""People and their assignments."""

from __future__ import annotations

from typing import Any

from allauth.account.forms import ResetPasswordForm
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth.models import Permission
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest
from django.utils import translation
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts import audit
from accounts.admin.base import AuditedAdmin, HistoryMixin, RoleDecides, SafeAutocomplete
from accounts.granting import guarding, refusal
from accounts.models import Assignment, User
from accounts.notices import tell_former_address
from accounts.readers import Reader, reader_of
from accounts.roles import Kind, Role, roles_for_kind
from core import crypto

# Django's own names of permissions are stored in English.
MAY = {
    "add": gettext_lazy("may add"),
    "change": gettext_lazy("may change"),
    "delete": gettext_lazy("may delete"),
    "view": gettext_lazy("may see"),
}


class Permissions(forms.ModelMultipleChoiceField):
    """Each as "documents, document: may see"."""

    def label_from_instance(self, obj: Any) -> str:
        model = obj.content_type.model_class()
        if model is None or not admin.site.is_registered(model):
            return str(obj)
        named = admin.site.get_model_admin(model).opts
        said = MAY.get(obj.codename.partition("_")[0], obj.name)
        return f"{named.app_config.verbose_name}, {named.verbose_name}: {said}"


PRIVILEGES = ("is_active", "is_staff", "is_superuser", "user_permissions")


def send_sign_in_link(request: HttpRequest, user: User) -> None:
    """allauth's own mail with a link to choose a password, in the person's language. Only to the active."""
    form = ResetPasswordForm(data={"email": user.email})
    with translation.override(user.language or settings.LANGUAGE_CODE):
        if form.is_valid():
            form.save(request)


def _role_choices(kind: str | None) -> list[Any]:
    """The roles a kind of provider has; of all kinds, in groups, where the provider is not chosen yet."""
    if kind:
        return [(r.value, capfirst(r.label)) for r in Role if r in roles_for_kind(kind)]
    everywhere = roles_for_kind(Kind.PRIVATE)
    groups = [
        (_("All care providers"), everywhere),
        (_("The region only"), roles_for_kind(Kind.REGIONAL) - everywhere),
        (_("Municipalities only"), roles_for_kind(Kind.MUNICIPAL) - everywhere),
    ]
    return [(name, [(r.value, capfirst(r.label)) for r in Role if r in roles]) for name, roles in groups]


def _tell_doubted(request: HttpRequest, doubted: list[Assignment]) -> None:
    """Tell the administrator what happens next."""
    for assignment in doubted:
        messages.warning(
            request,
            _("%(who)s: what opens cases, approves or administers counts when an administrator of %(where)s says yes.")
            % {"who": assignment.user, "where": assignment.provider},
        )


class AssignmentForm(forms.ModelForm):
    # The person who fills in the form; the pages below set it.
    by: Reader | None = None

    roles = forms.MultipleChoiceField(
        label=gettext_lazy("roles"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Choose at least one role.")},
    )

    class Meta:
        model = Assignment
        fields = ("user", "provider", "unit", "roles", "title", "valid_from", "valid_to", "is_active")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        existing = bool(self.instance.pk)
        if "roles" in self.fields:
            kind = self.instance.provider.kind if existing else None
            self.fields["roles"].choices = _role_choices(kind)  # type: ignore[attr-defined]
        # Whose it is and for whom is what an assignment is; another is a new one.
        for name in ("user", "provider"):
            if existing and name in self.fields:
                self.fields[name].disabled = True

    def clean_roles(self) -> list[str]:
        chosen = self.cleaned_data["roles"]
        whose = self.cleaned_data.get("user") or getattr(self.instance, "user", None)
        provider = self.cleaned_data.get("provider") or getattr(self.instance, "provider", None)
        before = Assignment.objects.get(pk=self.instance.pk).roles if self.instance.pk else ()
        why_not = self.by and provider and refusal(self.by, to=whose, provider=provider, roles=chosen, before=before)
        if why_not:
            raise forms.ValidationError(why_not)
        return chosen

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        before = Assignment.objects.get(pk=self.instance.pk) if self.instance.pk else None
        if before and self.by and before.user_id == self.by.user_id:
            days = {name: data.get(name) for name in ("valid_from", "valid_to", "is_active")}
            after = Assignment(unit=data.get("unit", before.unit), **days)
            if guarding.widens(before, after):
                raise forms.ValidationError(_("You cannot widen your own assignment. Ask a colleague."))
        return data


def _form_of(request: HttpRequest) -> type[AssignmentForm]:
    return type("AssignmentForm", (AssignmentForm,), {"by": reader_of(request)})


class AssignmentFormSet(forms.BaseInlineFormSet):
    """The database allows one assignment for each place; two new ones in one form are told of it in words."""

    def clean(self) -> None:
        super().clean()
        places = [(f.instance.provider_id, f.instance.unit_id) for f in self.forms if f.instance.provider_id]
        if not any(self.errors) and len(places) != len(set(places)):
            raise forms.ValidationError(_("The same provider and unit stand twice. Put the roles together."))


class AssignmentInline(SafeAutocomplete, RoleDecides, admin.StackedInline):
    model = Assignment
    form = AssignmentForm
    formset = AssignmentFormSet
    fields = ("provider", "unit", "roles", "title", ("valid_from", "valid_to"), "is_active")
    autocomplete_fields = ("provider", "unit")
    extra = 0
    can_delete = False

    def get_formset(self, request: HttpRequest, obj: User | None = None, **kwargs: Any) -> Any:
        return super().get_formset(request, obj, form=_form_of(request), **kwargs)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Assignment]:
        return super().get_queryset(request).select_related("provider", "unit__provider", "user")


class UserForm(forms.ModelForm):
    send_link = forms.BooleanField(
        label=gettext_lazy("Send a sign-in link by e-mail when saved"),
        required=False,
        help_text=gettext_lazy("The person chooses a password by the link. Nobody else ever knows it."),
    )

    class Meta:
        model = User
        fields = ("email", "given_name", "family_name", "hsa_id", "language", *PRIVILEGES)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "send_link" in self.fields:
            self.fields["send_link"].initial = not self.instance.pk

    def clean_email(self) -> str:
        email = self.cleaned_data["email"].lower()
        if User.objects.filter(email=email).exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError(_("A person with this address already exists. Search for it in the list."))
        return email


@admin.register(User)
class UserAdmin(AuditedAdmin):
    form = UserForm
    inlines = (AssignmentInline,)
    list_display = ("__str__", "email", "hsa_id", "is_active", "is_staff", "has_two_step", "last_login")
    list_filter = ("is_active", "is_staff", "assignments__provider__kind")
    search_fields = ("given_name", "family_name", "email", "hsa_id")
    readonly_fields = ("last_login", "created_at")
    filter_horizontal = ("user_permissions",)
    actions = ("send_links", "remove_two_step")
    list_per_page = 50

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        second_step = Authenticator.objects.filter(user=OuterRef("pk"), type=Authenticator.Type.TOTP)
        return super().get_queryset(request).annotate(two_step=Exists(second_step))

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> list[tuple[Any, Any]]:
        sets = [
            (None, {"fields": ("given_name", "family_name", "email", "hsa_id", "language", "send_link")}),
            (
                _("Administration"),
                {
                    "fields": PRIVILEGES,
                    "description": _("No right here opens cases. What a person may do at work hangs on assignments."),
                },
            ),
        ]
        return [*sets, (_("Sign-in"), {"fields": self.readonly_fields})] if obj else sets

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        # SECURITY: only a superuser hands out what opens the administration.
        return self.readonly_fields if request.user.is_superuser else (*self.readonly_fields, *PRIVILEGES)

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "user_permissions":
            # SECURITY: what has no page of its own here (cases, drafts, notices) has no right to hand out.
            shown = [model._meta.model_name for model in self.admin_site._registry]
            kwargs["form_class"] = Permissions
            kwargs["queryset"] = Permission.objects.filter(content_type__model__in=shown).select_related("content_type")
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        # SECURITY: by another's address one could sign in as them.
        if obj is not None and (obj.is_superuser or obj.is_staff) and not request.user.is_superuser:
            return False
        return super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """A person who has signed in is made inactive, so that everything done still has its person."""
        if obj is not None and obj.last_login is not None:
            return False
        return super().has_delete_permission(request, obj)

    def save_model(self, request: HttpRequest, obj: User, form: forms.ModelForm, change: bool) -> None:
        if not change:
            obj.set_unusable_password()
        before = User.objects.get(pk=obj.pk) if change else None
        form.voucher = guarding.voucher(reader_of(request))  # type: ignore[attr-defined]  # before anything is saved
        super().save_model(request, obj, form, change)
        if before:
            self._guard(request, obj, before, form)
        if change and "email" in form.changed_data:
            # SECURITY: allauth also sends sign-in links to the addresses that it remembers.
            EmailAddress.objects.filter(user=obj).exclude(email=obj.email).delete()
        if form.cleaned_data.get("send_link") and obj.is_active:
            transaction.on_commit(lambda: self._send(request, obj))

    def _guard(self, request: HttpRequest, user: User, before: User, form: Any) -> None:
        """A change that lets somebody else sign in as this person suspends their guarded roles, and the person is
        told."""
        changed = set(form.changed_data)
        if "email" in changed:
            tell_former_address.defer(user_id=user.pk, address=crypto.encrypt(before.email))
        opened_again = "is_active" in changed and user.is_active
        for happened, why in (
            ("email" in changed, guarding.Why.ADDRESS),
            ("hsa_id" in changed, guarding.Why.IDENTITY),
            (opened_again, guarding.Why.REACTIVATED),
        ):
            if happened:
                _tell_doubted(request, guarding.doubt_person(user, why=why, voucher=form.voucher))

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        before = {a.pk: a for a in Assignment.objects.filter(user=form.instance)}
        super().save_related(request, form, formsets, change)
        for assignment in Assignment.objects.filter(user=form.instance):
            known = before.get(assignment.pk)
            _tell_doubted(request, guarding.doubt_change(known, assignment, voucher=form.voucher))

    def _send(self, request: HttpRequest, user: User) -> None:
        send_sign_in_link(request, user)
        audit.record("sent_sign_in_link", by=reader_of(request), target_type="user", target_id=user.pk)

    @admin.action(description=gettext_lazy("Send a sign-in link"), permissions=["change"])
    def send_links(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        people = [u for u in queryset if u.is_active and self.has_change_permission(request, u)]
        for user in people:
            self._send(request, user)
        if passed_over := len(queryset) - len(people):
            messages.warning(
                request,
                ngettext(
                    "%d person was passed over: inactive, or an administrator.",
                    "%d people were passed over: inactive, or administrators.",
                    passed_over,
                )
                % passed_over,
            )
        if people:
            messages.success(request, ngettext("Sent to %d person.", "Sent to %d people.", len(people)) % len(people))

    @admin.action(description=gettext_lazy("Remove two-step sign-in (lost telephone)"), permissions=["remove_step"])
    def remove_two_step(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        for user in queryset:
            voucher = guarding.voucher(reader_of(request))
            Authenticator.objects.filter(user=user).delete()
            audit.record("removed_two_step", by=reader_of(request), target_type="user", target_id=user.pk)
            doubted = guarding.doubt_person(user, why=guarding.Why.SECOND_STEP, voucher=voucher)
            _tell_doubted(request, doubted)
        messages.success(request, _("Two-step sign-in is removed. It can be set up anew at the next sign-in."))

    def has_remove_step_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_superuser)

    @admin.display(description=gettext_lazy("two-step sign-in"), boolean=True)
    def has_two_step(self, user: User) -> bool:
        return user.two_step  # type: ignore[attr-defined]


class RoleFilter(admin.SimpleListFilter):
    title = gettext_lazy("role")
    parameter_name = "role"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(r.value, capfirst(r.label)) for r in Role]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Assignment]) -> QuerySet[Assignment]:
        return queryset.filter(roles__contains=[self.value()]) if self.value() else queryset


class CurrentFilter(admin.SimpleListFilter):
    title = gettext_lazy("gives access today")
    parameter_name = "current"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", _("Yes")), ("no", _("No"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Assignment]) -> QuerySet[Assignment]:
        current = Assignment.objects.current().values("pk")
        return {"yes": queryset.filter(pk__in=current), "no": queryset.exclude(pk__in=current)}.get(
            self.value() or "", queryset
        )


@admin.register(Assignment)
class AssignmentAdmin(HistoryMixin, AuditedAdmin):
    form = AssignmentForm
    list_display = ("user", "provider", "unit", "roles_in_words", "valid_from", "valid_to", "gives_access", "waits")
    list_filter = (CurrentFilter, RoleFilter, "provider__kind", "is_active")
    list_select_related = ("user", "provider", "unit__provider")
    search_fields = ("user__given_name", "user__family_name", "user__email", "provider__name", "unit__name")
    autocomplete_fields = ("user", "provider", "unit")
    readonly_fields = ("row_history",)
    list_per_page = 50

    def save_model(self, request: HttpRequest, obj: Assignment, form: forms.ModelForm, change: bool) -> None:
        before = Assignment.objects.get(pk=obj.pk) if change else None
        voucher = guarding.voucher(reader_of(request))  # before anything is saved
        super().save_model(request, obj, form, change)
        _tell_doubted(request, guarding.doubt_change(before, obj, voucher=voucher))

    def get_form(self, request: HttpRequest, obj: Assignment | None = None, change: bool = False, **kwargs: Any) -> Any:
        return super().get_form(request, obj, change, form=_form_of(request), **kwargs)

    def get_fieldsets(self, request: HttpRequest, obj: Assignment | None = None) -> list[tuple[Any, Any]]:
        sets = [
            (None, {"fields": ("user", "provider", "unit", "title")}),
            (_("Rights"), {"fields": ("roles", ("valid_from", "valid_to"), "is_active")}),
        ]
        return [*sets, (_("History"), {"fields": ("row_history",), "classes": ("collapse",)})] if obj else sets

    def get_queryset(self, request: HttpRequest) -> QuerySet[Assignment]:
        current = Assignment.objects.current().filter(pk=OuterRef("pk"))
        return super().get_queryset(request).annotate(access_now=Exists(current))

    def has_delete_permission(self, request: HttpRequest, obj: Assignment | None = None) -> bool:
        """An assignment is ended, by its last day or made inactive: drafts and notices hang on it."""
        return False

    @admin.display(description=gettext_lazy("roles"))
    def roles_in_words(self, assignment: Assignment) -> str:
        return ", ".join(str(Role(r).label) for r in assignment.roles)

    @admin.display(description=gettext_lazy("waits for the provider's yes"))
    def waits(self, assignment: Assignment) -> str:
        return assignment.get_suspended_why_display() if assignment.suspended_at else "–"

    @admin.display(description=gettext_lazy("access today"), boolean=True)
    def gives_access(self, assignment: Assignment) -> bool:
        return assignment.access_now  # type: ignore[attr-defined]
