import re
import sys
from datetime import date

import pytest
from lab4_gate_runs import run_with

from lab4.analysis.figures import FIGURES, known_figures
from lab4.analysis.policy import policy_of, require_known_figures
from lab4.domain.errors import Lab4Error

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

WHOLE = """
false-alarms = "0.5%"
thresholds = [
  { cells = "*", figure = "latency", change = "5%" },
  { cells = "cnn-*", figure = "latency", change = "2%" },
]
warn = [{ figure = "p99" }]
budgets = [
  { cells = "cnn-*int8", figure = "size", at-most = "250 kB" },
  { figure = "p99", at-most = "1 ms" },
  { figure = "accuracy", at-least = "97%" },
]
expected = [{ cells = "*", figure = "size", change = "12%", until = 2026-12-31, reason = "a new layer" }]
"""


def made(text):
    return policy_of(tomllib.loads(text))


def test_the_whole_table():
    policy = made(WHOLE)
    assert policy.false_alarms == 0.005
    assert policy.tolerance("latency/cnn-cpu-b1-onnx", "latency", 0.1) == 0.02
    assert policy.tolerance("latency/fcnn-cpu-b1-onnx", "latency", 0.1) == 0.05
    assert policy.tolerance("latency/fcnn-cpu-b1-onnx", "p90", 0.1) == 0.1
    assert policy.only_warns("latency/fcnn-cpu-b1-onnx", "p99")
    assert not policy.only_warns("latency/fcnn-cpu-b1-onnx", "p90")
    size, tail, accuracy = policy.budgets
    assert (size.at_most, tail.at_most, accuracy.at_least) == (250_000, 1e-3, 0.97)
    assert size.written == "at most 250 kB"
    assert policy.expected[0].until == date(2026, 12, 31)


def test_machines_of_a_release():
    assert made("").machines == ()
    assert not made("").unjudged_only_warns
    policy = made("machines = ['rack-*', 'lab']\nunjudged-machines = 'warn'")
    assert policy.machines == ("rack-*", "lab")
    assert policy.unjudged_only_warns
    assert not made("unjudged-machines = 'stop'").unjudged_only_warns


def test_no_table_is_the_default():
    assert made("") == policy_of({})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("machines = 'rack'", "machines is 'rack'; write a list of names or patterns"),
        ("machines = ['a', ' ']", "write a list of names or patterns"),
        ("unjudged-machines = true", "unjudged-machines is True; write 'stop' or 'warn'"),
        ("tresholds = []", "'tresholds'.*did you mean 'thresholds'"),
        ("warn = 3", "warn must be a list of tables"),
        ("warn = [3]", "warn, entry 1 must be a table"),
        ("warn = [{ cell = '*' }]", "did you mean 'cells'"),
        ("warn = [{}]", "warn, entry 1 would let everything pass; name cells or a figure"),
        ("warn = [{ cells = 3 }]", "cells must be a string"),
        ("false-alarms = 1", "false-alarms is 1"),
        ("false-alarms = '60%'", "below 50%"),
        ("thresholds = [{ change = '-5%' }]", "change is '-5%'"),
        ("thresholds = [{ figure = 'size' }]", "change is None"),
        ("thresholds = [{ figure = 'p50', change = '5%' }]", "p50 can only have budgets; .*latency, throughput, p90"),
        ("thresholds = [{ figure = 'gzip_size', change = '5%' }]", "gzip_size can only have budgets"),
        (
            "thresholds = [{ figure = 'latency', change = '5 points' }]",
            "'5 points'; write a change of latency in percent",
        ),
        ("thresholds = [{ change = '5 points' }]", r"a change of \* in percent"),
        ("budgets = [{ at-most = '1 ms' }]", "name the figure"),
        ("budgets = [{ figure = 'p99' }]", "either at-most or at-least"),
        ("budgets = [{ figure = 'p99', at-most = '1 kB' }]", "1 kB.*one of s, ms"),
        ("budgets = [{ figure = 'size', at-most = 250 }]", "at-most is 250"),
        ("expected = [{ change = '5%', reason = 'x', until = '2026-12-31' }]", "without quotes"),
        ("expected = [{ change = '5%', until = 2026-12-31 }]", "reason is missing"),
    ],
)
def test_a_mistake_is_refused_with_its_key(text, message):
    with pytest.raises(Lab4Error, match=message):
        made(text)


@pytest.mark.parametrize("written", ["0.5 points", "1 point", "0 points"])
def test_changes_of_shares_are_in_points(written):
    (rule,) = made(f"thresholds = [{{ figure = 'accuracy', change = '{written}' }}]").thresholds
    assert rule.change == float(written.split()[0]) / 100


def test_something_else_in_its_place_is_refused():
    with pytest.raises(Lab4Error, match="must be a table"):
        policy_of([])


@pytest.mark.parametrize(
    ("table", "fault"),
    [
        ("warn = [{ figure = 'latncy' }]", "'latncy'; valid: latency, .*accuracy"),
        (
            "thresholds = [{ figure = 'accuracy', change = '1%' }]",
            "a change of accuracy in points, such as '0.5 points'",
        ),
        (
            "expected = [{ figure = 'accuracy', change = '1%', until = 2026-12-31, reason = 'x' }]",
            "a change of accuracy in points",
        ),
    ],
)
def test_what_is_said_of_metrics_is_checked_against_the_runs(table, fault):
    with pytest.raises(Lab4Error, match=fault):
        require_known_figures(made(table), known_figures([run_with({})]))


def limited(figure, limit):
    return made(f"budgets = [{{ figure = '{figure}', at-most = '{limit}' }}]").budgets[0]


@pytest.mark.parametrize("figure", FIGURES)
def test_every_figure_can_have_a_budget_in_its_own_units(figure):
    """A limit without any unit of the figure is refused with an example, and the example can be written."""
    with pytest.raises(Lab4Error, match=r"; write a number with one of \S") as refused:
        limited(figure, "3 furlongs")
    (example,) = re.findall(r", such as '(.*)'", str(refused.value))
    assert limited(figure, example).written == f"at most {example}"


def test_energy_is_in_joules():
    assert limited("energy", "5 mJ").at_most == pytest.approx(0.005)
