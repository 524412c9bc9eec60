"""Writes the generated documentation: `python -m deploy.docs`."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path

from deploy.docs import pages
from shared.observability.logs import configure


def main(arguments: Sequence[str] | None = None, root: Path = pages.ROOT) -> int:
    """Write AsyncAPI, JSON Schemas, OpenAPI, and the pages about settings."""
    parser = argparse.ArgumentParser(prog="python -m deploy.docs", description=main.__doc__)
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--check", action="store_true", help="write nothing; fail where something is outdated")
    what.add_argument(
        "--release", action="store_true", help="also hold later schemas to the current ones from now on"
    )
    given = parser.parse_args(arguments)
    # The services are put together without a database; that they say so is no news.
    configure("error", "console")
    generated = asyncio.run(pages.pages())
    outdated = pages.outdated(generated, root) if given.check else pages.write(generated, root)
    if given.check and outdated:
        return _fail("Out of date; `make docs` writes them again:", outdated)
    if breaks := pages.broken_promises(root):
        return _fail("These changes need a new version of the type beside the old one:", breaks)
    for path in outdated:
        sys.stdout.write(f"{path}\n")
    if given.release:
        pages.release(root)
    return 0


def _fail(why: str, what: Sequence[str]) -> int:
    sys.stderr.write("\n  ".join([why, *what]) + "\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
