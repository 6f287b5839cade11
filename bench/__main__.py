"""`make bench`, or `make bench ONLY=document_page`."""

from __future__ import annotations

import importlib
import json
import os
import sys
from pathlib import Path

RESULTS = Path(os.environ.get("BENCH_RESULTS") or Path(__file__).with_name("results.json"))
BENCHES = ["document_page", "finding", "large", "load", "cases", "reading", "intake", "watch", "statistics", "silence"]


def main() -> int:
    wanted = sys.argv[1:] or BENCHES
    unknown = set(wanted) - set(BENCHES)
    if unknown:
        print(f"No such bench: {', '.join(sorted(unknown))}. There are: {', '.join(BENCHES)}.")
        return 2
    figures = [figure for name in wanted for figure in importlib.import_module(f"bench.{name}").run()]
    for figure in figures:
        mark = "holds" if figure.holds else "MISSES"
        print(
            f"{figure.bench:<16} {figure.name:<20} {figure.value:>9} {figure.unit:<11} "
            f"yardstick {figure.yardstick:>9}  ratio {figure.ratio:<6} aim {figure.aim:<8} {mark}"
        )
    kept = [row for row in json.loads(RESULTS.read_text()) if row["bench"] not in wanted] if RESULTS.exists() else []
    RESULTS.write_text(json.dumps([*kept, *(figure.row() for figure in figures)], indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
