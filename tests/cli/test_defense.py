"""julie defense: the judges in their order, one explained, and both as JSON."""

import json

from julie.cli.main import run
from julie.core.errors import Exit
from julie.defense import describe
from julie.defense.catalogue import default_order, in_order


def test_the_list_names_every_judge_in_order(capsys):
    assert run(["defense"]) == Exit.DONE
    lines = capsys.readouterr().out.splitlines()[1:]
    assert [line.split()[1] for line in lines] == list(default_order())


def test_one_judge_is_explained(capsys):
    assert run(["defense", "penalty_box"]) == Exit.DONE
    page = capsys.readouterr().out
    assert "within 1.0 point of the 30-bar high" in page
    assert "exempt  breakout" in page
    assert "defense.sessions.ASIA.penalty_box.points" in page


def test_json_is_one_object(capsys):
    assert run(["defense", "--json"]) == Exit.DONE
    judges = json.loads(capsys.readouterr().out)["judges"]
    assert [one["name"] for one in judges] == list(default_order())
    assert run(["defense", "news", "--json"]) == Exit.DONE
    news = json.loads(capsys.readouterr().out)
    assert news["params"]["before_min"] == 20.0
    assert news["numbers"] == ["to_event", "since_event", "before", "after"]


def test_an_unknown_judge_is_a_usage_error(capsys):
    assert run(["defense", "penaltybox"]) == Exit.USAGE
    assert "did you mean penalty_box?" in capsys.readouterr().err


def test_the_page_holds_every_judge_and_key():
    judges = in_order(default_order())
    page = describe.markdown(judges)
    for one in judges:
        assert f"## {one.name}" in page
        for name in one.params.model_fields:
            assert f"`defense.{one.name}.{name}`" in page
