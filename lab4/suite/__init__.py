"""The cells that every run is made of, as tests; pytest collects them from here where models are named by an option."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from lab4.domain.outcome import Measured

    Record = Callable[[Measured], None]
