"""What is guessed of a model from the names and sizes of its inputs and outputs."""

import pytest

from lab4.domain.contract import Dimension, TensorSpec
from lab4.inspection.guesses import fed_back


def tensor(name, *sizes):
    return TensorSpec(name, "float32", tuple(map(Dimension, sizes)))


SOUND = tensor("sound", 1, 512)


@pytest.mark.parametrize(
    ("inputs", "outputs", "pairs"),
    [
        ([SOUND, tensor("state", 2, 64)], [tensor("stateN", 2, 64)], [("state", "stateN")]),
        ([SOUND, tensor("state", 2, 64)], [tensor("stateN", 2, 10)], []),
        ([tensor("input_1", 1, 10)], [tensor("output_1", 1, 10)], []),
        ([SOUND, tensor("input_state", 1, 10)], [tensor("output_state", 1, 10)], [("input_state", "output_state")]),
    ],
    ids=["a state", "another size", "the only input", "a state called input"],
)
def test_a_state_has_the_size_of_its_output_and_is_not_all_that_a_model_takes(inputs, outputs, pairs):
    assert list(fed_back(inputs, outputs)) == pairs
