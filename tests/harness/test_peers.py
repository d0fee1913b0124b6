"""How the peers take turns, and what is read of them; the pure part."""

import pytest

from benchmarks.harness.gpu_beside_jax import JAX, PROGRAM, missed
from benchmarks.harness.peers.openvino_calls import median_s
from benchmarks.harness.peers.rounds import Contender, ratio_text, take_turns
from lab4.domain.errors import UnavailableError


def contender(name, *values, content="whole"):
    """One whose rounds take so many seconds."""
    left = list(values)
    return Contender(name, lambda: {content: left.pop(0)})


def test_each_is_measured_once_per_round_and_a_ratio_is_of_one_round():
    one, other = contender("one", 2.0, 4.0, 6.0), contender("other", 1.0, 1.0, 1.0)
    take_turns([one, other], rounds=3)
    assert (one.found, other.found) == ({"whole": [2.0, 4.0, 6.0]}, {"whole": [1.0, 1.0, 1.0]})
    assert ratio_text(one, other, "whole") == "4.00 (2.00 to 6.00)"
    assert one.median_s("whole") == 4.0
    assert one.median_s("compute") is None


def test_the_order_is_another_in_each_round():
    seen = []
    contenders = [Contender(name, lambda name=name: seen.append(name) or {"whole": 1.0}) for name in "abcdef"]
    take_turns(contenders, rounds=4)
    orders = {tuple(seen[first : first + 6]) for first in range(0, 24, 6)}
    assert len(orders) > 1
    assert all(sorted(order) == list("abcdef") for order in orders)


def test_one_that_fails_is_not_asked_again_and_says_why():
    asked = []

    def fail():
        asked.append(1)
        raise UnavailableError("it is not here")

    broken, whole = Contender("broken", fail), contender("whole", 1.0, 1.0)
    take_turns([broken, whole], rounds=2)
    assert (len(asked), broken.refused) == (1, "it is not here")
    assert ratio_text(whole, broken, "whole") == ""


@pytest.mark.parametrize(
    ("printed", "seconds"), [("[ INFO ]    Median:        73.00 us\n", 73e-6), ("Median: 1.25 ms", 1.25e-3)]
)
def test_the_median_of_benchmark_app_is_read_in_its_unit(printed, seconds):
    assert median_s(printed) == pytest.approx(seconds)


def test_other_words_of_benchmark_app_are_refused():
    with pytest.raises(UnavailableError, match="printed no median"):
        median_s("Average: 1 ms")


def test_what_is_not_as_wanted_is_said():
    trained = [contender("loop", 9.0, content="epoch"), contender(PROGRAM, 2.0, content="epoch")]
    trained.append(contender(JAX, 1.0, content="epoch"))
    timed = [contender("PyTorch", 1.0), contender(JAX, 1.0), contender("ours", 2.0), contender("our best", 1.2)]
    take_turns([*trained, *timed], rounds=1)
    sentences = list(missed({("cnn", 100): trained}, {("cnn", 1): timed}, 1000))
    assert sentences == ["training the cnn at batch 100 reaches 0.50 of JAX, wanted 0.8"]
    slow = [*timed[:2], contender("ours", 1.3)]
    take_turns(slow[2:], rounds=1)
    assert list(missed({}, {("cnn", 1): slow}, 1000)) == [
        "cnn, batch 1, whole: the best cell takes 1.30 of PyTorch's, wanted 1.25"
    ]


def test_the_last_images_that_fill_no_batch_are_counted_where_they_are_trained_on():
    trained = [contender(PROGRAM, 1.2, content="epoch"), contender(JAX, 1.0, content="epoch")]
    take_turns(trained, rounds=1)
    # 150 images in 1.2 s are 125 per second, 100 in 1 s are 100.
    assert list(missed({("cnn", 100): trained}, {}, 150)) == []
