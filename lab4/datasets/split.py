"""A fixed, stratified split."""

from typing import Any

import numpy as np

from lab4.domain.untyped import Untyped

__all__ = ["stratified"]


def stratified(labels: Untyped, validation: int, seed: int) -> tuple[Any, Any]:
    """Split rows so that each class has its share: returns the rows for training and for validation, shuffled.

    ``labels`` are integers (n,); exactly ``validation`` rows are held out, each class giving its share rounded down
    and the largest remainders one more. Depends on the arguments only.
    """
    rng = np.random.default_rng(seed)
    classes, counts = np.unique(labels, return_counts=True)
    shares = counts * (validation / len(labels))
    held = np.floor(shares).astype(int)
    for index in np.argsort(held - shares, kind="stable")[: validation - held.sum()]:
        held[index] += 1
    train_rows, validation_rows = [], []
    for label, count in zip(classes, held, strict=True):
        rows = rng.permutation(np.flatnonzero(labels == label))
        validation_rows.append(rows[:count])
        train_rows.append(rows[count:])
    return rng.permutation(np.concatenate(train_rows)), rng.permutation(np.concatenate(validation_rows))
