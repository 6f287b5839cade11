"""`python -m bench.reading built-04`: what was read of these files, and what was missed of them."""

from __future__ import annotations

import sys

from bench.reading import files, read, scored


def main() -> None:
    wanted = sys.argv[1:]
    for file in files(aside=False):
        if wanted and not any(name in file.name for name in wanted):
            continue
        made = read(file)
        score = scored(file, made)
        print(file.name, score.all(), f"running {score.running}, pictured {score.pictured}")
        for measure, lines in score.missed.items():
            for line in lines[:20]:
                print("   ", measure, line)
        if wanted:
            print(made.html)


if __name__ == "__main__":
    main()
