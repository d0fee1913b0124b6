"""A user's data as arrays: files, folders of images, functions, and what is wrong with them."""

import numpy as np
import pytest
from PIL import Image

from lab4.domain.errors import DatasetError
from lab4.inputs.user_data import digest_of, read_user_data


class Unpickled:
    """Leaves a trace where it is unpickled."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return open, (str(self.path), "w")


def image(path, pixels):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.asarray(pixels, np.uint8)).save(path)


def test_arrays_are_read_by_key(tmp_path):
    np.savez(tmp_path / "d.npz", x=np.arange(6).reshape(3, 2), y=np.array([0, 1, 0]))
    found = read_user_data(str(tmp_path / "d.npz"))
    assert {name: each.shape for name, each in found.items()} == {"x": (3, 2), "y": (3,)}


def test_a_folder_of_images_has_a_class_for_each_folder(tmp_path):
    for name, value in (("cat", 10), ("ant", 20), ("cat", 30)):
        image(tmp_path / name / f"{value}.png", np.full((4, 5, 3), value))
    found = read_user_data(str(tmp_path))
    assert found["images"].shape == (3, 4, 5, 3)
    assert found["images"][:, 0, 0, 0].tolist() == [20, 10, 30]
    assert found["labels"].tolist() == [0, 1, 1]


def test_folders_of_parts_share_their_classes(tmp_path):
    image(tmp_path / "train" / "ant" / "1.png", np.full((4, 4), 1))
    image(tmp_path / "train" / "bee" / "1.png", np.full((4, 4), 2))
    image(tmp_path / "test" / "bee" / "1.png", np.full((4, 4), 3))
    found = read_user_data(str(tmp_path))
    assert found["test_images"].shape == (1, 4, 4, 1)
    assert found["test_labels"].tolist() == [1]
    assert found["train_labels"].tolist() == [0, 1]


def test_a_function_returns_a_dict_of_arrays(tmp_path):
    (tmp_path / "own.py").write_text("def load():\n    return {'x': [[1.0, 2.0]], 'y': [1]}\n")
    found = read_user_data(f"{tmp_path}/own.py:load")
    assert found["x"].tolist() == [[1.0, 2.0]]


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ("raise OSError('no disk')", "it raised OSError: no disk"),
        ("return 3", "it returned a int; return a dict of arrays by name"),
        ("return {'x': [{}]}", "x holds object; save it as an array of numbers"),
    ],
)
def test_a_function_that_returns_no_arrays(tmp_path, body, sentence):
    (tmp_path / "own.py").write_text(f"def load():\n    {body}\n")
    with pytest.raises(DatasetError, match=sentence):
        read_user_data(f"{tmp_path}/own.py:load")


def test_nothing_is_unpickled(tmp_path):
    objects = np.empty(1, object)
    objects[0] = Unpickled(tmp_path / "trace")
    np.savez(tmp_path / "d.npz", x=objects)
    with pytest.raises(DatasetError, match="x holds Python objects; save it as an array of numbers"):
        read_user_data(str(tmp_path / "d.npz"))
    assert not (tmp_path / "trace").exists()


def damaged(path):
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0xFF
    path.write_bytes(data)


def test_damaged_files(tmp_path):
    path = tmp_path / "d.npz"
    with pytest.raises(DatasetError, match="there is no such file"):
        read_user_data(str(path))
    path.write_bytes(b"text")
    with pytest.raises(DatasetError, match=r"it is not a whole .npz file; save it again"):
        read_user_data(str(path))
    np.savez(path, x=np.arange(1000))
    damaged(path)
    with pytest.raises(DatasetError, match="x is damaged"):
        read_user_data(str(path))


def test_damaged_and_unequal_images(tmp_path):
    image(tmp_path / "ant" / "1.png", np.full((4, 4), 1))
    image(tmp_path / "ant" / "2.png", np.full((5, 4), 1))
    with pytest.raises(DatasetError, match=r"1\.png has 4 x 4 x 1 values and 2\.png has 5 x 4 x 1 values; make all"):
        read_user_data(str(tmp_path))
    path = tmp_path / "ant" / "2.png"
    path.write_bytes(path.read_bytes()[:40])
    with pytest.raises(DatasetError, match=r"2\.png is no whole image \(.*\); replace or remove it"):
        read_user_data(str(tmp_path))


def test_an_empty_folder(tmp_path):
    with pytest.raises(DatasetError, match="has no images; put them in one folder per class"):
        read_user_data(str(tmp_path))


def test_the_digest_is_of_names_dtypes_shapes_and_values():
    arrays = [{"x": np.arange(4)}, {"y": np.arange(4)}, {"x": np.arange(4).reshape(2, 2)}, {"x": np.zeros(4, int)}]
    assert len({digest_of(each) for each in arrays}) == len(arrays)


@pytest.mark.parametrize("part", ["val", "validation", "valid"])
def test_a_folder_of_what_models_are_chosen_by_is_a_part(tmp_path, part):
    image(tmp_path / "train" / "ant" / "1.png", np.full((4, 4), 1))
    image(tmp_path / part / "ant" / "1.png", np.full((4, 4), 3))
    found = read_user_data(str(tmp_path))
    assert found[f"{part}_images"].shape[0] == found["train_images"].shape[0] == 1


def test_valid_is_a_class_where_it_holds_images(tmp_path):
    for name in ("valid", "invalid"):
        image(tmp_path / name / "1.png", np.full((4, 4), 1))
    assert read_user_data(str(tmp_path))["labels"].tolist() == [0, 1]
