"""Examples as files that any process reads: a ``.npy`` for each input, and ``examples.json`` about them."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from lab4.domain.errors import ConversionError
from lab4.domain.text import shaped
from lab4.domain.untyped import Untyped

_INDEX = "examples.json"


@dataclass(frozen=True, slots=True)
class StoredExamples:
    """By input, an array with one example per index of its first dimension.

    Examples of a batched model are put together along the first dimension of every input; of another model each is a
    whole call. ``states`` are inputs that take the output of that name of the call before.
    """

    arrays: Mapping[str, Any]
    is_batched: bool
    states: Mapping[str, str] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """How many examples there are."""
        return min(len(each) for each in self.arrays.values())

    def call(self, start: int, batch_size: int) -> dict[str, Any]:
        """The inputs of one call: ``batch_size`` examples from ``start`` on; after the last comes the first again."""
        if not self.is_batched:
            return {name: np.asarray(array[start % self.count]) for name, array in self.arrays.items()}
        rows = np.arange(start, start + batch_size) % self.count
        return {name: array[rows] for name, array in self.arrays.items()}

    def calls(self, batch_size: int, count: int | None = None) -> Iterator[dict[str, Any]]:
        """Calls that have the first ``count`` examples in them, or all."""
        last = self.count if count is None else count
        return (self.call(start, batch_size) for start in range(0, last, batch_size if self.is_batched else 1))

    def joined(self, outputs: Untyped, batch_size: int, count: int | None = None) -> Untyped:
        """One output of `calls`, an array with one call per index, as an array with one example per index.

        An output that has no batch, as all of a model that is not batched, stays with one call per index. Raises
        `ConversionError` where its size depends on the values of the call.
        """
        shapes = list(dict.fromkeys(map(np.shape, outputs)))
        if len(shapes) > 1:
            some = " and ".join(map(shaped, shapes[:2]))
            raise ConversionError(f"an output has several shapes ({some}): what depends on the data cannot be compared")
        is_batched = self.is_batched and shapes[0][:1] == (batch_size,)
        last = self.count if count is None else min(count, self.count)
        return np.concatenate(outputs)[:last] if is_batched else np.stack(outputs)

    def write(self, folder: Path) -> None:
        """Write them into the folder, which is made."""
        folder.mkdir(parents=True, exist_ok=True)
        inputs = []
        for number, (name, array) in enumerate(self.arrays.items()):
            # Texts of a fixed length can be read without unpickling.
            plain = array.astype(np.str_) if array.dtype == object else array
            file = array_file(folder, number)
            np.save(file, plain, allow_pickle=False)
            inputs.append({"name": name, "file": file.name})
        index = {"is_batched": self.is_batched, "count": self.count, "inputs": inputs, "states": {**self.states}}
        (folder / _INDEX).write_text(json.dumps(index, indent=2), encoding="utf-8")


def array_file(folder: Path, number: int = 0) -> Path:
    """The ``.npy`` file of an input's examples, by the place of the input."""
    return folder / f"{number}.npy"


def read_examples(folder: Path) -> StoredExamples:
    """Read back what `StoredExamples.write` wrote."""
    index = json.loads((folder / _INDEX).read_text(encoding="utf-8"))
    arrays = {each["name"]: _restored(np.load(folder / each["file"])) for each in index["inputs"]}
    return StoredExamples(arrays, index["is_batched"], index["states"])


@lru_cache(maxsize=1)
def examples_in(folder: Path) -> StoredExamples:
    """What `read_examples` returns, kept until other examples are asked for."""
    return read_examples(folder)


def _restored(array: Untyped) -> Untyped:
    return array.astype(object) if array.dtype.kind == "U" else array
