"""A run small enough to read: one cell measured, one not to be had."""

from dataclasses import replace

from lab4.domain.catalogue import Catalogue, FormatTraits, ModelTraits
from lab4.domain.cell import Cell
from lab4.domain.machine import Gpu, Machine
from lab4.domain.observed import Latency, PerExample, Series, Size, WarmUp
from lab4.domain.outcome import Measured, Measurement, Unavailable
from lab4.domain.run import Commit, DatasetInfo, Run, Settings

CNN = Cell("latency", "cnn", (), "cpu", 1, "onnx")
FCNN = Cell("latency", "fcnn", (), "cpu", 1, "onnx")


def latency(samples_s=(1e-6, 2e-6, 3e-6), **changes):
    """A latency of one pass, of single calls."""
    made = Latency(
        calls=Series(tuple(samples_s), (len(samples_s),), 1, "one call"),
        compute_only=None,
        probe_s=(3e-5,),
        load_s=0.01,
        first_call_s=0.5,
        warmup=WarmUp(3, 0.1, steady=True),
        threads=2,
        ended="budget",
        target=0.02,
    )
    return replace(made, **changes)


LATENCY = latency()
RUN = Run(
    started_at="2026-01-31T12:00:00+00:00",
    lab4_version="0.1.0",
    settings=Settings("quick", 1, 2, 1, 0.1),
    dataset=DatasetInfo("mnist_10k", 8000, 2000, "ab" * 32),
    machine=Machine("box", "CPU", ("avx2",), 8, 4, 2**34, (Gpu("H", "1", 2**36),), "Linux", "3.11", (("a", "1"),), ()),
    commit=Commit("c0ffee", dirty=True),
    catalogue=Catalogue(
        models={"cnn": ModelTraits("cnn", "CNN")},
        formats={"onnx": FormatTraits("onnx", "onnx", "onnx", "float32", "float32", ("onnxruntime",), ("server",))},
    ),
    measurements=(
        Measurement(CNN, Measured(latency=LATENCY, metrics={"accuracy": PerExample((True, False))}, size=Size(2, 1))),
        Measurement(FCNN, Unavailable("no such model")),
    ),
    complete=True,
)


def table_of(document, key):
    """The table of this key; ``KeyError`` if there is none."""
    return {table.key: table for table in document.tables}[key]
