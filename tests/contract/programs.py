"""The project's programs as their own command lines describe them."""

from collections.abc import Sequence
from typing import Any

import typer
from typer.core import TyperGroup

from edge.cli import app as edge_app
from firmware_sim.__main__ import app as sim_app
from hub.cli import app as hub_app

PROGRAMS = {
    "hub": typer.main.get_command(hub_app),
    "edge": typer.main.get_command(edge_app),
    "firmware_sim": typer.main.get_command(sim_app),
}


def unknown_options(arguments: Sequence[str]) -> set[str]:
    """The options of `python -m ARGUMENTS` that its command does not have. Raises KeyError where
    there is no such command.
    """
    module, *rest = arguments
    command: Any = PROGRAMS[module]
    while isinstance(command, TyperGroup):
        command = command.commands[rest.pop(0)]
    known = {option for parameter in command.params for option in parameter.opts}
    return {each.split("=")[0] for each in rest if each.startswith("-")} - known
