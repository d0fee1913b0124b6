"""A package outside of lab4 adds one entry of each kind, and is used like ours."""


def test_its_entries_pass_the_conformance_suites(environment, tmp_path):
    tests = environment.example / "tests"
    answer = environment.run("-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", tmp_path, tests, cwd=tmp_path)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert " passed" in answer.stdout


def test_the_doctor_lists_them(environment, tmp_path):
    answer = environment.run("-m", "lab4", "doctor", cwd=tmp_path)
    added = {
        "model": "LeNet-5",
        "technique": "clustered16",
        "format": "onnx_int8",
        "dataset": "shapes",
        "metric": "macro_f1",
        "report": "outline",
    }
    for kind, name in added.items():
        assert f"{kind} {name} (lab4-stranger)" in answer.stdout
