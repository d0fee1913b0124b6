from dataclasses import replace

from hypothesis import assume, given
from hypothesis import strategies as st
from lab4.analysis.choices import choose
from lab4.analysis.pareto import Candidate, lost, pareto_front, reference_of

TOTAL = 2000
FORMATS = ("keras", "onnx", "tflite_float32", "tflite_float16", "tflite_int8")


@st.composite
def candidate_lists(draw, least=1):
    count = draw(st.integers(least, 8))
    original = draw(st.integers(0, count - 1)) if count else 0
    return [
        Candidate(
            key=f"m{number}/{draw(st.sampled_from(FORMATS))}",
            name=f"m{number}",
            format=draw(st.sampled_from(FORMATS)),
            original=number == original,
            correct=draw(st.integers(1850, TOTAL)),
            total=TOTAL,
            disk_bytes=draw(st.integers(1, 40)) * 10_000,
            gzip_bytes=draw(st.integers(1, 400)) * 1_000,
            latency_s=draw(st.none() | st.floats(1e-5, 1e-1)),
            rate=draw(st.none() | st.floats(1, 1e6)),
        )
        for number in range(count)
    ]


def _winners(candidates):
    return [choice.winner for choice in choose(candidates)]


@given(candidate_lists())
def test_every_winner_and_runner_up_is_a_candidate_and_they_differ(candidates):
    for choice in choose(candidates):
        assert (choice.winner in candidates) != bool(choice.reason)
        assert choice.runner_up is None or choice.runner_up in candidates
        assert choice.winner is None or choice.winner != choice.runner_up


@given(candidate_lists().flatmap(lambda made: st.tuples(st.just(made), st.permutations(made))))
def test_the_order_of_the_candidates_changes_nothing(orders):
    assert choose(orders[0]) == choose(orders[1])


@given(candidate_lists())
def test_no_winner_of_accuracy_size_or_trade_off_is_dominated(candidates):
    front = pareto_front(candidates)
    assert all(winner is None or winner in front for winner in _winners(candidates)[:3])


@given(candidate_lists())
def test_no_deployed_winner_is_beaten_in_time_size_and_accuracy_at_once(candidates):
    *_, mobile, server = _winners(candidates)
    reference = reference_of(candidates)
    for winner, time, able in (
        (mobile, lambda c: c.latency_s, lambda c: c.latency_s and c.format.startswith("tflite")),
        (server, lambda c: 1 / c.rate, lambda c: c.rate),
    ):
        for other in candidates:
            if winner is None or not able(other) or lost(other, reference) > 0.01:
                continue
            mine = (time(winner), winner.disk_bytes, -winner.correct)
            theirs = (time(other), other.disk_bytes, -other.correct)
            assert theirs == mine or any(a < b for a, b in zip(mine, theirs, strict=True))


@given(candidate_lists(), st.data())
def test_a_candidate_worse_in_everything_changes_no_winner(candidates, data):
    better = data.draw(st.sampled_from(candidates))
    worse = replace(
        better,
        key="worse/keras",
        original=False,
        correct=better.correct - data.draw(st.integers(1, 30)),
        disk_bytes=better.disk_bytes + data.draw(st.integers(1, 10_000)),
        latency_s=better.latency_s and better.latency_s * 1.01,
        rate=better.rate and better.rate / 1.01,
    )
    assert _winners([*candidates, worse]) == _winners(candidates)


@given(candidate_lists())
def test_what_wins_its_limits_loses_no_more_than_they_allow(candidates):
    reference = reference_of(candidates)
    _, smallest, _, mobile, server = _winners(candidates)
    for winner, most in ((smallest, 0.02), (mobile, 0.01), (server, 0.01)):
        assert winner is None or lost(winner, reference) <= most + 1e-9
    assert mobile is None or mobile.format.startswith("tflite")


@given(candidate_lists())
def test_what_is_not_on_the_front_is_dominated_by_something_on_it(candidates):
    front = pareto_front(candidates)
    for candidate in candidates:
        assert candidate in front or any(
            better.correct >= candidate.correct and better.disk_bytes <= candidate.disk_bytes for better in front
        )


@given(candidate_lists())
def test_without_an_original_nothing_is_chosen_and_the_reason_says_so(candidates):
    choices = choose([replace(candidate, original=False) for candidate in candidates])
    assert {choice.reason for choice in choices} == {"no original Keras model was measured to compare with"}
    assert all(choice.winner is None for choice in choices)


@given(candidate_lists(least=2))
def test_candidates_measured_on_other_images_are_never_chosen(candidates):
    other = next(candidate for candidate in candidates if not candidate.original)
    assume(reference_of(candidates) is not None)
    stranger = replace(other, total=TOTAL // 2, correct=TOTAL // 2)
    chosen = _winners([stranger if candidate is other else candidate for candidate in candidates])
    assert stranger not in chosen


def test_equal_accuracies_go_to_the_smaller_file():
    big = Candidate("cnn/keras", "big", "keras", True, 1900, TOTAL, 2_000, 1)
    small = Candidate("cnn/onnx", "small", "onnx", False, 1900, TOTAL, 1_000, 1)
    assert choose([big, small])[0].winner == small


def test_the_original_is_the_smallest_when_nothing_smaller_keeps_its_accuracy():
    original = Candidate("cnn/keras", "original", "keras", True, 1900, TOTAL, 2_000, 1)
    ruined = Candidate("cnn/tflite_int8", "ruined", "tflite_int8", False, 200, TOTAL, 500, 1)
    assert choose([original, ruined])[1].winner == original


def test_files_that_differ_in_speed_only_by_noise_are_told_apart_by_accuracy():
    original = Candidate("cnn/keras", "original", "keras", True, 1900, TOTAL, 2_000, 1)
    plain = Candidate("cnn/tflite_int8", "plain", "tflite_int8", False, 1899, TOTAL, 500, 1, 29.7e-6, 48_000.0)
    pruned = Candidate("cnn.p/tflite_int8", "pruned", "tflite_int8", False, 1890, TOTAL, 498, 1, 28.0e-6, 50_900.0)
    assert [choice.winner for choice in choose([original, plain, pruned])[3:]] == [plain, plain]
