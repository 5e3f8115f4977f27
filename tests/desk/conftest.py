"""The desk's compiled rules are made before a test is timed."""

from tests.desk.standing import compile_once


def pytest_collection_finish() -> None:
    compile_once()
