"""A model that the user gives: a file, a folder, or a function that builds one."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from lab4.domain.catalogue import ModelTraits
from lab4.domain.contract import Contract

#: The container of a model that a function builds.
FUNCTION = "function"
#: Containers that Keras opens.
KERAS_CONTAINERS = frozenset({"hdf5", "keras", "tfjs", FUNCTION})


@dataclass(frozen=True, slots=True)
class Source:
    """A model of the user's, and what its inputs shall be given.

    ``written`` is a path or a function. ``container`` is the kind of file, ``function`` for a function, ``precision``
    the dtype of most of its weights where that is known. ``contract`` is ``None`` where opening the model is what says
    it. ``original_format`` is the format that the file itself is of, empty where it is of none. ``rules`` are those of
    inputs by name, as users write them; ``sizes`` are those of dynamic dimensions; ``dataset`` is a file of examples.
    ``formats_are_named`` where the user asked for formats by name: one that cannot be made is then a failure.
    ``is_trusted`` where code that the file holds may run. ``golden`` is a file of golden outputs, empty for the one
    next to the model. ``label`` is what people read, where that is not the name. ``optional_sizes`` are dimensions
    that the model may lack: the size was given for several models. ``code`` is what of the file would run code of its
    own, where that is known without opening it.
    """

    name: str
    written: str
    container: str
    precision: str = ""
    contract: Contract | None = None
    original_format: str = ""
    rules: Mapping[str, str] = field(default_factory=dict)
    sizes: Mapping[str, int] = field(default_factory=dict)
    dataset: str = ""
    formats_are_named: bool = False
    is_trusted: bool = False
    golden: str = ""
    label: str = ""
    optional_sizes: frozenset[str] = frozenset()
    code: tuple[str, ...] = ()

    @property
    def traits(self) -> ModelTraits:
        """What the file says of the model before it is opened."""
        original = self.original_format or None
        return ModelTraits(self.name, self.label or self.name, original_format=original, contract=self.contract)
