"""A command as the order that goes over the wire."""

from collections.abc import Mapping
from datetime import datetime

from pydantic import BaseModel, JsonValue, ValidationError

from hub.cases.case_facts import CaseFacts
from hub.catalogue.store import find_item
from hub.commands.rescue_words import rescue_text
from hub.commands.store import CommandRow
from hub.db import Connection
from hub.errors import InvalidInput
from wire.messages import COMMAND, Command, CommandType, Place
from wire.messages.commands import ORDERS, TaskBody

SECRETS = frozenset({"token"})
"""Fields of a body that are sent to the device and never stored with the command."""

_TASK_ZH = {
    CommandType.DISPATCH: "请前往现场处置",
    CommandType.VERIFY: "请前往现场核实并拍照回传",
    CommandType.GUARD: "请前往现场看守，设置警示标志，提醒行人和车辆",
}
_TASK_EN = {
    CommandType.DISPATCH: "Go there and put it right",
    CommandType.VERIFY: "Go there, look, and send a photo",
    CommandType.GUARD: "Go there, cone it off and warn people until relieved",
}


async def task_body(db: Connection, facts: CaseFacts, type_: CommandType) -> TaskBody:
    """The text of a task for its holder, in Chinese and English."""
    found = await find_item(db, facts.catalogue_version, facts.item_key)
    condition = None if found is None else found.condition(facts.cond_key)
    title = facts.item_key if found is None else f"{found.title_zh} / {found.title_en}"
    what = facts.cond_key if condition is None else f"{condition.text_zh} / {condition.text_en}"
    said = f"{_TASK_ZH[type_]}：{what}。\n{_TASK_EN[type_]}."
    if facts.caller is not None:
        said = rescue_text(type_, facts.caller)
    note = f"\n{facts.text}" if facts.text else ""
    return TaskBody(
        title=title,
        text=f"{said}{note}"[:2000],
        place=Place(lon=facts.lon, lat=facts.lat, accuracy_m=facts.error_m),
        case_no=facts.case_no,
        due_at=facts.due_at,
        evidence=tuple(facts.evidence),
    )


def body_model(type_: CommandType) -> type[BaseModel]:
    """The model of a type's body, as the wire has it."""
    model = ORDERS[type_].model_fields["body"].annotation
    assert isinstance(model, type)
    assert issubclass(model, BaseModel)
    return model


def read_body(type_: CommandType, raw: Mapping[str, JsonValue]) -> BaseModel:
    """A body from outside. Raises InvalidInput with the field that is wrong."""
    try:
        return body_model(type_).model_validate(raw)
    except ValidationError as error:
        raise _bad_body(type_, error, skip=0) from error


def order(row: CommandRow, body: BaseModel | None) -> Command:
    """The order of a command, with the secrets of its body.

    Raises InvalidInput if the body is not what the type asks for.
    """
    try:
        return _order(row, {} if body is None else body.model_dump(), row.issued_at)
    except ValidationError as error:
        raise _bad_body(row.type, error, skip=1) from error


def _bad_body(type_: CommandType, error: ValidationError, skip: int) -> InvalidInput:
    first = error.errors()[0]
    field = ".".join(str(part) for part in first["loc"][skip:])
    return InvalidInput(
        f"a {type_} command cannot have this body: {field}: {first['msg']}", field=field
    )


def order_again(row: CommandRow, now: datetime) -> Command:
    """The order of a stored command, as it was; `valid_for_s` is what is left of it."""
    return _order(row, row.body, now)


def _order(row: CommandRow, body: Mapping[str, object], now: datetime) -> Command:
    return COMMAND.validate_python(
        {
            "command_id": str(row.command_id),
            "type": row.type,
            "body": body,
            "issued_at": row.issued_at,
            "expires_at": row.expires_at,
            "valid_for_s": max(0.0, (row.expires_at - now).total_seconds()),
            "priority": row.priority,
            "case_id": row.case_id,
        }
    )


def storable(body: BaseModel) -> dict[str, JsonValue]:
    """A body without its secrets."""
    stored: dict[str, JsonValue] = body.model_dump(mode="json", exclude=set(SECRETS))
    return stored
