"""`python -m lib …`: the command line."""

import sys

from lib.preflight import problem

if __name__ == "__main__":
    missing = problem()
    if missing:
        sys.stderr.write(missing + "\n")
        sys.exit(2)
    from lib.cli import main

    sys.exit(main())
