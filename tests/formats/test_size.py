import gzip

import brotli
from hypothesis import given
from hypothesis import strategies as st

from lab4.formats import FORMATS, sha256_of, size_of


@given(st.lists(st.binary(max_size=200), min_size=1, max_size=5))
def test_the_size_of_a_folder_is_that_of_its_files(tmp_path_factory, contents):
    folder = tmp_path_factory.mktemp("artifact")
    for index, content in enumerate(contents):
        (folder / f"{index}.bin").write_bytes(content)
    assert size_of(folder).disk_bytes == sum(map(len, contents))
    assert (
        sum(size_of(folder / f"{index}.bin").disk_bytes for index in range(len(contents))) == size_of(folder).disk_bytes
    )


def test_the_gzipped_size_is_that_of_gzip(tmp_path):
    file = tmp_path / "model"
    file.write_bytes(b"lab" * 1000)
    assert size_of(file).gzip_bytes == len(gzip.compress(b"lab" * 1000, 6, mtime=0))
    assert size_of(file).gzip_bytes < size_of(file).disk_bytes


def test_the_size_with_brotli_is_that_of_what_can_be_read_back(tmp_path):
    file = tmp_path / "model"
    file.write_bytes(b"lab" * 1000)
    assert size_of(file).brotli_bytes == len(brotli.compress(b"lab" * 1000, quality=6))
    assert brotli.decompress(brotli.compress(file.read_bytes(), quality=6)) == file.read_bytes()
    assert size_of(file).brotli_bytes < size_of(file).disk_bytes


def test_the_digest_sees_contents_and_names(tmp_path):
    for name in ("one", "two", "three"):
        (tmp_path / name).mkdir()
        (tmp_path / name / ("a" if name != "three" else "b")).write_bytes(b"1" if name != "two" else b"2")
    digests = {sha256_of(tmp_path / name / ("a" if name != "three" else "b")) for name in ("one", "two", "three")}
    assert len(digests) == 3


def test_a_saved_model_that_is_written_again_has_the_same_size(tmp_path):
    for name, fingerprint in (("one", b"1234"), ("two", b"12345")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "saved_model.pb").write_bytes(b"model")
        (tmp_path / name / "fingerprint.pb").write_bytes(fingerprint)
    one, two = (size_of(tmp_path / name, FORMATS["saved_model"].excluded_from_size) for name in ("one", "two"))
    assert one == two
    assert one.disk_bytes == len(b"model")
