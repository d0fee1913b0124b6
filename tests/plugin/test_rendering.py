"""Files of reports that are rendered in two processes are those that one renders."""

import os
import signal

import pytest
from worksheet_factory import realistic

from lab4.bench.worker import Worker
from lab4.plugin.rendering import next_to_each_other, prepare_in
from lab4.report import REPORTS, Student
from lab4.report.files import ReportFile, render_in_turn
from lab4.worksheet import worksheet

FORM = worksheet([realistic(calls=20)])
FILES = [ReportFile(f"worksheet.{name}", name, FORM) for name in ("html", "pdf", "md", "csv")]
ADA = Student("Ada")


@pytest.fixture(scope="module")
def in_turn():
    return render_in_turn(FILES, ADA)


@pytest.fixture
def worker(tmp_path):
    made = Worker("documents", tmp_path / "log", 300)
    yield made
    made.close()


def test_files_are_as_one_process_renders_them_and_in_their_order(worker, in_turn):
    assert next_to_each_other(lambda: worker)(FILES, ADA) == in_turn
    assert worker.generation == 1


@pytest.mark.parametrize(("reports", "started"), [((), 1), (("html", "pdf"), 1), (("md",), None)])
def test_what_is_prepared_ahead_renders_as_before(worker, in_turn, reports, started):
    prepare_in(worker, reports)
    assert worker.generation == started
    assert next_to_each_other(lambda: worker)(FILES, ADA) == in_turn
    assert worker.generation == 1


def test_what_a_process_does_not_render_is_rendered_here(worker, in_turn):
    os.kill(worker.call(os.getpid), signal.SIGKILL)
    assert next_to_each_other(lambda: worker)(FILES, ADA) == in_turn


def test_only_reports_by_packages_of_an_extra_need_a_process(in_turn):
    assert [name for name in ("html", "pdf", "md", "csv") if REPORTS[name].modules] == ["pdf"]
    light = [file for file in FILES if file.report != "pdf"]
    assert next_to_each_other(pytest.fail)(light, ADA) == [in_turn[0], *in_turn[2:]]
