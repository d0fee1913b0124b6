"""The npm packages of the JavaScript runtimes: pinned by a lock, installed once, as an entry of the cache."""

import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from lab4.cache import Cache, content_key, default_folder
from lab4.dependencies import LEAST_NODE
from lab4.domain.errors import UnavailableError
from lab4.domain.text import printable, shortened
from lab4.environment import child_environment, printed_by

#: The modules that run in Node and in a page, and the lock of the packages that they need.
ENGINE = Path(__file__).with_name("engine")
#: What a user is asked to do where the packages are missing.
REMEDY = "run: lab4 install-javascript"
#: A line of an error, as npm 10 and earlier ones begin it, and such lines that give no reason.
_ERROR = re.compile(r"npm (?:error|ERR!)(.*)")
_NOT_A_REASON = ("code ", "errno ", "syscall ", "A complete log")
_REMEDIES: Mapping[frozenset[str], str] = {
    frozenset({"ENOTFOUND", "ECONNREFUSED", "EAI_AGAIN", "ETIMEDOUT", "ECONNRESET"}): (
        "name a proxy (npm config set proxy) or a registry (npm config set registry) that can be reached, "
        "then run lab4 install-javascript again"
    ),
    frozenset({"EINTEGRITY", "EUSAGE"}): (
        "run npm cache clean --force, or name another registry (npm config set registry), or install lab4 anew, "
        "then run lab4 install-javascript again"
    ),
}
_LAST_REMEDY = "see what npm ping says, then run lab4 install-javascript again"
_FILES = ("package.json", "package-lock.json")
_LIMIT_S = 600
_VERSION_LIMIT_S = 20
_KIND = "javascript"
#: Debian 12 and Ubuntu 24.04 still have Node 18.
_NODE_SOURCE = f"install Node {LEAST_NODE} or later, with npm, from nodejs.org (packages of systems may be older)"
#: Flags for every Node of the user's, such as a debugger's, which would change what is measured.
_OF_NODE = "NODE_OPTIONS"


def node() -> str:
    """The path of Node.

    Raises:
        UnavailableError: where there is none, or one that is too old.
    """
    found = shutil.which("node")
    if found is None:
        raise UnavailableError(f"Node is not installed; {_NODE_SOURCE}")
    try:
        said = printed_by([found, "--version"], node_environment(), limit_s=_VERSION_LIMIT_S).decode().strip()
        major = int(said.lstrip("v").partition(".")[0])
    except (OSError, ValueError, subprocess.SubprocessError):
        raise UnavailableError(f"{found} does not say its version; {_NODE_SOURCE}") from None
    if major < LEAST_NODE:
        raise UnavailableError(f"Node {said.lstrip('v')} is too old; {_NODE_SOURCE}")
    return found


def node_environment() -> dict[str, str]:
    """The environment of an engine in Node: without flags for every Node of the user's."""
    return {name: value for name, value in child_environment().items() if name != _OF_NODE}


def installed() -> Path:
    """The folder ``node_modules`` of the packages, in the user's cache.

    Where another process installs them at the moment, it is waited for, which a sentence on standard error says.

    Raises:
        UnavailableError: where they are not installed, with the command that does it.
        CacheError: where the cache cannot be used.
    """

    def refuse(_: Path) -> None:
        raise UnavailableError(f"the packages of the JavaScript runtimes are not installed; {REMEDY}")

    return _entry(_cache(default_folder()), refuse)


def install(waiting: Callable[[str], None] = lambda _: None) -> Path:
    """Install what the lock names, where it is not installed yet; returns the folder ``node_modules``.

    Nothing of the packages is run. ``waiting`` receives a sentence where another process installs them already.

    Raises:
        UnavailableError: where npm is missing, refuses the lock or reaches no registry.
        CacheError: where the cache cannot be used, or the disk is full.
    """
    node()
    npm = shutil.which("npm")
    if npm is None:
        raise UnavailableError(f"npm is not installed; {_NODE_SOURCE}")

    def build(folder: Path) -> None:
        for name in _FILES:
            shutil.copyfile(ENGINE / name, folder / name)
        command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--omit=dev"]
        try:
            printed_by(command, child_environment(), folder=folder, limit_s=_LIMIT_S)
        except subprocess.TimeoutExpired:
            raise UnavailableError(
                f"npm has not installed the packages in {_LIMIT_S} s; see whether it reaches its registry: npm ping"
            ) from None
        except subprocess.CalledProcessError as error:
            said = _refusal(error.stderr.decode(errors="replace"))
            raise UnavailableError(f"npm does not install the packages: {said}") from None
        for path in folder.rglob("*.map"):  # a third of the bytes, for debuggers
            path.unlink()

    return _entry(Cache(default_folder(), _LIMIT_S, waiting), build)


@lru_cache(maxsize=1)
def _cache(folder: Path) -> Cache:
    """The cache, which compares the packages with their checksums once for a process."""
    return Cache(folder, _LIMIT_S, _note)


def _note(sentence: str) -> None:
    sys.stderr.write(f"lab4: {printable(sentence)}\n")
    sys.stderr.flush()


def _entry(cache: Cache, build: Callable[[Path], None]) -> Path:
    lock = {name: sha256((ENGINE / name).read_bytes()).hexdigest() for name in _FILES}
    key = content_key({_KIND: lock})
    return cache.get_or_build(key, _KIND, "packages of the JavaScript runtimes", build).path / "node_modules"


def _refusal(printed: str) -> str:
    """What npm says is wrong, and what to do: of its lines those of errors; others are warnings, or somebody else's."""
    errors = [found[1].strip() for found in map(_ERROR.match, printed.splitlines()) if found]
    said = [line for line in errors if line and not line.startswith(_NOT_A_REASON)]
    reason = shortened(said[0]) if said else "it said nothing"
    codes = {line.split()[1] for line in errors if line.startswith("code ") and len(line.split()) > 1}
    remedy = next((each for known, each in _REMEDIES.items() if codes & known), _LAST_REMEDY)
    return f"{reason}; {remedy}"
