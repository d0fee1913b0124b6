"""Golden outputs: what a user's model returned when they were written, kept in a file and compared with ever after.

The file is a ``.npz`` of an array for each output by its name, and under `_INPUTS` a JSON text of a digest of each
input's values: outputs for other values are not compared.
"""

import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from lab4.bench.given import names_of
from lab4.domain.errors import DatasetError, DisagreementError, Lab4Error, OutputError
from lab4.domain.source import Source
from lab4.domain.untyped import Untyped
from lab4.functions import is_function
from lab4.inputs import StoredExamples, digest_of, read_examples, read_user_data
from lab4.measure.outputs import difference
from lab4.storage.atomic import write_atomically

_SUFFIX = ".golden.npz"
_INPUTS = "lab4.inputs"
#: What is kept of many or large outputs: a file that is committed next to a model stays small.
_MOST_EXAMPLES, _MOST_BYTES = 16, 2**20
#: How far an output may be from what is kept, as a share of its largest value, by the dtype of the model's weights:
#: other machines and releases of a runtime round otherwise. Integers of a model with real weights are exact.
_SHARES = {"float16": 1e-2, "bfloat16": 1e-2, "int": 5e-2, "": 1e-3}
_KNOWN = "those in the folders test_data_set_*"
_REMEDY = "if the change was meant, write them anew with --lab4-update"


@dataclass(frozen=True, slots=True)
class Golden:
    """Outputs by name, one example per index of the first dimension, and a digest of the values of each input."""

    outputs: Mapping[str, Any]
    inputs: Mapping[str, str]

    @property
    def count(self) -> int:
        """How many examples there are."""
        return min(map(len, self.outputs.values()), default=0)


def golden_path(source: Source) -> Path:
    """Where the golden outputs of a model are: where the user says, else next to the model.

    The name has that of the model in the run too, where the user chose it: a file may be several models.
    """
    if source.golden:
        return Path(source.golden)
    place, file = _place(source.written)
    own = {file, names_of([source.written])[0]}
    return place / f"{file}{'' if source.name in own else f'.{source.name}'}{_SUFFIX}"


def _place(written: str) -> tuple[Path, str]:
    if not is_function(written):
        return Path(written).absolute().parent, Path(written).name
    module, _, name = written.rpartition(":")
    if module.endswith(".py"):
        return Path(module).absolute().parent, f"{Path(module).name}.{name}"
    spec = find_spec(module)
    where = Path() if spec is None or spec.origin is None else Path(spec.origin).parent
    return where, f"{module}.{name}"


def compared(source: Source, reference: Path, examples: Path, expected: Path | None, *, update: bool) -> Iterator[str]:
    """Compare a model's outputs with those that are expected, and with its golden ones, or write these.

    All are ``.npz`` files; yields what to say of it.

    Raises:
        Lab4Error: as `require_outputs` and `require_golden`; or where golden outputs cannot be written.
    """
    path = golden_path(source)
    if expected is not None:
        kept, outputs = _loaded(expected), _loaded(reference)
        of_kept = {name: each for name, each in outputs.items() if name in kept}
        require_outputs(kept, of_kept, _KNOWN, source.precision, "see whether the file and the folders belong together")
        yield f"its outputs agree with those in the folders test_data_set_* ({', '.join(kept)})"
    if update or path.is_file():
        yield _with_golden(path, _loaded(reference), read_examples(examples), source.precision, update=update)


def _loaded(path: Path) -> dict[str, Any]:
    with np.load(path, allow_pickle=False) as file:
        return dict(file)


def _with_golden(
    path: Path, outputs: Mapping[str, Any], examples: StoredExamples, precision: str, *, update: bool
) -> str:
    """Golden outputs that these agree with are not written anew: they would wander, a rounding at a time."""
    try:
        kept = require_golden(path, outputs, examples, precision)
        return f"its outputs agree with the golden outputs in {path} ({_counted(kept)})"
    except Lab4Error:
        if not update:
            raise
    golden = golden_of(outputs, examples)
    write_golden(path, golden)
    return f"wrote its golden outputs to {path} ({_counted(golden)})"


def _counted(golden: Golden) -> str:
    return f"{len(golden.outputs)} outputs of {golden.count} examples"


def golden_of(outputs: Mapping[str, Any], examples: StoredExamples) -> Golden:
    """What is kept of outputs for all examples: of the first ones, and not more than a megabyte unless one has more."""
    arrays = {name: each.astype(np.str_) if each.dtype == object else each for name, each in outputs.items()}
    total = sum(each.nbytes for each in arrays.values())
    most = max(1, _MOST_BYTES * examples.count // total) if total else _MOST_EXAMPLES
    count = min(_MOST_EXAMPLES, most, examples.count)
    return Golden({name: each[:count] for name, each in arrays.items()}, _digests(examples, count))


def _digests(examples: StoredExamples, count: int) -> dict[str, str]:
    return {name: digest_of({name: each[:count]}) for name, each in examples.arrays.items()}


def write_golden(path: Path, golden: Golden) -> None:
    """Write the file; raises `OutputError` with the remedy."""
    content = io.BytesIO()
    np.savez_compressed(content, **golden.outputs, **{_INPUTS: np.array(json.dumps(dict(golden.inputs)))})
    try:
        write_atomically(path, content.getvalue())
    except OutputError as error:
        raise OutputError(
            f"{error}; name another file for golden outputs, with golden = in [tool.lab4.models.NAME] or from_model"
        ) from None


def read_golden(path: Path) -> Golden:
    """Read the file; raises `DatasetError` where it is damaged, or is none of golden outputs."""
    arrays = read_user_data(str(path))
    try:
        inputs = json.loads(str(arrays.pop(_INPUTS)))
        return Golden(arrays, {str(name): str(each) for name, each in inputs.items()})
    except (KeyError, ValueError, AttributeError):
        raise DatasetError(
            f"{path}: it holds no golden outputs, which have an array {_INPUTS}; write them anew with --lab4-update"
        ) from None


def require_golden(path: Path, outputs: Mapping[str, Any], examples: StoredExamples, precision: str) -> Golden:
    """Compare outputs for these examples with those in the file, which is returned.

    Raises:
        DatasetError: where they are of other inputs, examples or outputs.
        DisagreementError: where they differ by more than rounding.
    """
    golden = read_golden(path)
    if _digests(examples, golden.count) != golden.inputs:
        raise DatasetError(
            f"the golden outputs in {path} are of other inputs ({_other_inputs(golden, examples)}), as with another "
            "seed, data set, profile or rule: run as they were written, or write them anew with --lab4-update"
        )
    require_outputs(golden.outputs, outputs, f"the golden outputs in {path}", precision, _REMEDY)
    return golden


def _other_inputs(golden: Golden, examples: StoredExamples) -> str:
    now = _digests(examples, golden.count)
    names = [name for name in {**now, **golden.inputs} if now.get(name) != golden.inputs.get(name)]
    return ", ".join(names)


def require_outputs(
    kept: Mapping[str, Any], outputs: Mapping[str, Any], what: str, precision: str, remedy: str
) -> None:
    """Compare outputs by name with ``what`` was ``kept``: arrays of equal shape but for the number of examples.

    Raises:
        DatasetError: where the outputs have other names or dimensions.
        DisagreementError: with each output that differs by more than the precision of the weights allows.
    """
    unlike = [*_unlike(kept, outputs)]
    if unlike:
        raise DatasetError(f"{what} are of other outputs: {' and '.join(unlike)}; {remedy}")
    found = [_changed(name, outputs[name][: len(each)], each, precision) for name, each in kept.items()]
    changed = [each for each in found if each]
    if changed:
        raise DisagreementError(f"the model's outputs are not {what}: {', and '.join(changed)}; {remedy}")


def _unlike(kept: Mapping[str, Any], outputs: Mapping[str, Any]) -> list[str]:
    found = [f"the model has no {name}" for name in kept if name not in outputs]
    found += [f"they lack {name}" for name in outputs if name not in kept]
    for name in kept.keys() & outputs.keys():
        before, now = np.shape(kept[name]), np.shape(outputs[name])
        if before[1:] != now[1:] or len(before) != len(now) or before[:1] > now[:1]:
            found.append(f"{name} was {_by(before)} and is {_by((*before[:1], *now[1:]))}")
    return found


def _changed(name: str, found: Untyped, expected: Untyped, precision: str) -> str:
    """What is to be said of an output that differs; empty where none does."""
    apart = difference(found, expected)
    allowed = _allowed(expected, apart.scale, precision)
    if apart.max_abs <= allowed:
        return ""
    each = [difference(one, other).max_abs for one, other in zip(found, expected, strict=True)]
    return f"{name} differs by up to {apart.max_abs:.3g} (allowed {allowed:.3g}), in example {int(np.argmax(each))}"


def _allowed(expected: Untyped, scale: float, precision: str) -> float:
    kind = "int" if precision.lstrip("u").startswith("int") else precision
    share = _SHARES.get(kind, _SHARES[""])
    if expected.dtype.kind in "iu":
        return max(1.0, share * scale) if kind == "int" else 0.0
    return share * scale if expected.dtype.kind == "f" else 0.0


def _by(shape: tuple[int, ...]) -> str:
    return " x ".join(map(str, shape))
