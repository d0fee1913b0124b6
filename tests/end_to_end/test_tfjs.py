"""The TensorFlow.js files are whole, and rebuild the model they were made from."""

import sys

import pytest

from lab4.domain.errors import ConversionError, UnavailableError


@pytest.mark.skipif(sys.version_info >= (3, 13), reason="tensorflowjs does not exist for Python 3.13")
def test_the_exported_model_computes_what_its_original_does(bench, built):
    cell, artifact = built("examine/fcnn-cpu-tfjs")
    measured = bench.examine(cell, artifact)
    assert measured.agreement.agreeing == measured.agreement.total == 2000
    assert measured.sparsity.total == 784 * 256 + 256 * 128 + 128 * 10
    assert measured.size.disk_bytes == sum(file.stat().st_size for file in artifact.path.iterdir())


@pytest.mark.skipif(sys.version_info >= (3, 13), reason="tensorflowjs does not exist for Python 3.13")
def test_a_missing_shard_is_found(bench, built, tmp_path):
    import shutil
    from dataclasses import replace

    cell, artifact = built("examine/fcnn-cpu-tfjs")
    damaged = replace(artifact, path=tmp_path / "tfjs")
    shutil.copytree(artifact.path, damaged.path)
    next(damaged.path.glob("*.bin")).unlink()
    with pytest.raises(ConversionError, match="does not load"):
        bench.examine(cell, damaged)


@pytest.mark.skipif(sys.version_info < (3, 13), reason="tensorflowjs exists for this Python")
def test_where_it_does_not_exist_the_reason_is_said(built):
    with pytest.raises(UnavailableError, match="Python"):
        built("examine/fcnn-cpu-tfjs")
