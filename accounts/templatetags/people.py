"""People and assignments in words."""

from django import template

from accounts.roles import role_words

register = template.Library()
register.filter(role_words)
