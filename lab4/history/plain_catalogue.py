"""The catalogue of a run to plain values, and back."""

from dataclasses import fields
from typing import Any

from pydantic import TypeAdapter, ValidationError

from lab4.domain.catalogue import Catalogue
from lab4.domain.errors import CellIdError
from lab4.domain.names import check_name
from lab4.domain.text import printable_values

__all__ = ["catalogue_from_plain", "catalogue_to_plain"]

_ADAPTER = TypeAdapter(Catalogue)


def catalogue_to_plain(catalogue: Catalogue) -> dict[str, Any]:
    """Return the catalogue as dicts and lists of plain values; a trait that is not declared is left out."""
    plain: dict[str, Any] = _ADAPTER.dump_python(catalogue, mode="json", exclude_none=True)
    return plain


def catalogue_from_plain(plain: object) -> Catalogue:
    """Read back what `catalogue_to_plain` wrote, its texts printable.

    Raises:
        ValueError: if it is damaged, or an entry has another name than its key.
    """
    try:
        catalogue = _ADAPTER.validate_python(printable_values(plain))
    except ValidationError as error:
        first = error.errors()[0]
        raise ValueError(f"catalogue.{'.'.join(map(str, first['loc']))}: {first['msg']}") from None
    for field in fields(Catalogue):
        for name, traits in getattr(catalogue, field.name).items():
            if traits.name != name:
                raise ValueError(f"catalogue.{field.name}.{name} is named {traits.name!r}")
            try:
                check_name(field.name.removesuffix("s"), name)
            except CellIdError as error:
                raise ValueError(str(error)) from None
    return catalogue
