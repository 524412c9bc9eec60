from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Final

from deploy.local.process import LocalPartUnavailable, sole_use

POM: Final = Path(__file__).with_name("pom.xml")
DATA: Final = Path(__file__).parents[3] / ".data" / "kafka"
OLDEST_JAVA: Final = 17

_INSTEAD = "Set KAFKA_BOOTSTRAP_SERVERS to a broker of yours, or use `docker compose up`."
_STAMP = "complete.json"


def _pinned_version() -> str:
    found = re.search(r"<kafka\.version>([^<]+)</kafka\.version>", POM.read_text(encoding="utf-8"))
    if found is None:
        raise LocalPartUnavailable(f"{POM} names no kafka.version.")
    return found[1]


KAFKA_VERSION: Final = _pinned_version()


def find_java() -> Path:
    """Return a `java` that is new enough for the broker: the one of JAVA_HOME, else the one on the PATH.

    Raises:
        LocalPartUnavailable: there is none, or it is too old.
    """
    home = os.environ.get("JAVA_HOME")
    java = shutil.which("java", path=str(Path(home, "bin"))) if home else shutil.which("java")
    if java is None:
        where = f"in JAVA_HOME ({home})" if home else "on the PATH"
        raise LocalPartUnavailable(
            f"Kafka needs Java {OLDEST_JAVA} or newer, and there is no java {where}. {_INSTEAD}"
        )
    said = subprocess.run([java, "-version"], capture_output=True, text=True, check=False, timeout=60)
    version = re.search(r'version "(\d+)', said.stderr)
    if version is None or int(version[1]) < OLDEST_JAVA:
        is_this = f"is version {version[1]}" if version else "does not run"
        raise LocalPartUnavailable(
            f"Kafka needs Java {OLDEST_JAVA} or newer, and {java} {is_this}. {_INSTEAD}"
        )
    return Path(java)


def ensure_library(cache: Path = DATA) -> Path:
    """Return the directory with the broker's jars, fetched with Maven when they are not there whole.

    Raises:
        LocalPartUnavailable: they have to be fetched and cannot be.
    """
    cache = cache.resolve()
    cache.mkdir(parents=True, exist_ok=True)
    library = cache / f"lib-{KAFKA_VERSION}"
    with sole_use(cache / "lib.lock", wait=True):
        if not _is_whole(library):
            _fetch(library)
    return library


def _fetch(library: Path) -> None:
    mvn = shutil.which("mvn")
    if mvn is None:
        raise LocalPartUnavailable(
            f"Kafka's jars are fetched with Maven, and there is no mvn on the PATH. {_INSTEAD}"
        )
    draft = library.with_name(f"{library.name}.draft")
    shutil.rmtree(draft, ignore_errors=True)
    fetched = subprocess.run(
        [mvn, "-q", "-B", "-f", str(POM), "dependency:copy-dependencies", f"-DoutputDirectory={draft}"],
        capture_output=True,
        text=True,
        check=False,
    )
    if fetched.returncode != 0:
        reason = "\n".join((fetched.stdout + fetched.stderr).splitlines()[:6])
        raise LocalPartUnavailable(f"Maven could not fetch Kafka {KAFKA_VERSION}. {_INSTEAD}\n{reason}")
    stamp = {"pom": _pom_digest(), "jars": _jars(draft)}
    (draft / _STAMP).write_text(json.dumps(stamp, indent=1), encoding="utf-8")
    shutil.rmtree(library, ignore_errors=True)
    draft.replace(library)


def _is_whole(library: Path) -> bool:
    try:
        stamp = json.loads((library / _STAMP).read_bytes())
    except (OSError, ValueError):
        return False
    return bool(stamp == {"pom": _pom_digest(), "jars": _jars(library)})


def _pom_digest() -> str:
    return hashlib.sha256(POM.read_bytes()).hexdigest()


def _jars(directory: Path) -> dict[str, int]:
    return {jar.name: jar.stat().st_size for jar in sorted(directory.glob("*.jar"))}
