import os
import stat

import pytest

from lab4.devices.fingerprint import fingerprint, gpus, library_versions
from lab4.domain.machine import Gpu


@pytest.fixture
def driver(tmp_path, monkeypatch):
    """Put a program called nvidia-smi first on the path."""

    def install(script):
        program = tmp_path / "nvidia-smi"
        program.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
        monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")

    return install


def test_gpus_are_what_the_driver_lists(driver):
    driver("echo 'NVIDIA H100 80GB HBM3, 550.54.15, 81559'; echo 'Tesla, T4, 535.1, [N/A]'")
    assert gpus() == (Gpu("NVIDIA H100 80GB HBM3", "550.54.15", 81559 * 2**20), Gpu("Tesla, T4", "535.1", 0))


def test_a_driver_that_fails_lists_none(driver):
    driver("echo 'NVIDIA-SMI has failed' >&2; exit 9")
    assert gpus() == ()


def test_the_fingerprint_tells_the_machine_and_its_thread_settings(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    cpu = {"brand_raw": "A CPU", "flags": ["b", "a"]}
    machine = fingerprint({"litert": "1"}, {"node": "22.1"}, cpu, {"governor": "powersave"})
    assert machine.conditions == (("governor", "powersave"),)
    assert machine.cpu == "A CPU"
    assert machine.cpu_flags == ("a", "b")
    assert machine.logical_cores >= machine.physical_cores >= 1
    assert machine.memory_bytes > 2**28
    assert dict(machine.threads)["OMP_NUM_THREADS"] == "3"
    assert dict(machine.threads)["litert"] == "1"
    assert dict(machine.libraries)["node"] == "22.1"


def test_software_does_not_change_the_hardware_id_and_hardware_does():
    cpu = {"brand_raw": "A CPU"}
    assert fingerprint({}, {}, cpu).hardware_id == fingerprint({"litert": "4"}, {}, cpu).hardware_id
    assert fingerprint({}, {}, cpu).hardware_id != fingerprint({}, {}, {"brand_raw": "Another"}).hardware_id


def test_versions_are_those_installed():
    versions = library_versions()
    assert {"lab4", "numpy", "pytest-benchmark", "tf-keras"} <= set(versions)
