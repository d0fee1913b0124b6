"""A cell's main figures in a few words, for the line that a running suite shows."""

from lab4.analysis.distribution import summarize, throughput
from lab4.domain.cell import Cell
from lab4.domain.outcome import Measured
from lab4.report.units import number

__all__ = ["figures"]


def figures(cell: Cell, measured: Measured) -> str:
    """Latency and throughput, training time, or accuracy and size: what the cell is about."""
    if measured.latency is not None:
        p50_s = summarize(measured.latency).p50_s
        rate = throughput(cell.batch_size or 1, p50_s)
        return f"{number(p50_s, 'milliseconds')} ms, {number(rate, 'rate')} samples/s"
    words = []
    if measured.training is not None:
        words.append(f"{number(sum(measured.training.epoch_s), 'seconds')} s")
    if measured.per_example is not None:
        words.append(f"{number(measured.per_example.value, 'share')}%")
    if measured.size is not None:
        words.append(f"{number(measured.size.disk_bytes, 'bytes')} MB")
    return ", ".join(words)
