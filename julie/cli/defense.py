"""julie defense: lists the judges in the order in which they are asked, and explains one."""

from typing import Annotated

import typer

app = typer.Typer(help=__doc__, add_completion=False)


@app.command()
def defense(
    name: Annotated[str | None, typer.Argument(help="One judge; none lists all.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")] = False,
) -> None:
    """List the judges, or explain one."""
    from julie.cli import talk
    from julie.defense import catalogue, describe

    order = catalogue.default_order()
    if name is None:
        judges = catalogue.in_order(order)
        if as_json:
            listed = [describe.facts(one, place) for place, one in enumerate(judges, 1)]
            talk.result_json({"judges": listed})
        else:
            talk.result(describe.text_table(judges))
        return
    one = catalogue.named(name)
    place = order.index(name) + 1
    if as_json:
        talk.result_json(describe.facts(one, place))
    else:
        talk.result(describe.text_page(one, place))
