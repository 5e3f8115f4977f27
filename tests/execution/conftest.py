"""Cases that live outside test files tell what differed, too."""

import pytest

pytest.register_assert_rewrite("tests.execution.contract.cases")
