"""Commands as they are typed: exit code, stdout, stderr."""

from __future__ import annotations

import json
from io import StringIO
from typing import Any

from django.core.management import call_command, get_commands, load_command_class


def ran(*args: object) -> tuple[int, str, str]:
    """Run a command in this process."""
    out, err = StringIO(), StringIO()
    try:
        call_command(*map(str, args), stdout=out, stderr=err)
    except SystemExit as end:
        return int(str(end.code)), out.getvalue(), err.getvalue()
    return 0, out.getvalue(), err.getvalue()


def document(*args: object) -> Any:
    """The document of a command that is done."""
    code, out, err = ran(*args, "--json")
    assert code == 0, err
    return json.loads(out)


def refused(*args: object) -> dict[str, str]:
    """The error of a command that refuses: one document on stdout, the sentence on stderr, exit 1."""
    code, out, err = ran(*args, "--json")
    error: dict[str, str] = json.loads(out)["error"]
    assert code == 1 and set(error) == {"code", "message", "where"} and error["message"] in err
    return error


def typed(name: str, *args: str) -> int:
    """The exit code as a shell sees it, wrong usage included."""
    command = load_command_class(str(get_commands()[name]), name)
    try:
        command.run_from_argv(["manage.py", name, *args])
    except SystemExit as end:
        return int(str(end.code))
    return 0
