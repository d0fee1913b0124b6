"""A user's data fitted to a model: which array is which input, in which layout and dtype, and what is right."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from lab4.domain.contract import GUESSED, USER, Contract, Stated, TensorSpec
from lab4.domain.errors import DatasetError
from lab4.domain.untyped import Untyped
from lab4.inputs.fitting import Fitted, fitted
from lab4.inputs.preparing import DATASET, Preparation, parse_preparation

#: Parts of a data set: the first that is there is examined. The one without a name is all of it.
_VALIDATION = ("val", "validation", "valid")
_EXAMINED = ("test", "", *_VALIDATION, "train")
_TRAINING = ("train", *_VALIDATION)
#: What the arrays of a model with one input are usually called: by Keras, medmnist, Kaggle and scikit-learn.
_INPUT_STEMS = ("x", "X", "images", "image", "data", "features")
_LABEL_STEMS = ("y", "labels", "label", "Y", "targets", "target")
_MATRIX = 2


@dataclass(frozen=True, slots=True)
class Part:
    """Arrays by input, one example per index of the first dimension, and labels (n, ...) if there are any."""

    arrays: Mapping[str, Any]
    labels: Any

    @property
    def count(self) -> int:
        """How many examples there are."""
        return len(next(iter(self.arrays.values())))

    def rows(self, rows: Untyped) -> "Part":
        """Some of the examples, by their indices."""
        labels = None if self.labels is None else self.labels[rows]
        return Part({name: each[rows] for name, each in self.arrays.items()}, labels)


@dataclass(frozen=True, slots=True)
class LabelledData:
    """The part that is examined, and the one that int8 ranges are chosen from if there is one.

    ``values`` says of each input in the data what it was given, ``sizes`` which dynamic dimensions the data bind, and
    ``remarks`` are sentences that a user should know.
    """

    examined: Part
    training: Part | None
    values: Mapping[str, Stated]
    sizes: Mapping[str, int]
    remarks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Fit:
    """Arrays of a data set by key, and what the inputs that it shall be given to may be called and are prepared by."""

    contract: Contract
    arrays: Mapping[str, Any]
    stems: Mapping[str, Sequence[str]]
    prepared: Mapping[str, Preparation]
    layout: str

    def keys(self, part: str) -> dict[str, str]:
        """By input, the array of a part of the data."""
        return {name: key for name, each in self.stems.items() if (key := _key(self.arrays, part, each))}

    def label_key(self, part: str) -> str:
        """The array of a part's labels; empty where there is none."""
        return _key(self.arrays, part, [each for each in _LABEL_STEMS if each not in self.stems])

    def examined(self) -> str:
        """The part with inputs and labels that comes first; else the first with inputs."""
        found = [part for part in _EXAMINED if self.keys(part)]
        return next((part for part in found if self.label_key(part)), next(iter(found), ""))

    def part(self, keys: Mapping[str, str], sizes: Mapping[str, int]) -> tuple[dict[str, Fitted], dict[str, int]]:
        """The arrays of these keys as inputs, and the dynamic dimensions that they decide."""
        found: dict[str, Fitted] = {}
        bound: dict[str, int] = {}
        is_batched = self.contract.is_batched
        for tensor in self.contract.inputs:
            if tensor.name not in keys:
                continue
            key = keys[tensor.name]
            with DatasetError.prefixed(f"{key}: "):
                stated = self.prepared[tensor.name]
                preparation = replace(stated, layout=stated.layout or self.layout)
                fit = fitted(tensor, self.arrays[key], preparation, {**sizes, **bound}, is_batched=is_batched)
            found[tensor.name] = fit
            bound |= dict(_bound(tensor, fit.values, is_batched=is_batched))
        counts = {keys[name]: len(each.values) for name, each in found.items()}
        if len(set(counts.values())) > 1:
            raise DatasetError(f"{_counted(counts)}; each needs one row per example")
        return found, bound

    def training(self, examined: str, sizes: Mapping[str, int]) -> Part | None:
        """The part for int8 ranges: another than the examined one, with the same inputs."""
        for part in _TRAINING:
            if part != examined and self.keys(part).keys() == self.keys(examined).keys():
                return Part(_values(self.part(self.keys(part), sizes)[0]), None)
        return None


def labelled_for(  # noqa: PLR0913  # a model, what is said for it, and its data
    contract: Contract,
    arrays: Mapping[str, Any],
    rules: Mapping[str, str],
    sizes: Mapping[str, int],
    name: str,
    *,
    layout: str = "",
) -> LabelledData:
    """Fit arrays, by key, to the inputs of a model; inputs that ``rules`` gives other values are left out.

    ``layout`` is that of images whose rule states none; empty where it is not known.

    Raises:
        DatasetError: with the keys, dimensions, values or labels at fault.
    """
    wanted = [each.name for each in contract.inputs if _is_wanted(rules.get(each.name, ""))]
    prepared = {each: _preparation(rules.get(each, "")) for each in wanted}
    stems = {each: _stems(each, prepared[each], is_only=len(contract.inputs) == 1) for each in wanted}
    fit = _Fit(contract, arrays, stems, prepared, layout)
    part = fit.examined()
    keys, labels_key = fit.keys(part), fit.label_key(part)
    _require_keys(fit, keys)
    found, bound = fit.part(keys, sizes)
    examined = _values(found)
    labels, remarks = None, [f"the data {name} have no labels ({_named(part, 'y')}), so that no metric is computed"]
    if labels_key:
        labels, remarks = _labels(labels_key, arrays[labels_key], next(iter(keys.values())), _count(examined))
    texts = {each: ", ".join([f"{DATASET} {name}: {keys[each]}", *how.steps]) for each, how in found.items()}
    values = {each: Stated(texts[each], GUESSED if how.is_guessed else USER) for each, how in found.items()}
    remarks += [f"a guess: the input {each} is given {texts[each]}" for each, how in found.items() if how.is_guessed]
    if part == _TRAINING[0]:
        remarks.append(f"examined are the training examples of {name}, as no other part of it has inputs and labels")
    return LabelledData(Part(examined, labels), fit.training(part, {**sizes, **bound}), values, bound, tuple(remarks))


def _values(found: Mapping[str, Fitted]) -> dict[str, Any]:
    return {name: each.values for name, each in found.items()}


def _is_wanted(rule: str) -> bool:
    return not rule or rule.startswith(f"{DATASET}:")


def _preparation(rule: str) -> Preparation:
    return parse_preparation(rule.partition(":")[2]) if rule else Preparation()


def _stems(name: str, preparation: Preparation, *, is_only: bool) -> tuple[str, ...]:
    if preparation.key:
        return (_stem(preparation.key),)
    return tuple(dict.fromkeys((name, *_INPUT_STEMS))) if is_only else (name,)


def _stem(key: str) -> str:
    for part in filter(None, _EXAMINED):
        key = key.removesuffix(f"_{part}").removeprefix(f"{part}_")
    return key


def _named(part: str, stem: str) -> str:
    return f"{stem}_{part}" if part else stem


def _key(arrays: Mapping[str, Any], part: str, stems: Sequence[str]) -> str:
    """The array of a part that is called as one of the stems; empty where there is none."""
    names = (each for stem in stems for each in ((f"{stem}_{part}", f"{part}_{stem}") if part else (stem,)))
    return next((each for each in names if each in arrays), "")


def _require_keys(fit: _Fit, keys: Mapping[str, str]) -> None:
    """Refuse data that have no input at all, or lack one that the user prepares."""
    asked = [name for name, each in fit.prepared.items() if each != Preparation() and name not in keys]
    if keys and not asked:
        return
    missing = asked or list(fit.stems)
    wanted = " and ".join(f"{name} ({', '.join(fit.stems[name])}, also with _test)" for name in missing)
    raise DatasetError(
        f"it has the arrays {', '.join(fit.arrays) or 'none'}, and none for the input {wanted}; rename one, or say "
        f"which with --lab4-input {missing[0] if missing else 'NAME'}={DATASET}:key=ARRAY"
    )


def _bound(tensor: TensorSpec, values: Untyped, *, is_batched: bool) -> Iterator[tuple[str, int]]:
    """Dynamic dimensions that the data decide, apart from that of examples."""
    shape = values.shape if is_batched else values.shape[1:]
    return ((name, shape[axis]) for axis, name in tensor.dynamic.items() if axis or not is_batched)


def _counted(counts: Mapping[str, int]) -> str:
    return " and ".join(f"{key} has {count} rows" for key, count in counts.items())


def _count(arrays: Mapping[str, Any]) -> int:
    return len(next(iter(arrays.values())))


def _labels(key: str, array: Untyped, inputs: str, count: int) -> tuple[Any, list[str]]:
    """Labels (n, ...), and what was done to them.

    Raises:
        DatasetError: where they are no numbers, or not as many as there are examples.
    """
    with DatasetError.prefixed(f"{key}: "):
        if array.dtype.kind == "U":
            raise DatasetError(f"labels are text, such as {str(array.ravel()[0])!r}; number the classes from 0")
        if array.dtype.kind == "f" and not np.isfinite(array).all():
            raise DatasetError(f"labels hold NaN or infinity, first at {int(np.argwhere(~np.isfinite(array))[0][0])}")
        if array.ndim == 0 or len(array) != count:
            rows = len(array) if array.ndim else 0
            raise DatasetError(f"it has {rows} labels and {inputs} {count} examples; each example needs one")
    if array.ndim == _MATRIX and array.shape[1] == 1:
        array = array[:, 0]
    if _is_one_hot(array):
        remark = f"{key} is one-hot: the label of each example is the column of its 1, of {array.shape[1]} classes"
        return array.argmax(axis=1), [remark]
    return array, []


def _is_one_hot(array: Untyped) -> bool:
    if array.ndim != _MATRIX or array.shape[1] < 2:  # noqa: PLR2004
        return False
    return bool(np.isin(array, (0, 1)).all() and (array.sum(axis=1) == 1).all())
