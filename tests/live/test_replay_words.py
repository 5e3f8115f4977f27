"""A replay that cannot be made says what it lacks."""

import pytest

from julie.core.bookings import ConfigTaken
from julie.core.errors import UsageError
from julie.live.earlier import settings_of
from julie.live.kept_history import Facts
from julie.settings import default_tree, load_settings


def test_a_rule_from_a_file_must_be_given_again() -> None:
    settings = load_settings(default_tree()).tree
    text = settings.model_dump_json().replace('"orb":', '"mine": {}, "orb":', 1)
    facts = Facts(["ES"], ["MES"], ["CON.F.US.MES.M25"], ["mine"], 0)
    assert settings_of(settings, ConfigTaken("a", settings.model_dump_json()), facts) == settings
    with pytest.raises(UsageError, match="it traded mine") as told:
        settings_of(settings, ConfigTaken("b", text), facts)
    assert "--strategies path/to/mine.py:name" in told.value.cure
