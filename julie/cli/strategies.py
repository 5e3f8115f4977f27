"""julie strategies: lists the rules there are, what each states, and its numbers."""

from typing import Annotated

import typer

app = typer.Typer(help=__doc__, add_completion=False)


@app.command()
def strategies(
    name: Annotated[
        str | None, typer.Argument(help="One strategy, or path/to/file.py:name; none lists all.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")] = False,
) -> None:
    """List the strategies, or explain one."""
    from julie.cli import talk
    from julie.strategies import catalogue, describe

    if name is None:
        listed = tuple(catalogue.catalogue().values())
        if as_json:
            talk.result_json({"strategies": [describe.facts(one) for one in listed]})
        else:
            talk.result(describe.text_table(listed))
        return
    one = catalogue.named(name)
    if as_json:
        talk.result_json(describe.facts(one))
    else:
        talk.result(describe.text_page(one))
