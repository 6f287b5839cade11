"""Makes the judged files anew: `python -m bench.reading.make`, or with a maker's or a file's name, only those.

Needs the makers (`bench/reading/README.md`); the files themselves are kept, so that judging needs none of them.
"""

from __future__ import annotations

import sys

from bench.reading import files
from bench.reading.makers import MAKERS
from bench.reading.sources import source


def main() -> None:
    for file in (*files(aside=False), *files(aside=True)):
        if len(sys.argv) < 2 or sys.argv[1] in file.name:
            file.path.write_bytes(MAKERS[file.maker](source(file.number), file.look))
            print(file.name, file.path.stat().st_size)


if __name__ == "__main__":
    main()
