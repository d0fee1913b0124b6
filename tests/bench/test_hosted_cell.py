"""A handle is kept between windows; an artifact is opened again only where the host's process has ended."""

import numpy as np
import pytest
from lab4_hosts import REFERENCE, HereHost, hosted

from lab4.domain.errors import DisagreementError
from lab4.domain.timing import TimingBudget

BUDGET = TimingBudget(0.5)


def test_windows_use_the_handle_that_was_opened(tmp_path):
    host = HereHost()
    cell = hosted(host, tmp_path)
    runner = cell.open(2.0)
    assert (runner.agreement.agreeing, runner.agreement.total) == (3, 3)
    assert not any(cell.time_window(BUDGET).fresh for _ in range(3))
    assert host.asked == [("open", 2.0, None), "window", "window", "window"]


def test_an_artifact_of_a_process_that_ended_is_opened_again_with_the_iterations_it_had(tmp_path):
    host = HereHost()
    cell = hosted(host, tmp_path)
    cell.open(2.0)
    cell.iterations = (7, 3)
    host.die()
    assert cell.time_window(BUDGET).fresh
    assert not cell.time_window(BUDGET).fresh
    assert host.asked == [("open", 2.0, None), ("open", 0.5, (7, 3)), "window", "window"]


def test_one_that_no_session_has_opened_is_opened_for_what_is_asked(tmp_path):
    host = HereHost(energy="joules")
    cell = hosted(host, tmp_path)
    assert cell.ask(host.energy) == cell.ask(host.energy) == "joules"
    assert host.asked == [("open", 0.0, None), "energy", "energy"]


@pytest.mark.parametrize("outputs", [np.roll(REFERENCE, 1, axis=1), REFERENCE * np.nan, REFERENCE[:, :2]])
def test_an_artifact_that_is_wrong_is_closed_again(tmp_path, outputs):
    host = HereHost(outputs)
    with pytest.raises(DisagreementError):
        hosted(host, tmp_path, batch_size=2).open(2.0)
    assert host.open_handles == set()
    assert host.asked[-1] == "close"
