"""The whole worksheet from runs."""

from collections.abc import Sequence

from lab4.analysis.observations import Observations, observations_of
from lab4.analysis.parts import comprehensive, deployment, inference, pruning, quantization, training
from lab4.analysis.parts.inference_detail import detail_tables
from lab4.analysis.parts.shared import PRINTED_MODELS, models_of
from lab4.analysis.tables import Part, Worksheet
from lab4.domain.run import Run

__all__ = ["worksheet"]


def worksheet(runs: Sequence[Run]) -> Worksheet:
    """Fill every blank of the printed form from ``runs``, or say why it stays empty.

    The order of ``runs`` does not matter; without any run every blank says so.
    """
    merged = observations_of(runs)
    return Worksheet(merged.sources, _parts(merged))


def _parts(merged: Observations) -> tuple[Part, ...]:
    models = models_of(merged, printed=False) or PRINTED_MODELS[:1]
    timed = (inference.printed_table(merged), inference.every_table(merged), *detail_tables(merged))
    hardware = (training.table(merged), *timed)
    return (
        Part(1, "Hardware performance benchmarking", hardware),
        Part(2, "Model quantization", tuple(quantization.table(merged, model) for model in models)),
        Part(3, "Model pruning", tuple(pruning.table(merged, model) for model in models)),
        Part(4, "Deployment formats", tuple(deployment.table(merged, model) for model in models)),
        Part(5, "Comprehensive analysis", comprehensive.tables(merged)),
    )
