"""Real files from other people's packages: each gives a report by one command."""

import pytest
from lab4_zoo import zoo_file

from benchmarks.harness.real_models import MODELS, measured, refusals, row
from lab4.domain.outcome import Measured


@pytest.fixture(scope="module", params=MODELS, ids=lambda model: model.name)
def real(request, tmp_path_factory):
    """A real model, the pytest that examined it, its run and its folder."""
    zoo_file(request.param.path)
    folder = tmp_path_factory.mktemp("real") / "run"
    ended, run = measured(request.param, zoo_file(""), folder, "-k", "examine")
    return request.param, ended, run, folder


def test_most_models_need_one_hint_at_most():
    assert sum(len(model.hints) <= 1 for model in MODELS) >= 12


def test_a_real_model_gives_a_report(real):
    model, ended, run, folder = real
    assert ended.returncode == 0, ended.stdout[-2000:]
    assert "Traceback" not in ended.stdout + ended.stderr
    report = (folder / "lab4-results" / "report.md").read_text("utf-8")
    assert run.catalogue.models
    assert all(traits.label in report for traits in run.catalogue.models.values())
    assert row(model, ended, run, 0)[3]


def test_what_two_can_run_is_compared_with_the_original(real):
    _, _, run, _ = real
    outcomes = [each.outcome for each in run.measurements]
    compared = [each.agreement.outputs for each in outcomes if isinstance(each, Measured)]
    names = {output.name for traits in run.catalogue.models.values() for output in traits.contract.outputs}
    assert compared
    assert all(len(outputs) == len(names) for outputs in compared)


def test_what_was_not_made_has_a_reason_of_one_sentence(real):
    _, _, run, _ = real
    assert all("\n" not in reason and "Traceback" not in reason for reason in refusals(run))
