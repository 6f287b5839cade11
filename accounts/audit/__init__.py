"""Who read, exported, looked, signed in? The audit log: written, sealed, and proved to be whole."""

from accounts.audit.records import record
from accounts.audit.seals import Verdict, seal, verify

__all__ = ["Verdict", "record", "seal", "verify"]
