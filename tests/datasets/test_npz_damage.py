"""Members and bytes that are no arrays: always a `DatasetError` that names the file and the array."""

import errno
import gc
import io
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab4.datasets import load
from lab4.domain.errors import DatasetError


def refused(path, data):
    path.write_bytes(data)
    with pytest.raises(DatasetError) as caught:
        load(str(path))
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    assert "\n" not in message
    return message


def packed(**members):
    """A zip of members that need not be arrays."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, data in members.items():
            archive.writestr(f"{name}.npy", data)
    return file.getvalue()


def member(array):
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


X, Y = member(np.zeros((20, 8, 8), np.uint8)), member(np.arange(20) % 2)
MEMBERS = {
    "text": b"no array",
    "nothing": b"",
    "only the magic": X[:6],
    "half a header": X[:40],
    "half the values": X[:-600],
    "a header that is no dictionary": X.replace(b"{'descr'", b"['descr'"),
    "a dtype that is none": X.replace(b"|u1", b"|zz"),
    "a version to come": X[:6] + b"\x09" + X[7:],
    "more values than any memory": X.replace(b"(20, 8, 8), }        ", b"(2000000000, 8000, 8)").replace(
        b"8) ", b"8)}"
    ),
}


@pytest.mark.parametrize("data", MEMBERS.values(), ids=MEMBERS)
@pytest.mark.parametrize("name", ["x", "y"])
def test_a_damaged_array_is_named(tmp_path, name, data):
    message = refused(tmp_path / "own.npz", packed(**{"x": X, "y": Y, name: data}))
    assert f": {name} is damaged (" in message or f": {name} is not an array;" in message


def test_a_compressed_array_with_a_changed_byte_is_named(tmp_path):
    file = io.BytesIO()
    np.savez_compressed(file, x=np.random.default_rng(1).integers(0, 256, (20, 8, 8)), y=np.arange(20) % 2)
    data = bytearray(file.getvalue())
    data[300:310] = bytes(10)
    assert ": x is damaged (" in refused(tmp_path / "own.npz", data)


@pytest.mark.parametrize("kept", [0.01, 0.25, 0.5, 0.75, 0.9, 0.99])
def test_a_truncated_file_is_told_as_that(tmp_path, kept):
    whole = packed(x=X, y=Y)
    assert "not a whole .npz file" in refused(tmp_path / "own.npz", whole[: int(len(whole) * kept)])


def test_a_file_with_a_damaged_directory_is_refused_and_closed(tmp_path):
    damaged = packed(x=X, y=Y).replace(b"PK\x01\x02", b"PK\x01\x09")
    assert "not a whole .npz file" in refused(tmp_path / "own.npz", damaged)
    gc.collect()  # a file left open is a warning, and every warning is an error here


def test_a_file_that_must_not_be_read_is_told_as_that(tmp_path, monkeypatch):
    def refuse(path, *_):
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    monkeypatch.setattr(Path, "open", refuse)  # as root, permissions would not refuse
    (tmp_path / "own.npz").touch()
    with pytest.raises(DatasetError, match=r"own\.npz: it cannot be read \(Permission denied\)$"):
        load(str(tmp_path / "own.npz"))


@settings(max_examples=100)
@given(st.binary(max_size=400))
def test_any_bytes_are_refused(tmp_path_factory, data):
    refused(tmp_path_factory.getbasetemp() / "fuzz.npz", data)


@settings(max_examples=150)
@given(st.binary(max_size=300), st.booleans())
def test_any_bytes_as_an_array_are_refused(tmp_path_factory, data, after_magic):
    refused(tmp_path_factory.getbasetemp() / "fuzz.npz", packed(x=X[:10] + data if after_magic else data, y=Y))
