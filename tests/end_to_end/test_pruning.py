"""Pruning lasts, starts from the original, and is counted where it matters: in the exported file."""

from dataclasses import replace

import numpy as np
import pytest

from lab4.domain.errors import DisagreementError


@pytest.mark.parametrize("form", ["keras", "tflite_float16", "tflite_int8", "onnx", "saved_model"])
def test_the_stated_sparsity_is_found_in_every_exported_file(bench, built, form):
    cell, artifact = built(f"examine/fcnn.pruned80-cpu-{form}")
    examined = bench.examine(cell, artifact)
    share = examined.sparsity.zeros / examined.sparsity.total
    assert 0.795 <= share <= 0.85
    assert examined.verified == {"sparsity": share}


def test_an_artifact_that_has_lost_its_zeros_fails(bench, built):
    """What happens when training goes on without a mask: the file is dense, whatever the technique promised."""
    cell, original = built("examine/fcnn-cpu-keras")
    pretended = replace(original, techniques=("pruned80",))
    with pytest.raises(DisagreementError, match=r"zero weights of 0.*, and at least 0.8 was promised"):
        bench.examine(cell, pretended)


def test_an_artifact_of_another_model_fails(bench, built):
    """A pruned model measured against the original's outputs is not that model's artifact."""
    cell, pruned = built("examine/fcnn.pruned80-cpu-keras")
    _, original = built("examine/fcnn-cpu-keras")
    with pytest.raises(DisagreementError, match="disagrees with its original"):
        bench.examine(cell, replace(pruned, reference=original.reference))


def test_the_control_trains_as_long_as_the_pruned_model_and_stays_dense(bench, built):
    cell, artifact = built("examine/fcnn.finetuned-cpu-keras")
    control = bench.examine(cell, artifact)
    original = bench.examine(*built("examine/fcnn-cpu-keras"))
    assert control.sparsity.zeros / control.sparsity.total < 0.01
    assert control.artifact != original.artifact
    assert sum(control.per_example.correct) >= sum(original.per_example.correct) - 20


def test_the_pruned_model_starts_from_the_originals_weights(built):
    _, pruned = built("examine/fcnn.pruned80-cpu-keras")
    _, original = built("examine/fcnn-cpu-keras")
    import h5py

    def kernel(artifact):
        found = []
        with h5py.File(artifact.path) as file:
            file["model_weights"].visititems(
                lambda _, item: found.append(item[...]) if getattr(item, "ndim", 0) == 2 else None
            )
        return max(found, key=np.size)

    kept = kernel(pruned) != 0
    # Another initialisation would correlate with nothing.
    assert np.corrcoef(kernel(pruned)[kept], kernel(original)[kept])[0, 1] > 0.9
