import os
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab4.domain.errors import UnavailableError
from lab4.measure.energy import energy_meters, measure_energy


class NVMLError(Exception):
    pass


@pytest.fixture(autouse=True)
def no_nvml(monkeypatch):
    monkeypatch.setitem(sys.modules, "pynvml", None)


def domain(root, number="0", name="package-0", energy_uj="0", most="1000000"):
    """A made folder of one RAPL domain; returns its counter."""
    folder = root / "sys/class/powercap" / f"intel-rapl:{number}"
    folder.mkdir(parents=True, exist_ok=True)
    for file, text in (("name", name), ("energy_uj", energy_uj), ("max_energy_range_uj", most)):
        (folder / file).write_text(f"{text}\n")
    return folder / "energy_uj"


def nvml(energies_mj):
    """A stand-in for pynvml with a GPU for each reading; an exception is raised, a number returned."""

    def total(handle):
        if isinstance(energies_mj[handle], Exception):
            raise energies_mj[handle]
        return energies_mj[handle]

    return SimpleNamespace(
        NVMLError=NVMLError,
        nvmlInit=lambda: None,
        nvmlDeviceGetCount=lambda: len(energies_mj),
        nvmlDeviceGetHandleByIndex=lambda index: index,
        nvmlDeviceGetTotalEnergyConsumption=total,
    )


def test_joules_of_a_region_are_what_the_counter_went_up(tmp_path):
    counter = domain(tmp_path, energy_uj="400")
    found = energy_meters(tmp_path)
    assert [meter.name for meter in found.meters] == ["package-0"]
    assert measure_energy(lambda: counter.write_text("250400\n"), found.meters) == {"package-0": 0.25}


def test_a_counter_that_went_round_goes_on(tmp_path):
    counter = domain(tmp_path, energy_uj="999990", most="1000000")
    (meter,) = energy_meters(tmp_path).meters
    counter.write_text("9")
    assert meter.read_joules() == pytest.approx(20e-6)


@given(st.integers(1, 2**40), st.data())
def test_however_often_a_counter_goes_round_no_joule_is_lost(tmp_path_factory, most, data):
    root = tmp_path_factory.mktemp("rapl")
    start = data.draw(st.integers(0, most))
    steps = data.draw(st.lists(st.integers(0, most), max_size=20))
    counter = domain(root, energy_uj=str(start), most=str(most))
    (meter,) = energy_meters(root).meters
    at, readings = start, [meter.read_joules()]
    for step in steps:
        at += step
        counter.write_text(str(at % (most + 1)))
        readings.append(meter.read_joules())
    assert readings == sorted(readings)
    assert readings[-1] == sum(steps) / 1e6


def test_each_package_is_metered_once_without_its_parts_and_the_whole_board(tmp_path):
    for number, name in (("0", "package-0"), ("0:0", "core"), ("1", "package-1"), ("2", "psys")):
        domain(tmp_path, number, name)
    assert [meter.name for meter in energy_meters(tmp_path).meters] == ["package-0", "package-1"]


def test_a_machine_without_meters_says_why_for_each_kind(tmp_path):
    found = energy_meters(tmp_path)
    assert found.meters == ()
    assert "absent" in found.missing["RAPL"]
    assert "not installed" in found.missing["NVML"]


@pytest.mark.parametrize("garbage", ["", "abc", "-5", "1.5", "1" * 30, "\N{DEVANAGARI DIGIT FIVE}"])
@pytest.mark.parametrize("file", ["energy_uj", "max_energy_range_uj"])
def test_garbage_is_a_reason_and_the_other_package_is_metered(tmp_path, file, garbage):
    domain(tmp_path).with_name(file).write_text(garbage, encoding="utf-8")
    domain(tmp_path, "1", "package-1")
    found = energy_meters(tmp_path)
    assert [meter.name for meter in found.meters] == ["package-1"]
    assert "not a number" in found.missing["RAPL intel-rapl:0"]


def test_a_range_of_nothing_is_a_reason(tmp_path):
    domain(tmp_path, most="0")
    assert "0 J" in energy_meters(tmp_path).missing["RAPL intel-rapl:0"]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_a_counter_without_the_right_to_read_says_how_to_give_it(tmp_path):
    domain(tmp_path).chmod(0)
    assert "sudo chmod a+r" in energy_meters(tmp_path).missing["RAPL intel-rapl:0"]


def test_a_counter_that_the_system_refuses_says_how_to_be_let_in(tmp_path, monkeypatch):
    counter, read_text = domain(tmp_path), Path.read_text

    def refuse(path, *args, **named):
        if path == counter:
            raise PermissionError(13, "Permission denied")
        return read_text(path, *args, **named)

    monkeypatch.setattr(Path, "read_text", refuse)
    reason = energy_meters(tmp_path).missing["RAPL intel-rapl:0"]
    assert "sudo chmod a+r /sys/class/powercap/intel-rapl:*/energy_uj" in reason


def test_a_package_without_a_counter_is_a_reason(tmp_path):
    domain(tmp_path).unlink()
    assert "No such file" in energy_meters(tmp_path).missing["RAPL intel-rapl:0"]


def test_a_counter_that_goes_away_is_told_when_read(tmp_path):
    counter = domain(tmp_path)
    meters = energy_meters(tmp_path).meters
    with pytest.raises(UnavailableError, match="energy_uj"):
        measure_energy(counter.unlink, meters)


def test_gpus_are_metered_in_joules(tmp_path, monkeypatch):
    energies = [5_000, 7_000]
    monkeypatch.setitem(sys.modules, "pynvml", nvml(energies))
    meters = energy_meters(tmp_path).meters
    assert measure_energy(lambda: energies.__setitem__(1, 9_500), meters) == {"gpu-0": 0.0, "gpu-1": 2.5}


def test_a_gpu_too_old_to_tell_is_a_reason(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pynvml", nvml([NVMLError("Not Supported"), 1_000]))
    found = energy_meters(tmp_path)
    assert [meter.name for meter in found.meters] == ["gpu-1"]
    assert "Volta" in found.missing["NVML gpu-0"]


def test_a_gpu_that_cannot_be_opened_is_a_reason(tmp_path, monkeypatch):
    def lost(index):
        raise NVMLError(f"GPU {index} is lost")

    module = nvml([1_000])
    module.nvmlDeviceGetHandleByIndex = lost
    monkeypatch.setitem(sys.modules, "pynvml", module)
    assert energy_meters(tmp_path).missing["NVML gpu-0"] == "gpu-0 cannot be opened (GPU 0 is lost)"


def test_no_driver_and_no_gpu_are_reasons(tmp_path, monkeypatch):
    def no_driver():
        raise NVMLError("Driver Not Loaded")

    module = nvml([])
    monkeypatch.setitem(sys.modules, "pynvml", module)
    assert "sees no GPU" in energy_meters(tmp_path).missing["NVML"]
    module.nvmlInit = no_driver
    assert "Driver Not Loaded" in energy_meters(tmp_path).missing["NVML"]


def test_this_machine_has_meters_that_count_or_reasons():
    found = energy_meters()
    assert found.meters or found.missing
    assert all(reason for reason in found.missing.values())
    assert all(joules >= 0 for joules in measure_energy(lambda: sum(range(10_000)), found.meters).values())


def test_every_kind_of_reason_is_one_line(tmp_path):
    assert not any("\n" in reason for reason in energy_meters(tmp_path).missing.values())
