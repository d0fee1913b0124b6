import errno

import pytest

from lab4.domain.errors import Lab4Error, in_words, is_limit, system_errors


def test_a_limit_is_an_error_with_a_remedy():
    assert is_limit(OSError(errno.EMFILE, "Too many open files"))
    assert not is_limit(OSError(errno.ENOENT, "No such file"))
    assert not is_limit(ValueError(errno.EMFILE))


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError(errno.ENOENT, "No such file", "/models/x"), "/models/x: No such file"),
        (OSError("pipe closed"), "pipe closed"),
        (OSError(), "OSError"),
    ],
)
def test_an_error_is_put_in_words(error, words):
    assert in_words(error) == words


def test_an_error_of_the_system_becomes_ours():
    with pytest.raises(Lab4Error, match=r"^/models/x: File too large; raise .* ulimit -f$"), system_errors():
        raise OSError(errno.EFBIG, "File too large", "/models/x")
    with pytest.raises(ValueError, match="ours"), system_errors():
        raise ValueError("ours")
