"""What is done to the values of a data set before they are an input: as the user says, never by a silent guess."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from lab4.domain.errors import DatasetError
from lab4.domain.untyped import Untyped

#: The rule of an input that a data set has.
DATASET = "dataset"
_KEYS = ("key", "mean", "scale", "layout")
_LAYOUTS = ("NHWC", "NCHW")


@dataclass(frozen=True, slots=True)
class Preparation:
    """``(values - mean) * scale``, each one number or one for each channel; ``None`` where the user does not say.

    ``key`` names the array in the data set, ``layout`` the order of its axes; empty where the user does not say.
    """

    key: str = ""
    mean: tuple[float, ...] | None = None
    scale: tuple[float, ...] | None = None
    layout: str = ""

    @property
    def text(self) -> str:
        """What it does, in words; empty where it does nothing."""
        mean, scale = (":".join(f"{each:.6g}" for each in numbers or ()) for numbers in (self.mean, self.scale))
        return ", ".join(step for step in (f"minus {mean}" if mean else "", f"times {scale}" if scale else "") if step)

    def applied(self, values: Untyped, layout: str) -> Untyped:
        """Compute it of an array (n, ...) whose axes ``layout`` names if it is of images; float32.

        Raises:
            DatasetError: where there are more numbers than one, and not one for each channel.
        """
        if self.mean is None and self.scale is None:
            return values
        axis = 1 if layout == "NCHW" else values.ndim - 1
        mean, scale = (_along(axis, each, values) for each in (self.mean or (0.0,), self.scale or (1.0,)))
        return ((values - mean) * scale).astype(np.float32)


def _along(axis: int, numbers: tuple[float, ...], values: Untyped) -> Untyped:
    if len(numbers) == 1:
        return np.float64(numbers[0])
    if values.shape[axis] != len(numbers):
        raise DatasetError(
            f"{len(numbers)} numbers are given for {values.shape[axis]} channels; give one, or one for each channel"
        )
    return np.reshape(numbers, [-1 if each == axis else 1 for each in range(values.ndim)])


def parse_preparation(arguments: str) -> Preparation:
    """Read ``KEY=VALUE,...``: ``key``, ``mean``, ``scale`` and ``layout``.

    Numbers may be fractions, and have colons between where each channel has its own.

    >>> parse_preparation("scale=1/255,layout=NHWC").layout
    'NHWC'

    Raises:
        ValueError: with what is wrong.
    """
    found: dict[str, Any] = {}
    for part in arguments.split(","):
        key, equals, value = part.partition("=")
        if key not in _KEYS or not equals or not value:
            raise ValueError(f"{part!r} is none of {', '.join(f'{each}=' for each in _KEYS)}")
        found[key] = _numbers(value) if key in {"mean", "scale"} else value
    if found.get("layout", "NHWC") not in _LAYOUTS:
        raise ValueError(f"the layout {found['layout']!r} is none of {', '.join(_LAYOUTS)}")
    return Preparation(**found)


def _numbers(written: str) -> tuple[float, ...]:
    try:
        return tuple(float(Fraction(each.strip())) for each in written.split(":"))
    except (ValueError, ZeroDivisionError):
        raise ValueError(f"{written!r} is no number, such as 0.5 or 1/255") from None
