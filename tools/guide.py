"""Prove that every statement of a copy of the connector guide has its place in the steps.

    python -m tools.guide FILE

Prints the statements of the file that the map doesn't know, and the entries of the map that the
file doesn't have. Exit 0 when there is none of either, else 1; 2 when the file can't be read. The
guide isn't part of this repository: bring your own copy.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

from lib.runbook.roads.guide import digest, sentences, statements


def main(arguments: Sequence[str]) -> int:
    """Compare the file with the map; the exit code."""
    if len(arguments) != 1:
        print("usage: python -m tools.guide FILE", file=sys.stderr)
        return 2
    try:
        text = Path(arguments[0]).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        print(f"{arguments[0]} can't be read: {error}", file=sys.stderr)
        return 2
    reported = {digest(sentence): sentence for sentence in sentences(text)}
    known = {one.digest: one for one in statements()}
    for one, sentence in reported.items():
        if one not in known:
            print(f"not in the map: {one}  {sentence}")
    for one, statement in known.items():
        if one not in reported:
            print(f"not in the file: {statement.id}")
    print(f"{len(reported)} statements, {len(reported.keys() & known.keys())} of them in the map.")
    return 0 if reported.keys() == known.keys() else 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
