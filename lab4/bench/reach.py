"""What can be done with a model: the formats, runtimes and techniques that it reaches, and what bars the others."""

from collections.abc import Iterable, Iterator
from importlib import metadata

from lab4.domain.inspected import Inspected, Reach
from lab4.domain.registry import Registry
from lab4.domain.untyped import Untyped
from lab4.formats import FORMATS
from lab4.runtimes import RUNTIMES, PythonRuntime, Runtime
from lab4.techniques import TECHNIQUES

#: Containers of models that Keras can open and train on.
_TRAINABLE = ("hdf5", "keras", "function")
_FROM_KERAS = "is written from a Keras model: give the model as .keras or .h5, or a function that builds it"


def reach_of(model: Inspected) -> list[Reach]:
    """Every registered format, runtime and technique, in the order of the registries."""
    return [*_formats(model), *_runtimes(model), *_techniques(model)]


def _formats(model: Inspected) -> Iterator[Reach]:
    own = model.weights[0].dtype if model.weights else ""  # of most bytes
    for name in _usable(FORMATS):
        form = FORMATS[name]
        against = _code(model) if model.container in _TRAINABLE else _FROM_KERAS
        how = "exported from the Keras model"
        if form.traits.container == model.container:
            against = "" if form.traits.precision == own else f"the weights of this file are {own}"
            how = "the format of this file"
        yield _unless(against, Reach("format", name, form.label, True, how))


def _runtimes(model: Inspected) -> Iterator[Reach]:
    for name in _usable(RUNTIMES):
        runtime = RUNTIMES[name]
        read = runtime.traits.containers or ()
        absent = _not_installed(runtime)
        stands_against = absent or _code(model) or _custom(model, read)
        if model.container in read:
            yield _unless(stands_against, Reach("runtime", name, runtime.traits.label, True, "runs this file"))
        elif model.container in _TRAINABLE:
            how = f"runs what is exported from it as {', '.join(read)}"
            yield _unless(stands_against, Reach("runtime", name, runtime.traits.label, True, how))
        else:
            how = f"reads {', '.join(read)} files; this is {model.container}"
            yield Reach("runtime", name, runtime.traits.label, False, how)


def _techniques(model: Inspected) -> Iterator[Reach]:
    for name in _usable(TECHNIQUES):
        traits = TECHNIQUES[name].traits
        reached = Reach("technique", name, traits.label, True, "trains the Keras model on, with labelled data")
        against = (
            "" if model.container in _TRAINABLE else "trains on, for which it needs a Keras model and labelled data"
        )
        yield _unless(against or _code(model), reached)


def _usable(registry: Registry[Untyped]) -> Iterable[str]:
    faults = registry.faults()
    return [name for name in registry if name not in faults]


def _unless(against: str, reached: Reach) -> Reach:
    if not against:
        return reached
    return Reach(reached.kind, reached.name, reached.label, False, against)


def _code(model: Inspected) -> str:
    return f"the file would run code of its own ({', '.join(model.code)})" if model.code else ""


def _custom(model: Inspected, containers: Iterable[str]) -> str:
    if not model.custom or model.container not in containers:
        return ""
    return f"the file has operators that the runtime has only by an extension: {', '.join(model.custom)}"


def _not_installed(runtime: Runtime) -> str:
    """Why the runtime cannot be used here, by the distributions that are installed; nothing is imported."""
    if not isinstance(runtime, PythonRuntime) or not runtime.distributions:
        return ""
    for name in runtime.distributions:
        try:
            metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
        return ""
    return f"{runtime.distributions[0]} is not installed; pip install 'lab4[suite]'"
