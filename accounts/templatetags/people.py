"""People and assignments in words."""

from __future__ import annotations

from collections.abc import Iterable

from django import template

from accounts import colleagues
from accounts.roles import Role

register = template.Library()


@register.filter
def role_words(roles: Iterable[str]) -> str:
    """ "reader, case handler": the codes of roles as a person says them. Unknown codes are left out."""
    return ", ".join(str(Role(code).label) for code in roles if code in Role.values)


register.filter("roles_mark", colleagues.mark)
