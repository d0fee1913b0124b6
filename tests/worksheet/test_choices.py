import re
from dataclasses import replace

from hypothesis import assume, given
from hypothesis import strategies as st

from lab4.worksheet.candidates import Candidate, Pool, front_of, lost
from lab4.worksheet.choices import RULES, choose

TOTAL = 2000
ACCURACY, SIZE, _, MOBILE, SERVER = RULES


def candidate(key, right, disk_bytes, *, original=False, mobile=False, **about):
    correct = (True,) * right + (False,) * (TOTAL - right)
    return Candidate(key, key, original, mobile, correct, disk_bytes, about.pop("gzip_bytes", 1), **about)


def pool(candidates):
    return Pool(tuple(candidates), 1, 32)


def choices(candidates):
    return [choose(pool(candidates), rule) for rule in RULES]


@st.composite
def candidate_lists(draw, least=1):
    count = draw(st.integers(least, 8))
    original = draw(st.integers(0, count - 1)) if count else 0
    return [
        candidate(
            f"m{number}",
            draw(st.integers(1850, TOTAL)),
            draw(st.integers(1, 40)) * 10_000,
            original=number == original,
            mobile=draw(st.booleans()),
            gzip_bytes=draw(st.integers(1, 400)) * 1_000,
            latency_s=draw(st.none() | st.floats(1e-5, 1e-1)),
            rate=draw(st.none() | st.floats(1, 1e6)),
        )
        for number in range(count)
    ]


def _winners(candidates):
    return [choice.winner for choice in choices(candidates)]


@given(candidate_lists())
def test_every_winner_and_runner_up_is_a_candidate_and_they_differ(candidates):
    for choice in choices(candidates):
        assert (choice.winner in candidates) != bool(choice.reason)
        assert choice.runner_up is None or choice.runner_up in candidates
        assert choice.winner is None or choice.winner != choice.runner_up


@given(candidate_lists().flatmap(lambda made: st.tuples(st.just(made), st.permutations(made))))
def test_the_order_of_the_candidates_changes_nothing(orders):
    assert choices(orders[0]) == choices(orders[1])


@given(candidate_lists())
def test_no_winner_of_accuracy_size_or_trade_off_is_dominated(candidates):
    front = front_of(candidates)
    assert all(winner is None or winner in front for winner in _winners(candidates)[:3])


@given(candidate_lists())
def test_no_deployed_winner_is_beaten_in_time_size_and_accuracy_at_once(candidates):
    *_, mobile, server = _winners(candidates)
    reference = pool(candidates).reference
    for winner, time, able in (
        (mobile, lambda c: c.latency_s, lambda c: c.latency_s and c.is_mobile),
        (server, lambda c: 1 / c.rate, lambda c: c.rate),
    ):
        for other in candidates:
            if winner is None or not able(other) or lost(other, reference) > 0.01:
                continue
            mine = (time(winner), winner.disk_bytes, -winner.right)
            theirs = (time(other), other.disk_bytes, -other.right)
            assert theirs == mine or any(a < b for a, b in zip(mine, theirs, strict=True))


@given(candidate_lists(), st.data())
def test_a_candidate_worse_in_everything_changes_no_winner(candidates, data):
    better = data.draw(st.sampled_from(candidates))
    worse = replace(
        better,
        key="worse",
        is_original=False,
        correct=candidate("", better.right - data.draw(st.integers(1, 30)), 1).correct,
        disk_bytes=better.disk_bytes + data.draw(st.integers(1, 10_000)),
        latency_s=better.latency_s and better.latency_s * 1.01,
        rate=better.rate and better.rate / 1.01,
    )
    assert _winners([*candidates, worse]) == _winners(candidates)


@given(candidate_lists())
def test_what_wins_its_limits_loses_no_more_than_they_allow(candidates):
    reference = pool(candidates).reference
    _, smallest, _, mobile, server = _winners(candidates)
    for winner, most in ((smallest, 0.02), (mobile, 0.01), (server, 0.01)):
        assert winner is None or lost(winner, reference) <= most + 1e-9
    assert mobile is None or mobile.is_mobile


@given(candidate_lists())
def test_what_is_not_on_the_front_is_dominated_by_something_on_it(candidates):
    front = front_of(candidates)
    for each in candidates:
        assert each in front or any(
            better.right >= each.right and better.disk_bytes <= each.disk_bytes for better in front
        )


@given(candidate_lists())
def test_without_an_original_nothing_is_chosen_and_the_reason_says_so(candidates):
    found = choices([replace(each, is_original=False) for each in candidates])
    assert {choice.reason for choice in found} == {"no original model was measured to compare with"}
    assert all(choice.winner is None for choice in found)


@given(candidate_lists(least=2))
def test_candidates_measured_on_other_images_are_never_chosen(candidates):
    other = next(each for each in candidates if not each.is_original)
    assume(pool(candidates).reference is not None)
    stranger = replace(other, correct=(True,) * (TOTAL // 2))
    chosen = _winners([stranger if each is other else each for each in candidates])
    assert stranger not in chosen


def test_equal_accuracies_go_to_the_smaller_file():
    big, small = candidate("big", 1900, 2_000, original=True), candidate("small", 1900, 1_000)
    assert choose(pool([big, small]), ACCURACY).winner == small


def test_the_original_is_the_smallest_when_nothing_smaller_keeps_its_accuracy():
    original, ruined = candidate("original", 1900, 2_000, original=True), candidate("ruined", 200, 500)
    assert choose(pool([original, ruined]), SIZE).winner == original


def test_files_that_differ_in_speed_only_by_noise_are_told_apart_by_accuracy():
    original = candidate("original", 1900, 2_000, original=True)
    plain = candidate("plain", 1899, 500, mobile=True, latency_s=29.7e-6, rate=48_000.0)
    pruned = candidate("pruned", 1890, 498, mobile=True, latency_s=28.0e-6, rate=50_900.0)
    assert [choose(pool([original, plain, pruned]), rule).winner for rule in (MOBILE, SERVER)] == [plain, plain]


def test_the_rules_say_which_batch_sizes_they_look_at():
    found = Pool((candidate("original", 1900, 2_000, original=True),), 2, 64)
    assert "at batch 2;" in choose(found, MOBILE).rule
    assert "at batch 64 " in choose(found, SERVER).rule


@given(candidate_lists())
def test_no_lead_counts_below_zero(candidates):
    assert not [choice.lead for choice in choices(candidates) if re.search(r"(^|\s)-\d", choice.lead)]
