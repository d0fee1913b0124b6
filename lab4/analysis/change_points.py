"""Where the mean of a series changes."""

from collections.abc import Sequence

from lab4.domain.errors import HistoryError

__all__ = ["change_points"]


def change_points(values: Sequence[float], penalty: float, least: int) -> list[int]:
    """Return where new segments start: the segmentation by means of minimum cost.

    A segment costs the squares about its mean plus ``penalty``, and has at least ``least`` values. By ``ruptures``,
    with PELT (Killick, Fearnhead and Eckley, 2012).

    Raises:
        HistoryError: if the library is not installed.
    """
    try:
        # Imported here because both take half a second and only trends need them.
        from numpy import array
        from ruptures import KernelCPD
    except ImportError as error:
        raise HistoryError(
            f"trends need {error.name}, which is not installed; run: pip install 'lab4[history]'"
        ) from None
    signal = array(values, dtype=float).reshape(-1, 1)
    found = KernelCPD(kernel="linear", min_size=least).fit(signal).predict(pen=penalty)
    return [int(each) for each in found[:-1]]
