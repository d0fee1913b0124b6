"""Where zeros go: together exactly as many as asked for, by the weights of each layer, within what TFMOT prunes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from lab4.bench.worker import Worker
from lab4.domain.errors import UnavailableError
from lab4.techniques.prune import alike, layer_adaptive

WEIGHTS = arrays.arrays(
    np.float32,
    arrays.array_shapes(min_dims=1, max_dims=3, min_side=2, max_side=6),
    elements=st.floats(-8, 8, width=16),
    unique=True,
)
LAYERS = st.lists(st.lists(WEIGHTS, min_size=1, max_size=2), min_size=1, max_size=4)


def counts(shares, layers):
    return [share * sum(weight.size for weight in weights) for share, weights in zip(shares, layers, strict=True)]


@given(LAYERS, st.data())
def test_the_layers_have_as_many_zeros_as_asked_for_and_none_loses_all(layers, data):
    zeros = data.draw(st.integers(0, sum(weight.size - 1 for weights in layers for weight in weights)))
    found = counts(layer_adaptive(layers, zeros), layers)
    assert sum(found) == pytest.approx(zeros)
    for count, weights in zip(found, layers, strict=True):
        assert count <= sum(weight.size - 1 for weight in weights) + 1e-6
    assert sum(counts(alike(layers, zeros), layers)) == pytest.approx(zeros)


@given(LAYERS, st.data(), st.sampled_from([0.125, 4.0, 1024.0]))
def test_a_layer_of_another_scale_has_the_same_share(layers, data, scale):
    zeros = data.draw(st.integers(0, sum(weight.size - 1 for weights in layers for weight in weights)))
    scaled = [[weight * np.float32(scale) for weight in layers[0]], *layers[1:]]
    assert layer_adaptive(scaled, zeros) == pytest.approx(layer_adaptive(layers, zeros))


def test_a_layer_whose_weights_matter_alike_keeps_more_than_one_that_a_few_carry():
    even, carried = np.ones(100), np.r_[np.full(90, 1e-3), np.ones(10)]
    kept_even, kept_carried = layer_adaptive([[even], [carried]], 90)
    assert (kept_even < 0.1, kept_carried > 0.8) == (True, True)
    assert alike([[even], [carried]], 90) == [0.45, 0.45]


def test_zeros_that_are_there_already_count():
    before = np.r_[np.zeros(6), np.full(4, 2.0)]
    assert layer_adaptive([[before], [np.full(10, 2.0)]], 6) == [0.6, 0.0]


def test_a_layer_of_zeros_has_no_score():
    assert layer_adaptive([[np.zeros(4)], [np.ones(4)]], 4) == [1.0, 0.0]


def _depthwise_model():
    """A model whose depthwise kernels, 180 of 380 weights, TFMOT leaves as they are."""
    from lab4.frameworks import keras

    layers = keras().layers
    keras().utils.set_random_seed(1)
    inputs = layers.Input((8, 8, 20))
    inner = keras().Sequential([layers.GlobalAveragePooling2D(input_shape=(8, 8, 20)), layers.Dense(10)])
    return keras().Model(inputs, inner(layers.DepthwiseConv2D(3, padding="same")(inputs)))


class _Batches:
    """Trains on noise."""

    steps = 30

    def fit(self, model, callbacks=()):
        from lab4.frameworks import keras

        rng = np.random.default_rng(1)
        model.compile("adam", keras().losses.SparseCategoricalCrossentropy(from_logits=True))
        images, labels = rng.random((30, 8, 8, 20), dtype=np.float32), rng.integers(0, 10, 30)
        model.fit(images, labels, batch_size=10, epochs=10, verbose=0, callbacks=list(callbacks))


def _zeros_of_the_rest():
    """Zeros among the depthwise and the other kernels after pruning to 40% of all."""
    from lab4.techniques.prune import MagnitudePruning

    kernels = [
        weight
        for weight in MagnitudePruning("p", "P", 0.4).apply(_depthwise_model(), _Batches()).get_weights()
        if weight.ndim > 1
    ]
    return [(int(kernel.size - np.count_nonzero(kernel)), kernel.size) for kernel in kernels]


def _too_many():
    from lab4.techniques.prune import MagnitudePruning

    MagnitudePruning("p", "P", 0.8).shares(_depthwise_model())


def _ends():
    """The last step at which the masks of a schedule are updated, and its end, by the number of steps."""
    from lab4.techniques.prune import PruningSchedule

    made = {steps: PruningSchedule().polynomial(0.8, steps) for steps in (3, 8, 63, 126, 378, 3780)}
    return {steps: (schedule.end_step, schedule.frequency) for steps, schedule in made.items()}


@pytest.fixture(scope="module")
def worker(tmp_path_factory):
    worker = Worker("tensorflow", tmp_path_factory.mktemp("log") / "log", 300)
    yield worker
    worker.close()


def test_what_tfmot_does_not_prune_is_made_up_for_by_the_rest_in_models_within_models_too(worker):
    assert worker.call(_zeros_of_the_rest) == [(0, 180), (152, 200)]


def test_more_zeros_than_can_be_had_are_refused(worker):
    with pytest.raises(UnavailableError, match=r"80% zeros cannot be had: .*; choose a lower sparsity"):
        worker.call(_too_many)


def test_a_schedule_ends_with_an_update_and_leaves_steps_to_recover_in(worker):
    for steps, (end, frequency) in worker.call(_ends).items():
        assert end % frequency == 0
        assert end < steps
        assert end / frequency <= 81
