"""Parts of other packages that the administration shows and nobody here should meet.

Rights hang on assignments, not on groups; an address belongs to the person's own page; a second step's secret
and a login service's token are nobody's to read.
"""

# Imported first, whatever the order of INSTALLED_APPS: what is not yet registered cannot be taken out.
import allauth.account.admin
import allauth.mfa.admin
import allauth.socialaccount.admin
import allauth.usersessions.admin  # noqa: F401
import django.contrib.auth.admin  # noqa: F401
import procrastinate.contrib.django.admin  # noqa: F401
from allauth.account.models import EmailAddress, EmailConfirmation
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from allauth.usersessions.models import UserSession
from django.contrib import admin
from django.contrib.auth.models import Group
from procrastinate.contrib.django.models import ProcrastinateJob

HIDDEN = (
    Group,
    EmailAddress,
    EmailConfirmation,
    Authenticator,
    SocialAccount,
    SocialApp,
    SocialToken,
    UserSession,
    ProcrastinateJob,
)
for model in HIDDEN:
    if admin.site.is_registered(model):
        admin.site.unregister(model)
