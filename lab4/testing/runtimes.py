"""What runtimes and devices must do: run what they are given, time it by their own clock, and forget it again."""

from dataclasses import replace
from itertools import chain

import pytest

from lab4.bench.judging import agreement_of
from lab4.bench.tensorflow_jobs import open_tensorflow
from lab4.devices import DEVICES
from lab4.devices.device import place
from lab4.domain.catalogue import RuntimeTraits
from lab4.domain.cell import Cell, ChangedSettings, check_name
from lab4.domain.errors import UnavailableError
from lab4.domain.registry import DEFAULT
from lab4.domain.text import printable
from lab4.domain.timing import TimingBudget
from lab4.formats import FORMATS
from lab4.frameworks import tensorflow
from lab4.runtimes import RUNTIMES, PythonRuntime, RuntimeHost
from lab4.runtimes.host import RunSpec
from lab4.testing.conformance import TraitsConformance, built, cell_of, require, run_python, tiny_bench

_MODEL = "cnn"
_BUDGET = TimingBudget(seconds=0.01, min_calls=3, max_calls=200)


class RuntimeConformance(TraitsConformance):
    """The suite of runtimes; each runs what a format that names it, or whose files it reads, has written."""

    kind = "runtime"
    optional = frozenset({"settings", "code"})

    def cell(self, name: str) -> Cell:
        """A cell that is run in the runtime."""
        containers = RUNTIMES[name].traits.containers
        naming = (form for form in FORMATS if name in FORMATS[form].traits.runtimes)
        readable = (form for form in FORMATS if FORMATS[form].traits.container in containers)
        form = next(chain(naming, readable), "")
        require(form, f"no format names the runtime {name!r} or has a container that it reads: nothing can run in it")
        return cell_of(_MODEL, (), form, "" if FORMATS[form].traits.runtimes[0] == name else name)

    def hosted(self, name: str) -> tuple[RuntimeHost, RunSpec]:
        """The runtime's host, and the artifact to be run on its first device; skips where one of them is not here."""
        cell = self.cell(name)
        device = RUNTIMES[name].traits.devices[0]
        threads = 1 if DEVICES[device].traits.is_host else None
        try:
            hosted = tiny_bench().hosted(cell, built(cell))
            spec = replace(hosted.spec, device=device, threads=threads)
            if threads is None:
                hosted.host.predict(spec)
        except UnavailableError as error:
            pytest.skip(str(error))
        return hosted.host, spec

    def test_its_devices_are_there(self, name: str) -> None:
        """A cell's device is one of those that its runtime works on."""
        unknown = [each for each in RUNTIMES[name].traits.devices if each not in DEVICES]
        require(not unknown, f"{name} works on {', '.join(unknown)}, which are no devices")

    def test_it_says_what_it_is(self, name: str) -> None:
        """The record has the versions of what ran, and the clock."""
        host, _ = self.hosted(name)
        facts = host.describe(name)
        require(facts.runtime == name, f"asked for {name}, the host describes {facts.runtime}")
        require(facts.version, f"{name} has no version")
        require(facts.clock and 0 < facts.clock_resolution_s < 1e-3, f"{name} has no clock that is fine enough")  # noqa: PLR2004

    def test_it_computes_what_the_model_computes(self, name: str) -> None:
        """The outputs of all examples are within the format's tolerance, for batches of several sizes."""
        cell = self.cell(name)
        host, spec = self.hosted(name)
        for batch_size in (5, 50):
            outputs = host.predict(replace(spec, batch_size=batch_size))
            agreement_of(built(cell), spec.device, outputs)  # raises DisagreementError

    def test_it_is_opened_timed_and_closed(self, name: str) -> None:
        """Samples are of the host's own clock; a handle is forgotten once it is closed."""
        host, spec = self.hosted(name)
        opened = host.open(spec, 0.01, 2)
        counts = {len(each) for each in opened.outputs.values()}
        require(counts == {2}, f"the outputs of 2 examples were asked for, those of {counts} came")
        require(opened.iterations >= 1, "a sample is of one call at least")
        require(opened.first_call_s > 0 and opened.load_s > 0, "loading and the first call take time")
        require(opened.clock, "the clock does not say what lies between start and stop")
        window = host.time_window(opened.handle, _BUDGET)
        samples = window.samples_s
        require(len(samples) >= _BUDGET.min_calls, f"{len(samples)} samples, {_BUDGET.min_calls} are the least")
        require(all(0 < each < 10 for each in samples), f"samples are seconds per call: {samples[:3]}")  # noqa: PLR2004
        host.close(opened.handle)

    def test_two_artifacts_can_be_open_at_once(self, name: str) -> None:
        """Cells take turns: what is timed first must still be open when the second was."""
        host, spec = self.hosted(name)
        first, second = host.open(spec, 0.0, 1), host.open(replace(spec, batch_size=3), 0.0, 3)
        for opened in (first, second, first):
            host.time_window(opened.handle, _BUDGET)
        for opened in (first, second):
            host.close(opened.handle)

    def test_its_settings_have_names_and_values(self, name: str) -> None:
        """They are parts of ids and words of tables, and there is something to choose."""
        settings = RUNTIMES[name].traits.settings
        names = [each.name for each in settings]
        require(len(set(names)) == len(names), f"{name} has a setting twice: {', '.join(names)}")
        for setting in settings:
            check_name("setting", setting.name)
            require(setting.name != "threads", "threads are no setting: every runtime is given them")
            require(setting.label and printable(setting.label) == setting.label, f"{setting.name} has no label to show")
            values = setting.value_names
            require(len(set(values)) == len(values) > 1, f"{name}'s {setting.name} needs two values at least")
            require(DEFAULT not in values, f"{name}'s {setting.name}: in options {DEFAULT} means the first value")
            for value in values:
                check_name("value of a setting", value)

    def test_it_computes_the_same_with_each_setting(self, name: str) -> None:
        """A setting changes how fast it computes, and not what; it can be timed with each."""
        cell = self.cell(name)
        host, spec = self.hosted(name)
        for settings in _single_settings(RUNTIMES[name].traits):
            opened = host.open(replace(spec, settings=settings), 0.0, 5)
            agreement_of(built(cell), cell.device, opened.outputs)  # raises DisagreementError
            window = host.time_window(opened.handle, _BUDGET)
            require(len(window.samples_s) >= _BUDGET.min_calls, f"{name} is not timed with {settings}")
            host.close(opened.handle)

    def test_its_code_shows_how_each_setting_is_chosen(self, name: str) -> None:
        """``lab4-tune`` prints it: threads and each setting have a place, and Python opens the artifact by it."""
        traits = RUNTIMES[name].traits
        for code in traits.code:
            require(code.device in traits.devices, f"{name} has code for {code.device}, on which it does not run")
            places = [f"{{{each}}}" for each in ("threads", *(setting.name for setting in traits.settings))]
            lacking = [each for each in places if not any(each in line for line in code.lines)]
            require(not lacking, f"{name}'s code for {code.device} has no place for {', '.join(lacking)}")
        hosts = [code.device for code in traits.code if DEVICES[code.device].traits.is_host]
        if isinstance(RUNTIMES[name], PythonRuntime) and hosts:
            combinations = [(), *_single_settings(traits)]
            programs = ["; ".join(traits.code_of(hosts[0], 1, settings)) for settings in combinations]
            path = str(built(self.cell(name)).path)
            answer = run_python(f"for program in {programs!r}:\n    exec(program, {{'path': {path!r}}})\n")
            require(answer.returncode == 0, f"{name}'s code does not run: {answer.stderr}")
            require(len(set(programs)) == len(programs), f"{name}'s code is the same with several settings")

    def test_it_loads_as_often_as_it_is_asked_to(self, name: str) -> None:
        """Load times are one value a load."""
        host, spec = self.hosted(name)
        seconds = host.time_loads(spec, 2)
        require(len(seconds) == 2 and min(seconds) > 0, f"2 loads took {seconds} s")  # noqa: PLR2004

    def test_its_memory_is_bytes_or_a_reason(self, name: str) -> None:
        """A figure that cannot be had costs that figure, not the cell."""
        host, spec = self.hosted(name)
        try:
            peak = host.peak_memory(spec)
        except UnavailableError as error:
            require(str(error), "a figure that is unavailable says why")
        else:
            require(peak.bytes > 0, f"peak memory of {peak}")


def _single_settings(traits: RuntimeTraits) -> list[ChangedSettings]:
    """Each value that is not a default, by itself."""
    return [((setting.name, value),) for setting in traits.settings for value in setting.value_names[1:]]


class DeviceConformance(TraitsConformance):
    """The suite of devices."""

    kind = "device"
    optional = frozenset({"vendor"})

    def test_its_rounding_is_one(self, name: str) -> None:
        """How far its arithmetic may take a probability."""
        rounding = DEVICES[name].rounding
        require(0 <= rounding < 0.1, f"rounding of {rounding}: probabilities move by less than 0.1")  # noqa: PLR2004

    def test_its_names_are_those_of_the_runtimes(self, name: str) -> None:
        """TensorFlow calls a device ``CPU:0``, ONNX Runtime ``CPUExecutionProvider``."""
        device = DEVICES[name]
        kind, _, number = device.tensorflow_name.partition(":")
        require(kind.isupper() and number.isdigit(), f"{device.tensorflow_name!r} is not a device of TensorFlow's")
        require(device.onnx_provider.endswith("ExecutionProvider"), f"{device.onnx_provider!r} is not a provider")

    def test_work_that_is_placed_on_it_runs_there(self, name: str) -> None:
        """Nothing falls back to another device silently."""
        try:
            tiny_bench().processes.builder.call(_multiply, name)
        except UnavailableError as error:
            pytest.skip(str(error))


def _multiply(name: str) -> None:
    open_tensorflow()
    placement = place(DEVICES[name])
    with placement.scope():
        values = tensorflow().ones((8, 8))
        placement.check(tensorflow().matmul(values, values))
    placement.wait()
