"""Keras's own files: HDF5, and the zip archive ``.keras`` of Keras 2 and 3.

The configuration is read first. A model that is made of Keras's own classes is then built, so that its outputs and
operations are known; one that would run code of its own is not.
"""

import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from math import prod
from pathlib import Path
from typing import Any

from lab4.domain.errors import ConversionError, UnavailableError
from lab4.domain.inspected import Inspected, Weights
from lab4.domain.text import first_line
from lab4.domain.untyped import Untyped
from lab4.frameworks import h5py, keras, keras3
from lab4.inspection.keras_config import contract_of, foreign_code, layer_classes
from lab4.inspection.keras_model import inspected
from lab4.inspection.reader import Reader
from lab4.inspection.sums import operators_of, weights_of

_HDF5 = b"\x89HDF\r\n\x1a\n"
_NOT_KERAS = "is not a Keras model, or only a part of one"


def _starts_with(path: Path, mark: bytes) -> bool:
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(len(mark)) == mark


def _read_h5(path: Path, dimensions: Mapping[str, int]) -> Inspected:
    del dimensions
    try:
        with h5py().File(path, "r") as file:
            if "model_config" not in file.attrs:
                raise ConversionError(
                    f"{path.name} holds weights but no model: use model.save, or name a function that builds it"
                )
            config, version = json.loads(file.attrs["model_config"]), str(file.attrs.get("keras_version", ""))
            weights = _weights(file.get("model_weights", file))
    except (OSError, ValueError, KeyError, TypeError, RuntimeError) as error:
        raise ConversionError(f"{path.name} {_NOT_KERAS}: {first_line(error)}") from error
    return _inspected(path, "hdf5", config, version, weights)


def _read_archive(path: Path, dimensions: Mapping[str, int]) -> Inspected:
    del dimensions
    try:
        with zipfile.ZipFile(path) as archive:
            config = json.loads(archive.read("config.json"))
            version = str(json.loads(archive.read("metadata.json")).get("keras_version", ""))
            with h5py().File(io.BytesIO(archive.read("model.weights.h5")), "r") as file:
                weights = _weights(file)
    except (OSError, ValueError, KeyError, TypeError, RuntimeError, zipfile.BadZipFile) as error:
        raise ConversionError(f"{path.name} {_NOT_KERAS}: {first_line(error)}") from error
    return _inspected(path, "keras", config, version, weights)


def _weights(file: Untyped) -> list[tuple[str, int, int]]:
    """Dtype, number of values and bytes of each weight; those of an optimizer are none of the model's."""
    found: list[tuple[str, int, int]] = []

    def visit(name: str, each: Untyped) -> None:
        if hasattr(each, "dtype") and not name.startswith(("optimizer", "_optimizer")):
            found.append((str(each.dtype), prod(each.shape), each.size * each.dtype.itemsize))

    file.visititems(visit)
    return found


def _inspected(
    path: Path, container: str, config: Mapping[str, Any], version: str, weights: list[tuple[str, int, int]]
) -> Inspected:
    code = foreign_code(config)
    found = _described(path, container, config) if code else _built(path, container, config, version)
    return replace(
        found,
        versions={"Keras": version} if version else {},
        parameters=sum(values for _, values, _ in weights),
        weights=weights_of(weights),
        code=code,
    )


def _described(path: Path, container: str, config: Mapping[str, Any], why: str = "") -> Inspected:
    """What the configuration alone says."""
    none: tuple[Weights, ...] = ()
    layers = [(each, None) for each in layer_classes(config) if each != "InputLayer"]
    note = why or "the model was not built, since it would run code of its own"
    return Inspected(container, contract_of(config, path.name), {}, 0, operators_of(layers), none, macs_note=note)


def _built(path: Path, container: str, config: Mapping[str, Any], version: str) -> Inspected:
    try:
        if version.startswith("3"):
            model = keras3().saving.load_model(path, compile=False, safe_mode=True)
        else:
            model = keras().models.model_from_json(json.dumps(config))
        return inspected(model, container)
    except UnavailableError as error:
        return _described(path, container, config, f"the model was not built: {error}")
    except Exception as error:  # noqa: BLE001  # Keras raises whatever its layers raise
        return _described(path, container, config, f"Keras could not build the model: {first_line(error)}")


KERAS_H5 = Reader(
    "hdf5", "Keras (H5)", "a file .h5", lambda path: _starts_with(path, _HDF5), _read_h5, opens_framework=True
)
KERAS_ARCHIVE = Reader(
    "keras",
    "Keras (.keras)",
    "a file .keras",
    lambda path: path.suffix.lower() == ".keras" and path.is_file(),
    _read_archive,
    opens_framework=True,
)
