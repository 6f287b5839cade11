"""Who exists? People, providers, units, agreements, assignments; and the records every app stands on."""

from accounts.models.invitations import (
    AccessRequest,
    AddressChange,
    AddressLink,
    FirstAdministrator,
    Invitation,
    InvitationList,
    TermsAcceptance,
)
from accounts.models.people import Agreement, Assignment, CareUnit, Provider, User
from accounts.models.records import AuditEvent, AuditSeal, Draft, Notice, Retirement
from accounts.models.register import LostSecondStep, ProviderContact, RegisterList
from accounts.models.reviews import AccessReview, ReviewedAssignment
from accounts.models.standing_in import StandIn

__all__ = [
    "AccessRequest",
    "AccessReview",
    "AddressChange",
    "AddressLink",
    "Agreement",
    "Assignment",
    "AuditEvent",
    "AuditSeal",
    "CareUnit",
    "Draft",
    "FirstAdministrator",
    "Invitation",
    "InvitationList",
    "LostSecondStep",
    "Notice",
    "Provider",
    "ProviderContact",
    "RegisterList",
    "Retirement",
    "ReviewedAssignment",
    "StandIn",
    "TermsAcceptance",
    "User",
]
