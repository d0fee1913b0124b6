"""What a project's own test is given of a cell: it measures, and has the figures to assert on."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from lab4.domain.cell import EXAMINE, LATENCY, Cell
from lab4.domain.errors import INTERRUPTED, Lab4Error, UnavailableError
from lab4.plugin.recording import recorder

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pytest

    from lab4.bench.bench import Bench
    from lab4.domain.observed import Agreement, Size
    from lab4.domain.outcome import Measured


@dataclass
class MeasuredCell:
    """A cell of a suite. Its figures are in base units; a first use of any of them measures the cell.

    The figures of calls are of the cell's own timing, or, in an examined cell, of the first timed cell of the artifact
    among the tests; those of the artifact (size, outputs) are of its examination. Each is measured once in a run.
    """

    cell: Cell
    _item: pytest.Item
    _bench: Bench
    _timed: Sequence[Cell]
    _found: dict[str, Measured]
    _recorded: bool = field(default=False)

    @property
    def id(self) -> str:
        """The cell's part of the test's id."""
        return self.cell.id

    @property
    def sizes(self) -> dict[str, int]:
        """The sizes that were given for dynamic dimensions, by name."""
        return {**self._bench.order.sources[self.cell.model].sizes}

    def measure(self) -> Measured:
        """Measure the cell and put it into the record, once; returns what was observed.

        Raises:
            UnavailableError: where this machine or model cannot: the test is skipped.
            Lab4Error: what went wrong; the test fails with it.
        """
        if not self._recorded:
            benchmark: Any = self._item.funcargs["benchmark"]  # type: ignore[attr-defined]  # pytest.Function has it
            record = recorder(self._item, self.cell, benchmark)
            record(self._of(self.cell))
            self._recorded = True
        return self._of(self.cell)

    @property
    def latency_s(self) -> float:
        """The median of the calls that had a core of their own, in seconds per call."""
        return self._calls("p50")

    @property
    def throughput(self) -> float:
        """Examples per second, by the median."""
        return self._calls("throughput")

    @property
    def memory_bytes(self) -> int:
        """The peak memory of a process that only runs the artifact, in bytes."""
        found = self._timing().memory
        if found is None:
            raise Lab4Error(f"{self.id}: no memory was measured ({self._timing().missing.get('memory', 'not asked')})")
        return found.bytes

    @property
    def size_bytes(self) -> int:
        """The artifact's bytes on the disk."""
        return self._size().disk_bytes

    @property
    def gzip_bytes(self) -> int:
        """The artifact's bytes compressed with gzip at level 6."""
        return self._size().gzip_bytes

    @property
    def arena_bytes(self) -> int:
        """What the artifact takes of a microcontroller's memory in addition to its file, in bytes."""
        measured = self._examined()
        if measured.arena is None:
            raise Lab4Error(f"{self.id}: no arena was measured ({measured.missing.get('arena', 'int8 TFLite only')})")
        return measured.arena.bytes

    @property
    def load_s(self) -> float:
        """The median time from the artifact's file to its first result, in seconds."""
        from lab4.sampling.quantiles import median

        loading = self._examined().loading
        if loading is None:
            raise Lab4Error(f"{self.id}: no loading was timed")
        return median(loading.samples_s)

    @property
    def cosine(self) -> float:
        """The cosine of the artifact's outputs and the original's, of the output that is furthest from it."""
        outputs = self._agreement().outputs
        if not outputs:
            raise Lab4Error(f"{self.id}: the outputs of the original are not known")
        return min(each.cosine for each in outputs.values())

    @property
    def max_abs_difference(self) -> float:
        """The largest difference of any output from the original's, in that output's unit."""
        return self._agreement().max_abs_difference

    @property
    def accuracy(self) -> float:
        """The share of right predictions; needs a data set with labels."""
        return self.metric("accuracy")

    def metric(self, name: str) -> float:
        """The value of a metric; raises `Lab4Error` with those that were computed."""
        found = self._examined()
        if name not in found.metrics:
            known = f"known: {', '.join(found.metrics)}" if found.metrics else "a metric needs a data set with labels"
            raise Lab4Error(f"{self.id}: no metric {name!r} was computed; {found.missing.get(name, known)}")
        return found.metrics[name].value

    def _calls(self, name: str) -> float:
        from lab4.analysis.figures import latency_figures

        latency = self._timing().latency
        if latency is None or not latency.calls.samples_s:
            raise Lab4Error(f"{self.id}: no call was timed")
        return latency_figures(latency, self._timed_cell().batch_size).values[name]

    def _size(self) -> Size:
        found = self._examined().size
        if found is None:
            raise Lab4Error(f"{self.id}: the size is not known")
        return found

    def _agreement(self) -> Agreement:
        found = self._examined().agreement
        if found is None:
            raise Lab4Error(f"{self.id}: the outputs of the original are not known")
        return found

    def _timed_cell(self) -> Cell:
        if self.cell.kind == LATENCY:
            return self.cell
        variant = (self.cell.variant, self.cell.format)
        for each in self._timed:
            if (each.variant, each.format) == variant:
                return each
        raise Lab4Error(f"{self.id}: no test of the suite times this artifact; leave kind='examine' out of where()")

    def _timing(self) -> Measured:
        return self._beside(self._timed_cell())

    def _examined(self) -> Measured:
        from lab4.formats import FORMATS
        from lab4.runtimes import RUNTIMES

        device = RUNTIMES[FORMATS[self.cell.format].traits.runtimes[0]].traits.devices[0]
        plain = replace(self.cell, threads=1, runtime="", settings=())
        return self._beside(replace(plain, kind=EXAMINE, device=device, batch_size=None))

    def _beside(self, cell: Cell) -> Measured:
        """What was observed of this or another cell of the artifact, after this one is in the record."""
        if cell == self.cell:
            return self.measure()
        self.measure()
        if self._bench.is_cut:
            raise Lab4Error(INTERRUPTED)
        try:
            return self._of(cell)
        except UnavailableError as error:  # this cell is measured, so that its test is not skipped
            raise Lab4Error(str(error)) from None

    def _of(self, cell: Cell) -> Measured:
        if cell.key not in self._found:
            if not self._bench.is_cut:
                self._bench.require(cell)
            measure = self._bench.latency if cell.kind == LATENCY else self._bench.examine
            self._found[cell.key] = measure(cell, self._bench.artifact(cell, self._bench.model(cell)))
        return self._found[cell.key]
