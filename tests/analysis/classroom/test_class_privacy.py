"""Nothing of a run that may be published says whose it is."""

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lab4_class import student_run
from lab4_strategies import runs
from worksheet_factory import CATALOGUE, at, machine, realistic, weighed

from lab4.analysis.classroom.privacy import Owner, _texts, anonymous, names_out, owners
from lab4.analysis.tables import Quantity
from lab4.domain.catalogue import ModelTraits
from lab4.domain.outcome import Failed
from lab4.worksheet import worksheet

NAMES = ("Ada Lovelace_42_file", "Ada Lovelace", "s1234567")


def owner(*names):
    (found, *_) = owners([names or NAMES, ("Grace Hopper_43_file",), ("Alan Turing_44_file",)])
    return found


def published(run, *names):
    (found,) = anonymous([run], names_out([run], owner(*names)))
    return found


def texts_of(run):
    return "\n".join(_texts(run)).lower()


@pytest.mark.parametrize(
    ("reason", "left"),
    [
        ("cannot write /home/alovelace/lab4-results/x.onnx", "cannot write ~/lab4-results/x.onnx"),
        ("no file /Users/alovelace/x", "no file ~/x"),
        (r"no file C:\Users\alovelace\x", r"no file ~\x"),
        ("alovelace may not write", "student may not write"),
        ("adas-macbook.lan does not answer", "student does not answer"),
        ("ADAS-MACBOOK does not answer", "student does not answer"),
        ("Ada Lovelace has no space left", "student has no space left"),
        ("lovelace has no space left", "student has no space left"),
        ("model of s1234567", "model of student"),
        ("no file AdaLovelace.json", "no file student.json"),
        ("adalovelace may not write", "student may not write"),
        ("LovelaceAda@lab may not write", "student@lab may not write"),
        ("the adapter is not there", "the adapter is not there"),
    ],
)
def test_a_text_of_a_record_does_not_name_its_owner(reason, left):
    run = student_run(on=machine("adas-macbook.lan"))
    key = "examine/cnn-cpu-onnx"
    failed = Failed(f"{reason}; see /home/alovelace/log")
    made = published(replace(run, measurements=(*run.measurements, at(key, failed))))
    assert made.measurements[-1].outcome.reason == f"{left}; see ~/log"


def test_machines_have_numbers_and_not_names():
    first, again, other = (student_run(number, on=machine(node)) for number, node in enumerate("aab"))
    found = anonymous([first, again, other], lambda text: text)
    assert [each.machine.node for each in found] == ["machine 1", "machine 1", "machine 2"]
    assert {each.source for each in found} == {""}


def test_a_model_with_the_owners_name_is_renamed_everywhere_alike():
    catalogue = replace(CATALOGUE, models={"ada_net": ModelTraits("ada_net", "Ada's net")})
    run = student_run(catalogue=catalogue)
    made = published(replace(run, measurements=(at("examine/ada_net-cpu-onnx", weighed()),)))
    assert list(made.catalogue.models) == ["student_net"]
    assert made.catalogue.models["student_net"].name == "student_net"
    assert made.measurements[0].cell.model == "student_net"
    assert "ada" not in re.findall(r"[a-z]+", texts_of(made))


@pytest.mark.parametrize("node", ["server", "memory", "onnx", "cpu", "target", "avx2", "keras", "pruned80", "quick"])
def test_a_host_that_is_called_like_something_of_the_domain_changes_no_figure(node):
    """Code compares these words: formats have targets, latencies an ending, missing figures a name."""
    named = realistic(70, on=replace(machine(), node=node))
    ordinary = realistic(70, on=replace(machine(), node="box-17"))
    (made, expected) = (without_machine(published(each)) for each in (named, ordinary))
    assert made.catalogue == expected.catalogue
    assert [each.cell for each in made.measurements] == [each.cell for each in expected.measurements]
    pairs = zip(worksheet([made]).tables, worksheet([expected]).tables, strict=True)
    assert all(numbers(one) == numbers(other) for one, other in pairs)


def without_machine(run):
    return replace(run, machine=replace(run.machine, node=""))


def numbers(table):
    return [value for row in table.rows for value in row.values if isinstance(value, Quantity)]


def test_what_a_server_adds_to_all_names_is_no_name():
    assert not {"file", "42"} & set(owner().parts)
    assert {"Ada", "Lovelace"} <= set(owner().parts)


@pytest.mark.parametrize("name", ["Bo Li", "Ada K. Lovelace", "Maria del Mar Ruiz Gil", "Jean-Luc Picard"])
def test_a_name_is_found_with_its_parts_joined(name):
    parts = re.findall(r"\w+", name)
    found = owner(name)
    for word in ("".join(parts), "".join(parts[-2:]), "".join(parts[:2]), "".join(reversed(parts[-2:]))):
        for written in (word, word.lower(), word.upper()):
            assert found.text(f"in {written}.json") == "in student.json"
            assert names_out([], found)(f"in {written}.json") == "in student.json"


def test_what_a_server_adds_is_in_no_joined_word():
    assert not [word for word in owner().joined if "file" in word]
    assert "adalovelace" in owner().joined


def test_a_name_of_a_megabyte_is_not_searched_for():
    found = owner(" ".join(f"word{number}" for number in range(100_000)))
    assert len(found.parts) + len(found.joined) < 200


def test_of_ever_so_many_home_folders_the_first_users_are_searched_for():
    """Each of a megabyte of names at each place of a megabyte would need days."""
    reason = " ".join(f"/home/u{number}zq/x u{number}zq" for number in range(50_000))
    run = replace(student_run(), measurements=(at("examine/cnn-cpu-onnx", Failed(reason)),))
    left = published(run).measurements[0].outcome.reason
    assert left.startswith("~/x student ~/x student ")
    assert "/home" not in left


def test_an_essay_loses_the_name_and_keeps_its_words():
    found = Owner(("Will Hope",), ("Will", "Hope"))
    written = "I, Will Hope, will measure; I hope so. WILL. My files are in /home/whope/lab4."
    assert found.text(written) == "I, student, will measure; I hope so. student. My files are in ~/lab4."


def test_a_folder_in_small_letters_is_no_word_of_an_essay():
    (found,) = owners([("will", "", "s123")])
    assert found.text("I, Will (s123), will measure 100 times.") == "I, student (student), will measure 100 times."


secrets = st.from_regex("[a-z]{6,10}zq", fullmatch=True)


@pytest.mark.untraced
@given(runs, secrets, secrets, secrets)
def test_no_text_of_any_run_has_a_host_a_user_or_a_name(run, host, user, name):
    named = replace(
        run,
        machine=replace(run.machine, node=host, threads=(("XNNPACK_DIR", f"/home/{user}/x"), ("of", f"{name} {host}"))),
        measurements=(*run.measurements, at("examine/cnn-cpu-onnx", Failed(f"{user}@{host}: {name}"))),
    )
    made = published(named, name)
    assert not re.search(f"{host}|{user}|{name}", texts_of(made))
    assert len(made.measurements) == len(named.measurements)


@given(runs)
def test_a_run_without_names_in_it_is_as_it_was(run):
    (made,) = anonymous([run], lambda text: text)
    assert replace(made, machine=run.machine, source=run.source) == run
