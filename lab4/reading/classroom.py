"""Reads what a class handed in: a folder with a subfolder or a file for each student, any of which may be hostile.

Links are not followed, nothing but plain files is opened, and what is read is bounded. A file that cannot be used keeps
no other from being read.
"""

import hashlib
import os
import stat
from dataclasses import dataclass
from pathlib import Path

from lab4.analysis.classroom.submission import HandedIn, Refused
from lab4.domain.errors import Lab4Error, RecordError, system_errors
from lab4.domain.fields import moment
from lab4.domain.identity import completeness, identity
from lab4.domain.text import printable, valid_text
from lab4.domain.untyped import Untyped
from lab4.history.json_text import found_in, parse_file, read_bytes
from lab4.history.run_file import run_of

#: The name that lab4 gives the file of a run.
_RUN = "run.json"
_SUFFIX = ".json"
#: Bytes, of one run and of a student's runs together: a record of a thousand cells has a tenth, and an essay a
#: thousandth.
MOST_BYTES, MOST_ANSWER_BYTES = 32_000_000, 1_000_000
#: Samples and other packed values of a student's runs together, which all stay in memory: a run of the worksheet's
#: cells has a fortieth.
MOST_VALUES = 8_000_000
#: Students of a class, and of one student: levels of folders, entries that are looked at, runs.
_MOST_STUDENTS, _MOST_LEVELS, _MOST_ENTRIES, _MOST_RUNS = 2_000, 8, 20_000, 50
#: Folders that hold no run of their own: what a newer run replaced, packages, what an archiver adds.
_PASSED_OVER = {"earlier", "node_modules", "__macosx", "__pycache__", "site-packages"}


@dataclass(frozen=True, slots=True)
class StudentFiles:
    """What one student handed in, by the name of the subfolder or file; ``answers`` is a file that may be opened."""

    student: str
    files: tuple[HandedIn, ...]
    refused: tuple[Refused, ...]
    answers: Path | None = None


def students_in(folder: Path, answers_name: str) -> list[StudentFiles]:
    """Read every subfolder and every JSON file of a folder, by the students' names; nothing hidden.

    A run that a student handed in twice counts once. ``answers_name`` is what a student's own answers are called.
    Raises `Lab4Error` if there is no such folder, or nothing of a student in it.
    """
    if not folder.is_dir():
        raise Lab4Error(f"there is no folder {folder}; name the one that has a subfolder or a run.json per student")
    found: dict[str, list[Path]] = {}
    with system_errors():
        entries = _entries(folder)
    for entry in entries:
        is_file = entry.name.lower().endswith(_SUFFIX)
        if is_file or entry.is_symlink() or entry.is_dir(follow_symlinks=False):
            name = entry.name[: -len(_SUFFIX)] if is_file else entry.name
            found.setdefault(printable(valid_text(name)), []).append(Path(entry.path))
    if not found:
        raise Lab4Error(f"nothing was handed in to {folder}; it needs a subfolder or a run.json per student")
    if len(found) > _MOST_STUDENTS:
        raise Lab4Error(f"{folder} has {len(found)} subfolders and files; a class has {_MOST_STUDENTS} at most")
    return [_student(name, paths, answers_name) for name, paths in found.items()]


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    """What is in the folder and not hidden, in order of the names; raises `OSError`."""
    with os.scandir(folder) as entries:
        return sorted((each for each in entries if not each.name.startswith(".")), key=lambda each: each.name)


def _student(name: str, paths: list[Path], answers_name: str) -> StudentFiles:
    places = _Places(answers_name)
    for path in paths:
        if path.is_dir() and not path.is_symlink():
            places.look_into(path, "", _MOST_LEVELS)
        else:
            places.add(path, "")
    files: dict[object, HandedIn] = {}
    refused, room = list(places.refused), _Room()
    for path, shown in places.runs[:_MOST_RUNS]:
        try:
            each = _handed_in(path, shown, room)
        except Lab4Error as error:
            refused.append(Refused(shown, str(error)))
            continue
        known = None if each is None else files.get(identity(each.run))
        if each is not None and (known is None or completeness(each.run) > completeness(known.run)):
            files[identity(each.run)] = each
    if len(places.runs) > _MOST_RUNS:
        refused.append(Refused("", f"there are {len(places.runs)} JSON files; only {_MOST_RUNS} were read"))
    if not files and not refused:
        refused.append(Refused("", f"there is no {_RUN}"))
    ordered = sorted(files.values(), key=lambda each: moment(each.run.started_at))
    return StudentFiles(name, tuple(ordered), tuple(refused), places.answers)


class _Room:
    """What one student's runs may still have: they all stay in memory, with those of the whole class."""

    def __init__(self) -> None:
        self._bytes, self._values = MOST_BYTES, MOST_VALUES

    def take(self, size: int, document: object) -> None:
        """Give room to a record of so many bytes; raises `RecordError` where none is left, and takes none."""
        values = _packed_values(document)
        if size > self._bytes:
            raise RecordError(f"with it there are more than {MOST_BYTES:,} bytes of runs, and no more are read")
        if values > self._values:
            raise RecordError(f"with it there are more than {MOST_VALUES:,} samples and the like; no more are read")
        self._bytes -= size
        self._values -= values


def _packed_values(document: Untyped) -> int:
    """How many values everything that is packed in an object or a list of JSON says it has."""
    found, waiting = 0, [document]
    while waiting:
        each = waiting.pop()
        if isinstance(each, dict) and "data" in each and isinstance(count := each.get("count"), int):
            found += max(0, count)
        parts = each.values() if isinstance(each, dict) else each
        waiting += [part for part in parts if isinstance(part, dict | list)]
    return found


class _Places:
    """What a student's folder has: JSON files with their names in it, answers, and what must not be opened."""

    def __init__(self, answers_name: str) -> None:
        self.runs: list[tuple[Path, str]] = []
        self.refused: list[Refused] = []
        self.answers: Path | None = None
        self._answers_name = answers_name
        self._seen = 0

    def look_into(self, folder: Path, inside: str, levels: int) -> None:
        """Add what is in the folder, and below it down to so many levels; ``inside`` is what its names begin with."""
        try:
            entries = _entries(folder)
        except OSError as error:
            self.refused.append(Refused(_shown(inside), f"the folder cannot be read: {error.strerror or error}"))
            return
        for entry in entries:
            self._seen += 1
            if self._seen > _MOST_ENTRIES:
                if self._seen == _MOST_ENTRIES + 1:
                    why = f"there are more than {_MOST_ENTRIES:,} files and folders; the others were not looked at"
                    self.refused.append(Refused("", why))
                return
            shown = f"{inside}{entry.name}"
            if entry.is_dir(follow_symlinks=False):
                if levels and entry.name.lower() not in _PASSED_OVER:
                    self.look_into(Path(entry.path), f"{shown}/", levels - 1)
            elif entry.name == self._answers_name:
                self._add_answers(Path(entry.path), shown)
            elif entry.name.lower().endswith(_SUFFIX):
                self.add(Path(entry.path), shown)

    def add(self, path: Path, shown: str) -> None:
        """Add a file that may be a run; of a student who handed in nothing else it has no name."""
        reason = _unopenable(path, MOST_BYTES)
        if reason:
            self.refused.append(Refused(_shown(shown), reason))
        else:
            self.runs.append((path, _shown(shown)))

    def _add_answers(self, path: Path, shown: str) -> None:
        reason = _unopenable(path, MOST_ANSWER_BYTES)
        if reason:
            self.refused.append(Refused(_shown(shown), reason))
        elif self.answers is None:
            self.answers = path


def _shown(name: str) -> str:
    return printable(valid_text(name))


def _unopenable(path: Path, most_bytes: int) -> str:
    """Why a file is not opened: opening a pipe waits for ever, and a link leads to files of others; empty if it may."""
    try:
        facts = path.lstat()
    except (OSError, ValueError) as error:  # ValueError: a path that no system has
        return f"it cannot be read: {getattr(error, 'strerror', None) or error}"
    if stat.S_ISLNK(facts.st_mode):
        return "it is a link; hand in the file itself"
    if not stat.S_ISREG(facts.st_mode):
        return "it is not a file that can be read to its end"
    if facts.st_size > most_bytes:
        return f"it has {facts.st_size:,} bytes; at most {most_bytes:,} are read"
    return ""


def _handed_in(path: Path, shown: str, room: _Room) -> HandedIn | None:
    """The run in a file; ``None`` for JSON of something else, unless it has a run's name.

    Raises `RecordError`: one sentence that does not name the file.
    """
    source = shown or "the file"
    try:
        data = read_bytes(path)
        document = parse_file(data, source)
        if path.name != _RUN and found_in(document, "benchmarks") is None and shown:
            return None
        made = HandedIn(shown, hashlib.sha256(data).hexdigest(), run_of(document, source))
        room.take(len(data), document)
    except RecordError as error:
        raise RecordError(_without_name(str(error), (str(path), source))) from None
    except Exception as error:  # noqa: BLE001  # whatever a file makes of the reader, the others are read
        raise RecordError(f"it cannot be read ({type(error).__name__})") from None
    return made


def _without_name(sentence: str, names: tuple[str, ...]) -> str:
    for name in names:
        sentence = sentence.removeprefix(f"cannot read {printable(name)}: ")
    return sentence
