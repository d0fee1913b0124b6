"""The output folder of a run: owned while the run lasts, with its journal."""

from collections.abc import Callable
from contextlib import suppress
from itertools import chain
from pathlib import Path
from typing import Any

from lab4.domain.errors import Lab4Error, OutputError, RecordError
from lab4.domain.outcome import Measurement
from lab4.domain.rounds import Round
from lab4.history.journal import Journal
from lab4.storage.folders import OwnedFolder

JOURNAL = "journal.jsonl"
#: What a run that only builds leaves: the keys of its entries of the cache.
BUILT_FILE = "built.json"
#: Names that are tried when the folder was removed during the run and another run has it now.
_MOST_NAMES = 100


class RunFolder:
    """One run's folder, from its claim to its release; a second run in it is refused.

    A folder that is removed during the run is made again with everything that was measured, under another name where
    another run has taken its place meanwhile. ``warn`` receives a sentence about it. `create` or `resume` makes the
    ``journal``.
    """

    def __init__(self, path: Path, warn: Callable[[str], None]) -> None:
        self._wanted = path
        self._owned = OwnedFolder(path)
        self._warn = warn
        self.journal: Journal | None = None

    @property
    def path(self) -> Path:
        """Where everything goes."""
        return self._owned.path

    @property
    def journal_path(self) -> Path:
        """The file of the journal."""
        return self.path / JOURNAL

    def claim(self) -> None:
        """Own the folder, which is made; raises `OutputError` where another run owns it or it cannot be written."""
        self._owned.claim()

    def resume(self) -> Journal:
        """Open the journal of the interrupted run in the folder.

        Raises `RecordError` if there is nothing to continue, or it is damaged; and `OutputError` if another run owns
        the folder.
        """
        if not self.journal_path.exists():
            raise RecordError(
                f"there is no interrupted run in {self.path} to continue; leave out --lab4-resume to start one"
            )
        self.claim()
        try:
            self.journal = Journal.resume(self.journal_path)
        except Lab4Error as error:
            self._owned.release()
            if isinstance(error, RecordError):
                raise RecordError(f"{error}; start anew without --lab4-resume") from None
            raise
        for sentence in self.journal.damaged:
            self._warn(f"{self.journal_path}: {sentence}; what it held is measured again")
        return self.journal

    def create(self, header: dict[str, Any]) -> Journal:
        """Start a new journal; raises as `Journal.create`."""
        self.journal = Journal.create(self.journal_path, header)
        return self.journal

    def keep(self, measurement: Measurement, row: dict[str, Any] | None) -> None:
        """Keep a cell that ended; raises as `Journal.append`. Before the journal is started nothing is kept."""
        if self.journal is not None:
            self.ensure(self.journal)
            self.journal.append(measurement, row)

    def keep_round(self, found: Round) -> None:
        """Keep a round that ended; raises as `Journal.append`."""
        if self.journal is not None:
            self.ensure(self.journal)
            self.journal.append_round(found)

    def ensure(self, journal: Journal) -> None:
        """Make the folder again if another program removed it; raises `OutputError` where that is not possible."""
        if self._owned.is_owned and journal.is_there:
            return
        former = self.path
        self._owned.release()
        self._owned = self._first_free()
        journal.move_to(self.journal_path)
        self._warn(f"{former} was removed during the run; everything measured so far is in {self.path}")

    def _first_free(self) -> OwnedFolder:
        numbers = range(2, _MOST_NAMES + 1)
        others = (self._wanted.with_name(f"{self._wanted.name}-{number}") for number in numbers)
        for path in chain([self._wanted], others):
            owned = OwnedFolder(path)
            with suppress(OutputError):
                owned.claim()
                return owned
        raise OutputError(f"{self._wanted} was removed during the run and cannot be made again")

    def close(self, *, complete: bool) -> None:
        """Close the journal, which a complete run needs no longer, and let others have the folder."""
        if self.journal is not None:
            removable = complete and self.journal.is_there
            self.journal.close()
            if removable:
                self.journal_path.unlink(missing_ok=True)
        self._owned.release()
