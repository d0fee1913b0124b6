"""An artifact damaged in the cache is found by its checksum, told, and built again."""

from lab4.bench.bench import Bench
from lab4.domain.cell import Cell


def test_a_flipped_byte_is_told_and_mended(bench, built):
    cell, artifact = built("examine/fcnn-cpu-keras")
    whole = artifact.path.read_bytes()
    artifact.path.write_bytes(bytes([whole[0] ^ 1]) + whole[1:])
    warnings = []
    again = Bench(bench.order, warnings.append)
    try:
        mended = again.artifact(cell, again.model(Cell.from_key("examine/fcnn-cpu-keras")))
        assert mended.path.read_bytes() == whole
    finally:
        again.close()
    assert warnings == ["the cache's fcnn keras was damaged (model.h5 has changed) and was built again"]
