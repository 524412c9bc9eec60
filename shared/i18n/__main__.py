from __future__ import annotations

import sys
from pathlib import Path

from shared.i18n.lint import check

_SERVICES = Path(__file__).parents[2] / "services"


def main(services: Path = _SERVICES) -> int:
    """Check the texts of every service; the exit status is 1 when something is wrong."""
    directories = sorted(services.glob("**/locale"))
    # A check that finds nothing to check has been pointed at the wrong place.
    problems = [problem for directory in directories for problem in check(directory)]
    if not directories:
        problems = [f"{services}: no service has a locale directory"]
    sys.stdout.writelines(f"{problem}\n" for problem in problems)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
