"""What runs on a node of the cluster, in a process of Ray's: asks, builds, and measures in processes of their own."""

import os
import platform
import re
import shutil
import sys
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import ExitStack, closing, suppress
from importlib.util import find_spec
from pathlib import Path
from uuid import uuid4

from lab4.cache import Cache, default_folder, digest_of
from lab4.domain.errors import CacheError, Lab4Error, OutputError, RecordError, in_words
from lab4.fleet.facts import NodeFacts
from lab4.fleet.journal_tail import JournalTail
from lab4.fleet.orders import Built, Digests, Ended, Lines, RunOrder
from lab4.fleet.shared import SharedCache
from lab4.history.json_text import parse_file, read_bytes
from lab4.history.run_folder import BUILT_FILE, JOURNAL
from lab4.launch import LaunchSide, StartedRun, collected
from lab4.storage.atomic import create_first_free, output_errors
from lab4.storage.folders import TemporaryFolder, is_owned, wait_until_free

#: Packages without which no cell is measured.
_NEEDED = ("pytest", "pytest_benchmark", "numpy", "psutil", "tensorflow")
#: How often the journal is looked at while cells are timed: seconds.
_POLL_S = 1.0
#: How long a run of a driver that was killed may take to end: seconds.
_ENDING_S = 90.0
#: How long a run that has ended stays, whose driver may have been killed before it had all of it: seconds.
_ASKED_FOR_S = 7 * 86_400.0
#: With less no file is written whole: bytes.
_FULL_BYTES = 1_000_000
#: What every run on a node is given: nothing that is shown, and no report, since the driver writes those.
_QUIET = ("-p", "no:cacheprovider", "--lab4-progress=off", "--lab4-report=csv")

_IDENTIFIER = re.compile("[0-9a-f]{32}")

Send = Callable[[Lines], object]


def fleet_folder() -> Path:
    """The node's folder of this command: next to the user's cache, which it leaves alone."""
    usual = default_folder()
    return usual.with_name(f"{usual.name}-fleet")


def clock() -> float:
    """The node's clock, in seconds since 1970."""
    return time.time()


def facts() -> NodeFacts:
    """What the node says of itself; its clock is asked for by `clock`. Raises `Lab4Error`."""
    folder = fleet_folder()
    with output_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(folder).free
    missing = tuple(name for name in _NEEDED if find_spec(name) is None)
    kind, has_gpu = ("", False) if missing else _hardware()
    return NodeFacts(
        machine_id=_machine_id(folder) if free else "",
        name=platform.node(),
        kind=kind,
        host=_host(),
        missing=missing,
        free_bytes=free,
        folder=str(folder),
        skew_s=0.0,
        niceness=os.nice(0) if hasattr(os, "nice") else 0,
        has_gpu=has_gpu,
    )


def cells(order: RunOrder) -> tuple[str, ...] | str:
    """The cells that pytest would measure, by key; or why there are none."""
    try:
        return tuple(collected(_side(order), order.arguments))
    except Lab4Error as error:
        return str(error)


def build(order: RunOrder, before: Sequence[tuple[Digests, Mapping[str, bytes]]]) -> tuple[Built, dict[str, bytes]]:
    """Build the artifacts of the order's cells, beginning with what was built ``before``.

    Returns what there is then, and its packed entries where no shared cache has them.
    """
    try:
        return _build(order, before)
    except Lab4Error as error:
        return Built(problem=_full_disk() or str(error)), {}


def _build(order: RunOrder, before: Sequence[tuple[Digests, Mapping[str, bytes]]]) -> tuple[Built, dict[str, bytes]]:
    place = _place(order)
    wait_until_free(place, _ENDING_S)  # of a driver that was killed; other builds may run at the same time
    with ExitStack() as stack:
        # A cache that is empty but for what others have just built, which must not be built once more.
        folder = stack.enter_context(TemporaryFolder("anew", fleet_folder())) if order.anew else fleet_folder()
        cache = _filled(order, before, folder)
        arguments = (*order.arguments, *_QUIET, "--lab4-build-only", f"--lab4-cache={cache.folder}")
        # Ray kills the children of a process that ends; the guard, which ends the run, must be none of them.
        run = StartedRun(_side(order), arguments, order.cells, folder=place, is_grandchild=True)
        with closing(run):
            run.wait()
            if not (place / BUILT_FILE).is_file():
                run.content()  # raises what went wrong
        document = parse_file(read_bytes(place / BUILT_FILE), BUILT_FILE)
        shutil.rmtree(place, ignore_errors=True)
        known = {key for digests, _ in before for key in digests}
        return _packed(order, cache, sorted(set(document["entries"]) - known))


def _packed(order: RunOrder, cache: Cache, keys: Collection[str]) -> tuple[Built, dict[str, bytes]]:
    packed = {key: cache.packed(key) for key in keys}
    if not order.shared:
        return Built({key: digest_of(data) for key, data in packed.items()}), packed
    shared = SharedCache(order.shared)
    keep = shared.replace if order.anew else shared.keep
    return Built({key: keep(key, data) for key, data in packed.items()}), {}


def measure(order: RunOrder, entries: Sequence[tuple[Digests, Mapping[str, bytes]]], send: Send) -> Ended:
    """Run pytest in a folder of this node, or continue the run there; ``send`` gets its lines as cells end."""
    try:
        return _measure(order, entries, send)
    except Lab4Error as error:
        return Ended(None, _full_disk() or str(error))
    except OSError as error:
        return Ended(None, _full_disk() or in_words(error))


def _full_disk() -> str:
    """What to do where this node's disk is full, which whatever failed says in its own way; empty where it is not."""
    folder = fleet_folder()
    with suppress(OSError):
        if shutil.disk_usage(folder).free < _FULL_BYTES:
            return f"its disk is full; make room for {folder} there, or start Ray there with another LAB4_CACHE"
    return ""


def _measure(order: RunOrder, entries: Sequence[tuple[Digests, Mapping[str, bytes]]], send: Send) -> Ended:
    place = _place(order)
    _wait_for_others(place)
    file, tail = place / "run.json", JournalTail(place / JOURNAL)
    if file.is_file() and not (place / JOURNAL).exists():  # it ended, and its driver before it heard so
        return Ended(read_bytes(file))
    _remove_old(place.parent)
    file.unlink(missing_ok=True)  # of an earlier part of the run: the journal has all that it has
    cache = _filled(order, entries, fleet_folder())
    resumed = ("--lab4-resume",) if (place / JOURNAL).exists() else ()
    arguments = (*order.arguments, *_QUIET, *resumed, f"--lab4-cache={cache.folder}")
    # Ray kills the children of a process that ends; the guard, which ends the run, must be none of them.
    with closing(StartedRun(_side(order), arguments, order.cells, folder=place, is_grandchild=True)) as run:
        while run.code is None:
            run.wait(_POLL_S)
            if found := tuple(tail.lines()):
                send(Lines(order.name, found))
        return Ended(run.content())


def _filled(order: RunOrder, entries: Sequence[tuple[Digests, Mapping[str, bytes]]], folder: Path) -> Cache:
    """The cache in the folder with these entries in it, each as it was built."""
    cache = Cache(folder / "cache")
    shared = SharedCache(order.shared) if order.shared else None
    for digests, packed in entries:
        for key, digest in digests.items():
            data = shared.get(key, digest) if shared else packed[key]
            if digest_of(data) != digest:
                raise CacheError(f"the artifact {key} has changed on its way here; run the same command again")
            cache.put(key, data)
    return cache


def _place(order: RunOrder) -> Path:
    place = fleet_folder() / "runs" / order.fleet / order.name
    with output_errors(place):
        place.mkdir(parents=True, exist_ok=True)
    return place


def _wait_for_others(place: Path) -> None:
    """Wait for runs of a driver that was killed: nothing of the fleet may run next to a clock."""
    for folder in place.parent.parent.glob("*/*"):
        wait_until_free(folder, _ENDING_S)


def _remove_old(fleet: Path) -> None:
    """Remove what ended runs of other fleets have left here, once their drivers have had time to ask for it."""
    for folder in (each for each in fleet.parent.glob("*/*") if each.parent != fleet):
        with suppress(OSError, OutputError):
            is_old = time.time() > folder.stat().st_mtime + _ASKED_FOR_S
            if is_old and not (folder / JOURNAL).exists() and not is_owned(folder):
                shutil.rmtree(folder, ignore_errors=True)
                folder.parent.rmdir()  # with the last of them


def _side(order: RunOrder) -> LaunchSide:
    folder = Path(order.folder or Path.cwd())
    return LaunchSide(platform.node(), Path(sys.executable), folder, _environment())


def _environment() -> dict[str, str]:
    """The environment that Ray was started in: for its tasks it sets threads and GPUs, which a run would record."""
    import psutil

    own = dict(os.environ)
    try:
        node = psutil.Process(int(own["RAY_RAYLET_PID"])).environ()
    except (KeyError, ValueError, psutil.Error, OSError):
        return own
    paths = {name: own[name] for name in ("PYTHONPATH",) if name in own}  # where the project was unpacked
    return {**{name: value for name, value in node.items() if not name.startswith("RAY_")}, **paths}


def _hardware() -> tuple[str, bool]:
    from cpuinfo import get_cpu_info

    from lab4.devices.fingerprint import fingerprint

    machine = fingerprint({}, {}, get_cpu_info())
    return machine.hardware_id, bool(machine.gpus)


def _machine_id(folder: Path) -> str:
    """What is on this node's disk since the first run of a fleet."""
    name = "machine"
    if not (folder / name).exists():
        try:
            create_first_free(folder, [name], uuid4().hex.encode())
        except OutputError:  # another task of this node was first
            if not (folder / name).exists():
                raise
    found = read_bytes(folder / name).decode("ascii", "replace").strip()
    if not _IDENTIFIER.fullmatch(found):
        raise RecordError(f"{folder / name} is damaged, so that this machine is not known again; remove it")
    return found


def _host() -> str:
    """What only nodes on one machine have in common, as long as it is up."""
    boot = Path("/proc/sys/kernel/random/boot_id")
    return boot.read_text(encoding="ascii").strip() if boot.is_file() else platform.node()
