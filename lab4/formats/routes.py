"""How a format is made from what a model is given in: in one step, or by way of formats of full precision."""

from collections.abc import Iterator

from lab4.domain.catalogue import FULL_PRECISION
from lab4.domain.errors import UnavailableError
from lab4.domain.inspected import Inspected
from lab4.domain.source import KERAS_CONTAINERS
from lab4.formats import FORMATS

#: What Keras 2 has in memory, whatever file or function it came from.
KERAS_MODEL = "keras model"


def route(name: str, material: str, original: str = "") -> tuple[str, ...] | None:
    """The formats that are written one from the other, the last of them ``name``; ``None`` where there is no way.

    ``material`` is the container that the model is in, or `KERAS_MODEL`; ``original`` the format that it is in already:
    its own route is empty. Of several ways it is one of the fewest steps.
    """
    if name == original:
        return ()
    ways: list[tuple[tuple[str, ...], str]] = [((), material)]
    reached = {material}
    while ways:
        steps, container = ways.pop(0)
        if _is_made_from(name, container):
            return (*steps, name)
        for between in _made_from(container):
            made = FORMATS[between].traits.container or ""
            if made not in reached:
                reached.add(made)
                ways.append(((*steps, between), made))
    return None


def required_route(name: str, material: str, original: str = "") -> tuple[str, ...]:
    """As `route`; raises `UnavailableError` where there is no way."""
    steps = route(name, material, original)
    if steps is None:
        raise UnavailableError(f"{FORMATS[name].label} is not made from {material} files")
    return steps


def entrance(material: str) -> str:
    """The first format of full precision that is made from a container that no format has; or empty."""
    has_format = any(FORMATS[name].traits.container == material for name in FORMATS.own)
    return "" if has_format else next(_made_from(material), "")


def _made_from(material: str) -> Iterator[str]:
    """The formats of full precision that are made from it in one step."""
    for name in FORMATS.own:
        if FORMATS[name].traits.precision == FULL_PRECISION and _is_made_from(name, material):
            yield name


def _is_made_from(name: str, material: str) -> bool:
    form = FORMATS[name]
    return (material == KERAS_MODEL and form.export is not None) or material in form.converts


def material_of(found: Inspected) -> str:
    """What artifacts are made from: Keras 2 opens its own models, and those of Keras 3 are exported as SavedModels."""
    if found.container not in KERAS_CONTAINERS:
        return found.container
    is_third = found.versions.get("Keras", "").startswith("3")
    return FORMATS["saved_model"].traits.container or "" if is_third else KERAS_MODEL


def original_of(found: Inspected) -> str:
    """The format that a file is in already; empty where none has its container.

    It is the first of the container, and of the dtype of most weights, that says that the file is of it; integers are
    of one precision with and without a sign. A file without weights (a forest of trees), or of another dtype (float64),
    is of the format of full precision: that is the one whose runtimes take a file as it is.
    """
    dtype = found.weights[0].dtype if found.weights else ""
    forms = {name: FORMATS[name] for name in FORMATS.own if FORMATS[name].traits.container == found.container}
    for precision in (dtype, dtype.removeprefix("u"), FULL_PRECISION):
        for name, form in forms.items():
            if form.traits.precision == precision and form.is_of(found):
                return name
    return ""


def of_container(container: str) -> str:
    """The format of full precision of a container, for a file that is not opened yet; empty where none is."""
    kinds = {name: (FORMATS[name].traits.container, FORMATS[name].traits.precision) for name in FORMATS.own}
    return next((name for name, kind in kinds.items() if kind == (container, FULL_PRECISION)), "")
