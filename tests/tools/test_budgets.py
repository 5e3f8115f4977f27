"""The budgets script finds each breach, and nothing in a tidy file."""

import ast
from collections.abc import Sequence

import pytest

from tools.check_budgets import Source, check

TIDY = """
from typing import Final

TABLE: Final = {"a": 1}


class Stop:
    def move(self) -> int:
        return TABLE["a"]
"""


def source(text: str, path: str = "julie/desk/stop.py", lines: int = 0) -> Source:
    return Source(path, lines or text.count("\n"), ast.parse(text))


def breaches(*sources: Source) -> Sequence[str]:
    return check(sources)


def test_a_tidy_file_has_none() -> None:
    assert breaches(source(TIDY)) == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("def f():\n" + "    x = 1\n" * 60, "f is 61 lines"),
        (
            "class C:\n" + "".join(f"    def m{n}(self): ...\n" for n in range(16)),
            "16 public methods",
        ),
        (
            "class A: ...\nclass B(A): ...\nclass C(B): ...\nclass D(C): ...\n",
            "stands on more than 2",
        ),
        ("class A: ...\nclass B: ...\nclass C(A, B): ...\n", "several own bases"),
        ("class StopMixin: ...\n", "'mixin' says nothing"),
        ("class OrderManager: ...\n", "'manager' says nothing"),
        ("CACHE = {}\n", "CACHE is a module's container"),
        ("CACHE: dict[str, int] = {}\n", "a module's container"),
        ("COUNT = 0\ndef f():\n    global COUNT\n", "is module state"),
        (
            "from typing import Final\nCACHE: Final = {}\ndef f():\n    CACHE['a'] = 1\n",
            "f changes CACHE",
        ),
        (
            "from typing import Final\nSEEN: Final = []\ndef f():\n    SEEN.append(1)\n",
            "f changes SEEN",
        ),
    ],
)
def test_each_breach_is_found(text: str, words: str) -> None:
    found = breaches(source(text))
    assert len(found) == 1
    assert words in found[0]


@pytest.mark.parametrize("path", ["julie/core/utils.py", "julie/desk/order_helpers.py"])
def test_files_have_names_that_say_something(path: str) -> None:
    assert "says nothing" in breaches(source(TIDY, path))[0]


def test_sizes_of_files() -> None:
    small = [source(TIDY, f"julie/a{n}.py", lines=100) for n in range(20)]
    assert breaches(*small) == []
    assert "above 600" in breaches(*small, source(TIDY, "julie/b.py", lines=601))[-1]
    large = [source(TIDY, f"julie/b{n}.py", lines=151) for n in range(30)]
    assert breaches(*small, *large)[0].startswith("median file")
    long = [source(TIDY, f"julie/c{n}.py", lines=401) for n in range(3)]
    assert breaches(*small, *long)[0].startswith("95th percentile")


def test_a_protocol_is_no_own_base() -> None:
    text = "from typing import Protocol\nclass P(Protocol): ...\nclass A: ...\nclass B(A, P): ...\n"
    assert breaches(source(text)) == []
