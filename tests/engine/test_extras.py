"""A library that an extra would bring is asked for by name, with the command that brings it."""

import subprocess
import sys

import pytest

from harness.engine.extras import need
from harness.errors import NotMeasured


def test_what_is_installed_is_not_mentioned():
    need("models")
    need("models", "json", "numpy")


@pytest.mark.parametrize(
    ("libraries", "message"),
    [
        (
            ["json", "no_such_torch"],
            "no_such_torch is not installed on this machine; `pip install -e '.[models]'` brings it",
        ),
        (
            ["no_such_torch", "numpy", "no_such_bits"],
            "no_such_torch and no_such_bits are not installed on this machine; `pip install -e '.[models]'` brings them",
        ),
    ],
)
def test_what_is_missing_is_named_with_the_command(libraries, message):
    with pytest.raises(NotMeasured) as caught:
        need("models", *libraries)
    assert str(caught.value) == message


def test_asking_imports_nothing():
    asked = "import sys; from harness.engine.extras import need; need('models', 'sqlite3'); sys.exit('sqlite3' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", asked]).returncode == 0
