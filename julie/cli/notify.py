"""julie notify: messages to your phone or mail, by the address in JULIE_NOTIFY_URL."""

import typer

app = typer.Typer(help=__doc__, add_completion=False, no_args_is_help=True)


@app.callback()
def notify() -> None:
    """Messages to your phone or mail."""


@app.command()
def test() -> int:
    """Send one message now and say whether it got through."""
    from julie.cli import talk
    from julie.core.errors import Exit, UsageError
    from julie.core.secrets import read_secrets, system_keyring
    from julie.live.notify import NotifierUnusable, apprise_sender

    found = read_secrets(keyring=system_keyring())
    for told in found.faults:
        talk.say(f"warning: {told}")
    address = found.get("JULIE_NOTIFY_URL")
    if address is None:
        raise UsageError(
            "JULIE_NOTIFY_URL is not set", "set it in the environment or in .env; see apprise"
        )
    send = apprise_sender(address.get_secret_value())
    if not send("Julie", "Julie: a test message"):
        raise NotifierUnusable(
            "the message was not delivered", "check the address, and that this machine is online"
        )
    talk.result("delivered")
    return Exit.DONE
