"""Between windows nothing is looked up: neither the artifact in the cache, nor its host."""

from dataclasses import replace

from lab4_hosts import HereHost, hosted

from lab4.bench.measurement_session import RoundTiming
from lab4.bench.profiles import QUICK
from lab4.domain.cell import Cell

PROFILE = replace(QUICK, min_rounds=5, uncontended_rounds=6, max_rounds=6)
CELLS = [Cell.from_key(f"latency/{model}-cpu-b1-onnx") for model in ("cnn", "fcnn")]


class Cache:
    """Counts how often artifacts and hosts are asked for, and how many windows had been timed by then."""

    def __init__(self, folder):
        self.host, self.lookups, self._cell = HereHost(), [], hosted(HereHost(), folder)
        self._cell.built.path.write_bytes(b"onnx")

    def _looked_up(self):
        self.lookups.append(self.host.asked.count("window"))

    def built(self, _):
        self._looked_up()
        return self._cell.built

    def hosted(self, _, built):
        self._looked_up()
        return replace(self._cell, host=self.host, built=built)


def test_an_artifact_is_looked_up_before_its_first_window_and_not_again(tmp_path):
    cache, rounds = Cache(tmp_path), []
    timing = RoundTiming(PROFILE, 1, cache.built, cache.hosted)
    timing.run(CELLS, keep=rounds.append)
    assert cache.host.asked.count("window") == sum(len(each.windows) for each in rounds) == 12
    assert cache.lookups == [0] * 2 * len(CELLS)


def test_a_session_that_goes_on_opens_each_cell_once_with_its_iterations(tmp_path):
    first, again, rounds = Cache(tmp_path), Cache(tmp_path), []
    RoundTiming(PROFILE, 1, first.built, first.hosted).run(CELLS, keep=rounds.append)
    runners = {key: replace(runner, iterations=9) for key, runner in rounds[0].runners.items()}
    before = [replace(rounds[0], runners=runners)]
    RoundTiming(PROFILE, 1, again.built, again.hosted).run(CELLS, before=before)
    opened = [each for each in again.host.asked if each != "window"]
    assert opened == [("open", PROFILE.window_s, (9, 1))] * len(CELLS)


def test_a_host_without_probes_tells_of_no_contention_and_of_no_speed(tmp_path):
    cache = Cache(tmp_path)
    latency = RoundTiming(PROFILE, 1, cache.built, cache.hosted).measured(CELLS[0]).latency
    assert latency.ended == "target"
    assert latency.uncontended == latency.probe_s == ()
