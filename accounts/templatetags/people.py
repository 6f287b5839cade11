"""People and assignments in words."""

from django import template

from accounts.providers import colleagues
from accounts.roles import role_words

register = template.Library()
register.filter(role_words)
register.filter("roles_mark", colleagues.mark)
