"""What the things in a run are: the traits of its models, techniques, formats, runtimes, devices and metrics.

The run carries them, so that code that reads results needs no registry and compares traits, never names. A trait that
an entry does not declare is ``None``; a report that needs it says which entry lacks what.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, TypeVar, cast

from lab4.domain.cell import EXAMINE, LATENCY, TRAIN, Cell, ChangedSettings, Variant
from lab4.domain.contract import Contract, Stated
from lab4.domain.errors import Lab4Error, UnknownNameError
from lab4.domain.fields import Flag, Real, Words
from lab4.domain.untyped import Untyped

T = TypeVar("T")

#: The precision that quantization lowers.
FULL_PRECISION = "float32"

#: The task of a model that returns the values that it is given: its outputs are compared with its inputs.
RECONSTRUCTION = "reconstruction"


class MissingTraitError(Lab4Error):
    """A catalogue entry does not declare a trait that a report needs."""


@dataclass(frozen=True, slots=True)
class ModelTraits:
    """A model: its task, such as ``classification``, and the format that its files are given in or first saved as.

    The other task that is understood is ``reconstruction``: the outputs are the inputs' values again. ``architecture``
    is what it is made of, such as ``convolutional``. Of a user's own model ``contract`` says what it takes and returns,
    and ``values`` by which rule each input was given values, and who said so.
    """

    name: Words
    label: Words
    task: Words | None = None
    original_format: Words | None = None
    architecture: Words | None = None
    contract: Contract | None = None
    values: Mapping[Words, Stated] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class Promise:
    """What a technique promises of its result, and what is verified in every artifact of it.

    ``property`` is what is counted, such as ``sparsity``. The count must be within ``at_least`` and ``at_most``.
    ``precisions`` are those of the formats that keep it; empty for all.
    """

    property: Words
    label: Words
    at_least: Real | None = None
    at_most: Real | None = None
    precisions: tuple[Words, ...] = ()


@dataclass(frozen=True, slots=True)
class TechniqueTraits:
    """A technique: its kind, such as ``pruning``, ``clustering`` or ``control``, and what it promises.

    ``preserves`` are the properties of earlier techniques' promises that it leaves as they are. A control is compared
    with the techniques, and is never a choice.
    """

    name: Words
    label: Words
    kind: Words | None = None
    promises: tuple[Promise, ...] = ()
    preserves: tuple[Words, ...] = ()


@dataclass(frozen=True, slots=True)
class FormatTraits:
    """A format: the container of its file, the precision of its weights, what its runtimes multiply in.

    ``runtimes`` are the names of those that execute it, the usual one first; ``targets`` are where it can be deployed,
    such as ``mobile``, ``server`` and ``browser``.
    """

    name: Words
    label: Words
    container: Words | None = None
    precision: Words | None = None
    arithmetic: Words | None = None
    runtimes: tuple[Words, ...] = ()
    targets: tuple[Words, ...] | None = None


@dataclass(frozen=True, slots=True)
class SettingValue:
    """A value of a runtime's setting, and the code by which a user chooses it, which is not needed for the default."""

    name: Words
    code: Words = ""


@dataclass(frozen=True, slots=True)
class SettingTraits:
    """A setting of a runtime: what it is called in ids and by people, and its values, the default first."""

    name: Words
    label: Words
    values: tuple[SettingValue, ...]

    @property
    def value_names(self) -> tuple[str, ...]:
        """The names of its values, the default first."""
        return tuple(value.name for value in self.values)

    @property
    def default(self) -> str:
        """The name of the value that the runtime has where none is chosen."""
        return self.values[0].name


@dataclass(frozen=True, slots=True)
class DeviceCode:
    """The lines by which a user opens an artifact on a device, in the language of the runtime's host.

    ``{threads}`` is in the place of the number of threads, and the name of each setting, in braces as well, in that of
    the code of its value. A line of which nothing is left is left out.
    """

    device: Words
    lines: tuple[Words, ...]


@dataclass(frozen=True, slots=True)
class RuntimeTraits:
    """A runtime: the language of the host process that calls it, and whether it runs where models are deployed.

    ``is_native`` is false for a runtime that replaces another, such as a converter's own loader. ``devices`` are
    names, or kinds, of those that it runs on, ``containers`` the kinds of files that it reads. ``launches_once`` where
    it gives a device the work of a whole call at once, as a compiled program or a recorded graph. ``settings`` are what
    can be chosen of it for calls, apart from threads, and ``code`` how a user chooses them on each device.
    """

    name: Words
    label: Words
    host: Words | None = None
    is_native: Flag | None = None
    devices: tuple[Words, ...] = ()
    containers: tuple[Words, ...] = ()
    launches_once: Flag = False
    settings: tuple[SettingTraits, ...] = ()
    code: tuple[DeviceCode, ...] = ()

    def setting(self, name: str) -> SettingTraits:
        """The setting of this name; raises `UnknownNameError` with those that the runtime has."""
        for each in self.settings:
            if each.name == name:
                return each
        known = [each.name for each in self.settings] or ["none"]
        raise UnknownNameError.among(f"setting of {self.label}", name, known)

    def values_of(self, changed: ChangedSettings) -> dict[str, str]:
        """The value of every setting by name: those of ``changed``, else the default.

        Raises `UnknownNameError` for a setting or a value that the runtime does not have.
        """
        found = {each.name: each.default for each in self.settings}
        for name, value in changed:
            setting = self.setting(name)
            if value not in setting.value_names:
                raise UnknownNameError.among(f"value of {self.label}'s {name}", value, setting.value_names)
            found[name] = value
        return found

    def code_of(self, device: str, threads: int, changed: ChangedSettings) -> tuple[str, ...]:
        """The lines by which a user opens an artifact on the device with so many threads and these settings.

        Settings that have their default are not in them. Empty where the runtime declares none for the device. Raises
        as `values_of`.
        """
        chosen = self.values_of(changed)
        written = {"threads": str(threads)}
        for setting in self.settings:
            codes = {each.name: each.code for each in setting.values[1:]}
            written[setting.name] = codes.get(chosen[setting.name], "")
        lines = next((each.lines for each in self.code if each.device == device), ())
        return tuple(line for each in lines if (line := _filled(each, written)))


@dataclass(frozen=True, slots=True)
class DeviceTraits:
    """A device: its kind, such as ``cpu`` or ``gpu``; ``is_host`` where the process itself runs on it."""

    name: Words
    label: Words
    kind: Words | None = None
    vendor: Words | None = None
    is_host: Flag | None = None


@dataclass(frozen=True, slots=True)
class MetricTraits:
    """A metric of predictions: its unit (``share``: a fraction of 1; ``number``), and which way is better.

    ``tolerance`` is the change below which a gate does not stop, in the metric's unit. ``is_per_example`` where it is
    the share of examples that are right, one by one.
    """

    name: Words
    label: Words
    unit: Words | None = None
    higher_is_better: Flag | None = None
    tolerance: Real | None = None
    is_per_example: Flag | None = None


Traits = ModelTraits | TechniqueTraits | FormatTraits | RuntimeTraits | DeviceTraits | MetricTraits


def _filled(line: str, written: Mapping[str, str]) -> str:
    # Not `str.format`: a record may have any text in it.
    for name, code in written.items():
        line = line.replace(f"{{{name}}}", code)
    return line


def _traits_by_name(field_name: str, kind: Callable[[str, str], T]) -> Callable[["Catalogue", str], T]:
    def traits_of(catalogue: "Catalogue", name: str) -> T:
        """The traits of a name; of one that is not there, its label alone."""
        return getattr(catalogue, field_name).get(name) or kind(name, name)

    return traits_of


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The traits of everything in a run, by name. A name that is not there has a label, its own, and no traits."""

    models: Mapping[str, ModelTraits] = field(default_factory=dict)
    techniques: Mapping[str, TechniqueTraits] = field(default_factory=dict)
    formats: Mapping[str, FormatTraits] = field(default_factory=dict)
    runtimes: Mapping[str, RuntimeTraits] = field(default_factory=dict)
    devices: Mapping[str, DeviceTraits] = field(default_factory=dict)
    metrics: Mapping[str, MetricTraits] = field(default_factory=dict)

    model = _traits_by_name("models", ModelTraits)
    technique = _traits_by_name("techniques", TechniqueTraits)
    format = _traits_by_name("formats", FormatTraits)
    runtime = _traits_by_name("runtimes", RuntimeTraits)
    device = _traits_by_name("devices", DeviceTraits)
    metric = _traits_by_name("metrics", MetricTraits)

    @property
    def paired_metric(self) -> str:
        """The metric by which artifacts are compared example by example; empty without one.

        It is the first that is known so, and says which way is better.
        """
        known = (name for name, each in self.metrics.items() if each.is_per_example)
        return next((name for name in known if self.metrics[name].higher_is_better is not None), "")

    def runtime_of(self, cell: Cell) -> str:
        """The name of the runtime that the cell's artifact runs in.

        Raises `MissingTraitError` where neither the cell nor its format names one.
        """
        return cell.runtime or required(self.format(cell.format), "runtimes")[0]

    def is_original(self, cell: Cell) -> bool:
        """Whether the cell's artifact is the unmodified model in the format in which it is given."""
        return not cell.techniques and cell.format == self.model(cell.model).original_format

    def is_control(self, variant: Variant) -> bool:
        """Whether the variant is there for comparison only."""
        return any(self.technique(name).kind == "control" for name in variant.techniques)

    def is_quantized(self, cell: Cell) -> bool:
        """Whether the cell's format stores weights at less than full precision.

        Raises `MissingTraitError` where the format does not declare its precision.
        """
        return bool(required(self.format(cell.format), "precision") != FULL_PRECISION)

    def variant_label(self, variant: Variant) -> str:
        """The variant as people read it: the model, and each technique after it."""
        labels = [self.model(variant.model).label, *(self.technique(name).label for name in variant.techniques)]
        return ", ".join(labels)

    def format_label(self, cell: Cell) -> str:
        """The cell's format as people read it, with its runtime and settings where these are not the usual ones."""
        runtime = [self.runtime(cell.runtime).label] if cell.runtime else []
        return ", ".join([self.format(cell.format).label, *runtime, *self._setting_labels(cell)])

    def settings_label(self, cell: Cell) -> str:
        """The settings of the cell's runtime that are not its defaults, as people read them; empty without any."""
        return ", ".join(self._setting_labels(cell))

    def _setting_labels(self, cell: Cell) -> list[str]:
        runtime = cell.runtime or next(iter(self.format(cell.format).runtimes), "")
        labels = {each.name: each.label for each in self.runtime(runtime).settings}
        return [f"{labels.get(name, name)} {value}" for name, value in cell.settings]

    def runtime_label(self, cell: Cell) -> str:
        """The runtime that the cell's artifact runs in, as people read it.

        Raises `MissingTraitError` where neither the cell nor its format names one.
        """
        return self.runtime(self.runtime_of(cell)).label


def required(traits: Traits, name: str) -> Untyped:  # of the trait's type
    """Return a trait of an entry; raises `MissingTraitError` where the entry does not declare it."""
    value = getattr(traits, name)
    if value is None or value == ():
        kind = type(traits).__name__.removesuffix("Traits").lower()
        words = name.replace("_", " ")
        what = f"whether it {words}" if words.startswith("is ") else f"its {words}"
        raise MissingTraitError(f"the {kind} {traits.name!r} does not declare {what}")
    return value


def merged(catalogues: Iterable[Catalogue]) -> Catalogue:
    """Return the entries of all catalogues; of entries of one name the last is kept."""
    found = Catalogue({}, {}, {}, {}, {}, {})
    for catalogue in catalogues:
        for name in Catalogue.__dataclass_fields__:
            cast("dict[str, Any]", getattr(found, name)).update(getattr(catalogue, name))
    return found


def _is_quantization(cell: Cell, catalogue: Catalogue) -> bool:
    """Each step of precision, of containers that have several, and the original that they are compared with."""
    if cell.kind != EXAMINE or cell.techniques:
        return False
    container = required(catalogue.format(cell.format), "container")
    steps = {each.precision for each in catalogue.formats.values() if each.container == container}
    return catalogue.is_original(cell) or len(steps) > 1


def _is_pruning(cell: Cell, catalogue: Catalogue) -> bool:
    """What pruning made, its control, and the original that they are compared with."""
    kinds = {catalogue.technique(name).kind for name in cell.techniques}
    return cell.kind == EXAMINE and (catalogue.is_original(cell) or not kinds.isdisjoint({"pruning", "control"}))


def _is_deployment(cell: Cell, catalogue: Catalogue) -> bool:
    """The unmodified model at full precision in each format."""
    return cell.kind == EXAMINE and not cell.techniques and not catalogue.is_quantized(cell)


MARKS: Mapping[str, Callable[[Cell, Catalogue], bool]] = MappingProxyType(
    {
        "training": lambda cell, _: cell.kind == TRAIN,
        "inference": lambda cell, _: cell.kind == LATENCY,
        "quantization": _is_quantization,
        "pruning": _is_pruning,
        "deployment": _is_deployment,
    }
)


def has_mark(mark: str, cell: Cell, catalogue: Catalogue) -> bool:
    """Whether the cell has the mark; one whose traits are not declared has not."""
    try:
        return MARKS[mark](cell, catalogue)
    except MissingTraitError:
        return False


def marks_of(cell: Cell, catalogue: Catalogue) -> tuple[str, ...]:
    """The cell's marks, and the kinds of its techniques, which are marks too."""
    kinds = [catalogue.technique(name).kind for name in cell.techniques]
    found = [mark for mark in MARKS if has_mark(mark, cell, catalogue)]
    return tuple(dict.fromkeys([*found, *(kind for kind in kinds if kind is not None and kind not in MARKS)]))
