"""How a format is made from what a model is given in: in one step, or by way of a format of full precision."""

from lab4.domain.catalogue import FULL_PRECISION
from lab4.formats import FORMATS

#: What Keras 2 has in memory, whatever file or function it came from.
KERAS_MODEL = "keras model"


def route(name: str, material: str, original: str = "") -> tuple[str, ...] | None:
    """The formats that are written one from the other, the last of them ``name``; ``None`` where there is no way.

    ``material`` is the container that the model is in, or `KERAS_MODEL`; ``original`` the format that it is in already:
    its own route is empty.
    """
    if name == original:
        return ()
    if _is_made_from(name, material):
        return (name,)
    for between in FORMATS.own:
        traits = FORMATS[between].traits
        is_way = traits.precision == FULL_PRECISION and _is_made_from(name, traits.container or "")
        if is_way and between == original:
            return (name,)
        if is_way and _is_made_from(between, material):
            return (between, name)
    return None


def _is_made_from(name: str, material: str) -> bool:
    form = FORMATS[name]
    return (material == KERAS_MODEL and form.export is not None) or material in form.converts
