"""What identifies a machine, and what a record may lack of it."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lab4_examples import RUN

from lab4.domain.machine import Machine, is_cpu_model, is_identified_id

KNOWN = RUN.machine
LACKING = replace(KNOWN, cpu="x86_64", logical_cores=0, os="Linux 6.1", node="desk")


def test_the_identifier_of_a_known_machine_is_the_one_that_histories_have():
    assert KNOWN.hardware_id == "1e4c7130f04f"
    plain = Machine("desk", "Test CPU", (), 4, 4, 0, (), "Linux 1", "3.11", (), ())
    assert plain.hardware_id == "b586f991455a"
    assert replace(plain, node="lap", os="Darwin 1").hardware_id == plain.hardware_id


@pytest.mark.parametrize(
    "name", ["", " ", "x86_64", "AMD64", "x86", "i686", "arm64", "armv7l", "aarch64", "ppc64le", "s390x"]
)
def test_an_architecture_is_no_cpu_model(name):
    assert not is_cpu_model(name)
    machine = replace(KNOWN, cpu=name)
    assert (machine.is_identified, machine.missing_facts) == (False, ("CPU model",))


@pytest.mark.parametrize("name", ["CPU", "Neoverse-N1", "Apple M1", "ARMv7 Processor rev 4 (v7l)", "AMD EPYC 7763"])
def test_a_cpu_model_is_one(name):
    assert is_cpu_model(name)
    assert replace(KNOWN, cpu=name).is_identified


@pytest.mark.parametrize(
    ("flags", "names", "has_products"),
    [
        ((), (), None),
        (("fpu",), (), False),
        (("avx2", "fma"), ("AVX2",), False),
        (("avx2", "avx512bw", "avx512_vnni"), ("AVX2", "AVX-512", "AVX-512 VNNI"), True),
        (("avx512vnni", "avx512_vnni"), ("AVX-512 VNNI",), True),
        (("asimd", "asimddp", "i8mm"), ("dot product", "i8mm"), True),
    ],
)
def test_flags_say_what_int8_arithmetic_depends_on(flags, names, has_products):
    machine = replace(KNOWN, cpu_flags=flags)
    assert (machine.int8_instructions, machine.has_int8_products) == (names, has_products)
    assert machine.int8_support == (", ".join(names) or ("none" if flags else "not recorded"))


def test_machines_without_cores_are_unidentified():
    assert replace(KNOWN, logical_cores=0).missing_facts == ("number of cores",)


def test_an_unidentified_machine_has_a_readable_name_of_its_own():
    assert LACKING.hardware_id.startswith("unidentified-linux-desk-x86_64-")
    others = [
        replace(LACKING, node="lap"),
        replace(LACKING, os="Darwin 23"),
        replace(LACKING, cpu="arm64"),
        replace(LACKING, logical_cores=4),
        replace(LACKING, node="desk\n"),
    ]
    assert len({each.hardware_id for each in [LACKING, *others]}) == 6
    assert replace(LACKING, os="Linux 6.2", python="3.99").hardware_id == LACKING.hardware_id


@given(st.text(), st.text(), st.text())
def test_the_name_of_any_machine_is_a_name_of_a_folder(node, system, cpu):
    machine = replace(KNOWN, node=node, os=system, cpu=cpu, logical_cores=0)
    assert set(machine.hardware_id) <= set("abcdefghijklmnopqrstuvwxyz0123456789_.-")
    assert len(machine.hardware_id) < 80
    assert not is_identified_id(machine.hardware_id)


def test_the_identifier_tells_whether_the_machine_is_known():
    assert is_identified_id(KNOWN.hardware_id)
