"""Changes the pure parts of the runtime a little, again and again, and counts how often the tests notice.

`python -m tests.mutation` (or `make mutate`) prints what nobody noticed and fails below `ENOUGH`.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Final

ENOUGH: Final = 0.85
NOTICED: Final = {"killed", "timeout", "suspicious", "segfault"}
"""A mutant that runs for ever is noticed too: the tests have a limit."""

MUTMUT: Final = str(Path(sys.executable).with_name("mutmut"))
MUTANTS: Final = Path("mutants")


def main() -> int:
    """Run all mutants and return 0 where enough of them were noticed."""
    # Results of an earlier state of the code would be counted as if they were today's.
    shutil.rmtree(MUTANTS, ignore_errors=True)
    run = subprocess.run([MUTMUT, "run"], capture_output=True, text=True, check=False)
    listed = subprocess.run([MUTMUT, "results", "--all", "true"], capture_output=True, text=True, check=False)
    found = re.findall(r"^\s*(\S+): ([a-z ]+)$", listed.stdout, flags=re.MULTILINE)
    counts = Counter(status for _, status in found)
    if not found or counts["not checked"]:
        print(run.stdout[-3000:], run.stderr[-3000:], "The mutants did not run.", sep="\n")
        return 1
    for name, status in found:
        if status not in NOTICED:
            print(f"{status:>10}  {name}")
    noticed = sum(count for status, count in counts.items() if status in NOTICED)
    ratio = noticed / len(found)
    print(f"{noticed} of {len(found)} mutants were noticed: {ratio:.1%}, wanted {ENOUGH:.0%}.")
    return 0 if ratio >= ENOUGH else 1


if __name__ == "__main__":
    sys.exit(main())
