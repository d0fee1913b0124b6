"""What a format must do: keep what the model computes, for any batch, in a file whose weights can be read."""

from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import ClassVar

import numpy as np

from lab4.bench.specs import ExportSpec
from lab4.bench.tensorflow_jobs import export
from lab4.domain.cell import Cell
from lab4.domain.untyped import Untyped
from lab4.formats import FORMATS, Format, size_of
from lab4.runtimes import RUNTIMES, PythonRuntime
from lab4.testing.conformance import TraitsConformance, built, cell_of, examined, kernels_of, require, tiny_bench

#: A model with convolutions, what prunes it, and to what share of zeros.
_MODEL, _PRUNED, _ZEROS = "cnn", "pruned80", 0.8
_BATCHES = (1, 7)
#: The share of a file's bytes that may differ, as names in it are numbered.
_SIZE_NOISE = 1e-4


class FormatConformance(TraitsConformance):
    """The suite of formats; a small model is trained, pruned, exported and run as a run does it."""

    kind = "format"
    models: ClassVar[tuple[str, ...]] = ("cnn", "fcnn")

    def test_its_runtimes_read_its_container(self, name: str) -> None:
        """Each runtime that it names is there, and reads such files."""
        traits = FORMATS[name].traits
        for runtime in map(RUNTIMES.__getitem__, traits.runtimes):
            if isinstance(runtime, PythonRuntime):
                require(
                    traits.container in runtime.loaders,
                    f"{runtime.name} reads {', '.join(runtime.loaders)}, and {name} writes {traits.container}",
                )

    def test_its_tolerance_is_one(self, name: str) -> None:
        """A tolerance that allows everything checks nothing."""
        limit = FORMATS[name].tolerance
        require(0 <= limit.max_abs_difference <= 1, "the allowed difference of a probability is from 0 to 1")
        require(0.5 < limit.min_agreement <= 1, "the least share of equal predictions is above 0.5, and at most 1")  # noqa: PLR2004
        require(0 <= limit.rounding < 0.1, "rounding moves probabilities by less than 0.1")  # noqa: PLR2004

    def test_its_file_has_a_plain_name(self, name: str) -> None:
        """The artifact lies in a folder of the cache."""
        filename = FORMATS[name].filename
        require(Path(filename).name == filename != "", f"{filename!r} is not the name of a file in a folder")

    def test_it_computes_what_the_model_computes(self, name: str) -> None:
        """Outputs on all images are within the format's own tolerance, and the file is not empty."""
        for model in self.models:
            measured = examined(cell_of(model, (), name))  # raises DisagreementError
            agreed, size = measured.agreement, measured.size
            require(agreed is not None and agreed.agreeing > agreed.total / 2, f"{model}: most predictions differ")
            require(size is not None and size.disk_bytes > 0 and size.gzip_bytes > 0, f"{model}: the file is empty")

    def test_it_computes_the_same_for_any_batch(self, name: str) -> None:
        """A latency cell loads it for batches of one size, whichever."""
        cell = cell_of(self.models[0], (), name)
        hosted = tiny_bench().hosted(cell, built(cell))
        outputs = [hosted.host.predict(replace(hosted.spec, batch_size=batch)) for batch in _BATCHES]
        difference = float(np.abs(outputs[0] - outputs[1]).max())
        allowed = max(1e-4, 2 * FORMATS[name].tolerance.rounding)
        require(difference <= allowed, f"batches of {_BATCHES} differ by {difference:.2g} (allowed {allowed:.2g})")

    def test_the_zeros_of_a_pruned_model_are_in_its_kernels(self, name: str) -> None:
        """What ``kernels`` reads is what was exported: as many weights, and a pruned model's zeros."""
        cell = cell_of(_MODEL, (_PRUNED,), name)
        pruned, dense = kernels_of(cell), kernels_of(cell_of(_MODEL, (), name))
        expected = sum(kernel.size for kernel in kernels_of(cell_of(_MODEL, (), "keras")))
        found = sum(kernel.size for kernel in dense)
        require(found >= expected, f"kernels yields {found} weights of a model that has {expected}")
        require(_zeros(pruned) >= _ZEROS - 0.01, f"{_zeros(pruned):.0%} zeros of a model with {_ZEROS:.0%} of them")
        require(_zeros(dense) < _ZEROS / 2, f"{_zeros(dense):.0%} zeros of a model without any")
        examined(cell)  # the outputs of the pruned one too

    def test_two_exports_of_a_model_are_alike(self, name: str) -> None:
        """Sizes are compared between runs: the same model is written in as many bytes."""
        sizes = [_exported_size(FORMATS[name], cell_of(self.models[0], (), name)) for _ in range(2)]
        is_alike = max(sizes) - min(sizes) <= _SIZE_NOISE * max(sizes)
        require(is_alike, f"the same model was written in {' and '.join(map(str, sizes))} bytes")


def _zeros(kernels: list[Untyped]) -> float:
    values = sum(kernel.size for kernel in kernels)
    return float(sum(kernel.size - np.count_nonzero(kernel) for kernel in kernels) / max(values, 1))


def _exported_size(form: Format, cell: Cell) -> int:
    bench = tiny_bench()
    order = bench.order
    source = bench.model(cell).folder
    spec = ExportSpec(source, form.name, order.profile.quantization_images, order.seed, bench.dataset)
    with TemporaryDirectory() as folder:
        bench.processes.builder.call(export, spec, Path(folder))
        return size_of(Path(folder) / form.filename, form.excluded_from_size).disk_bytes
