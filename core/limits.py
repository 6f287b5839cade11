"""How often a visitor may do what is open to all. Counted in the shared cache, by allauth's limiter."""

from __future__ import annotations

from allauth.core.internal import ratelimit
from django.http import HttpRequest

# Wrong passwords: for one account from one address. Neither does somebody elsewhere lock a nurse out by using her
# name, nor do thousands behind one address lock each other out.
WRONG_PASSWORDS = "5/5m/key"
# From one address, whatever the accounts; above it each account there has a single try.
WRONG_PASSWORDS_BY_ADDRESS = "300/10m/ip"
WRONG_PASSWORDS_WHEN_MANY = "1/5m/key"
# A form that nobody needs to sign in for: from one address, and in all.
OPEN_FORM = "5/10m/ip,60/h/key"


def consume(request: HttpRequest, action: str, rates: str, key: str = "all") -> ratelimit.RateLimitUsage | None:
    """Count one more; None where it is one too many. A count can be taken back (`rollback`)."""
    return ratelimit.consume(request, app="portal", action=action, config={action: rates}, key=key)
