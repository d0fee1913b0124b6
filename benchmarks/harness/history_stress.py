"""Whether a history in a folder loses a run when several processes write to it and others read it meanwhile.

Each writer adds runs of its own by the functions that ``lab4 history add`` calls; readers open the history again and
again, which adds files to the index that they see first. Ends with 0 only if every run has its file and its row, and an
index that is made anew from the files equals the one that they left.
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread

from lab4.environment import child_environment
from lab4.reading.store import add_document, opened

WRITERS, RUNS, READERS = 8, 50, 2
INDEX = "lab4-history.sqlite"


def document(writer, number):
    """A file as plain pytest-benchmark saves it."""
    return {
        "machine_info": {
            "node": f"writer-{writer}",
            "system": "Linux",
            "release": "1",
            "cpu": {"brand_raw": "Test CPU", "count": 4},
        },
        "commit_info": {"id": "c0ffee", "dirty": False},
        "datetime": f"2026-01-01T{number // 60:02d}:{number % 60:02d}:00+00:00",
        "benchmarks": [
            {"fullname": f"test_x.py::test_{name}", "stats": {"min": 1e-3, "median": 2e-3}} for name in "abc"
        ],
    }


def write(folder, writer, runs):
    """Add runs; every second one is added twice, in another encoding."""
    for number in range(runs):
        store = opened(folder, print)
        plain = document(writer, number)
        for indent in (None, 4) if number % 2 else (None,):
            add_document(store, json.dumps(plain, indent=indent).encode(), f"{writer}-{number}.json")
        store.close()


def read(folder):
    """Open and list the history until standard input ends."""
    waiting = Thread(target=sys.stdin.read)
    waiting.start()
    while waiting.is_alive():
        store = opened(folder, print, read_only=True)
        store.entries()
        store.close()


def start(*arguments, **streams):
    return subprocess.Popen([sys.executable, __file__, *map(str, arguments)], env=child_environment(), **streams)


def content(folder):
    """What the index says, without the numbers, which are those of the order of adding."""
    store = opened(folder, print)
    rows = {(each.identity, each.digest, each.source, each.complete, each.cells) for each in store.entries()}
    count = len(store.entries())
    store.close()
    return count, rows


def stress(folder, writers, runs, readers):
    """Let them work together, and return what is wrong afterwards."""
    reading = [start("--read", folder, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) for _ in range(readers)]
    writing = [start("--write", folder, number, runs) for number in range(writers)]
    codes = [process.wait() for process in writing]
    for process in reading:
        process.stdin.close()
        codes.append(process.wait())
    files = list(Path(folder).rglob("*.json"))
    count, before = content(folder)
    for path in Path(folder).glob(f"{INDEX}*"):
        path.unlink()
    _, after = content(folder)
    print(f"{writers} writers of {runs} runs, {readers} readers: {len(files)} files, {count} rows")
    wanted = writers * runs
    return [
        *(["a process failed"] if any(codes) else []),
        *([f"{len(files)} files, not {wanted}"] if len(files) != wanted else []),
        *([f"{count} rows, not {wanted}"] if count != wanted else []),
        *(["the index made anew from the files is another one"] if before != after else []),
    ]


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--writers", type=int, default=WRITERS)
    parser.add_argument("--runs", type=int, default=RUNS, help="of each writer")
    parser.add_argument("--readers", type=int, default=READERS)
    parser.add_argument("--write", nargs=3, help=argparse.SUPPRESS)
    parser.add_argument("--read", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.write:
        folder, writer, runs = options.write
        write(folder, writer, int(runs))
    elif options.read:
        read(options.read)
    else:
        with TemporaryDirectory() as place:
            faults = stress(str(Path(place, "history")), options.writers, options.runs, options.readers)
        print("\n".join(faults) or "nothing is lost")
        sys.exit(bool(faults))


if __name__ == "__main__":
    main()
