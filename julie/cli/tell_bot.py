"""One command to the running bot, and its answer."""

from pathlib import Path

from julie.cli.options import bot_folder

ANSWER_S = 10.0


def tell_bot(data_dir: Path | None, verb: str, **arguments: str) -> int:
    """Send it and print the answer; 0 = done, 8 = the bot refused."""
    from julie.cli import talk
    from julie.core.errors import Exit
    from julie.live.control_client import ask

    answer = ask(bot_folder(data_dir), verb, answer_s=ANSWER_S, **arguments)
    if answer.ok:
        talk.result(answer.text)
        return Exit.DONE
    talk.say(f"refused: {answer.text}")
    return Exit.HALTED
