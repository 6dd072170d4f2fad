"""What a list of cases is asked for, as the query of an address or a saved filter."""

from datetime import date, datetime, time, timedelta
from typing import Annotated, TypeAlias

from pydantic import BaseModel, ConfigDict, Field

from hub.accounts.scope import Scope
from hub.cases import State
from hub.cases.list_order import CaseOrder, CaseSort
from hub.cases.listing import CaseFilter
from hub.catalogue import Severity
from hub.clock import TIMEZONE
from hub.signals.signal import SourceKind
from wire.messages.base import Day, Instant, Slug

UnitKey = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_]{0,63}$")]
Search = Annotated[str, Field(max_length=100, pattern=r"^[^\x00]*$")]
Moment: TypeAlias = Instant | Day
"""An instant, or a whole local day."""
_Some = Annotated[list[UnitKey], Field(max_length=100)]


class WantedCases(BaseModel):
    """`unit` leads, assists, or has the place in its territory; `township` is a territory with all below it.

    `owner` is a user name, or - for nobody. `void_asked`: somebody asked to void the case, and a second
    person has not decided yet. `q`: each word is part of the number, the text, or the names of item,
    asset, road, units or the terminal's holder. Times are instants or local days; the days are in the
    span as a whole.
    """

    model_config = ConfigDict(extra="forbid")

    state: list[State] = []
    open: bool | None = None
    void_asked: bool | None = None
    severity: list[Severity] = []
    unit: _Some = []
    township: UnitKey | None = None
    overdue: bool | None = None
    due_until: Moment | None = None
    filed_from: Moment | None = None
    filed_to: Moment | None = None
    item: Annotated[list[Slug], Field(max_length=100)] = []
    source: list[SourceKind] = []
    recurrence: bool | None = None
    owner: Annotated[str | None, Field(pattern=r"^(-|[a-z0-9][a-z0-9_.-]{1,63})$")] = None
    q: Search | None = None
    sort: CaseSort = CaseSort.URGENCY
    descending: bool = False

    def filter(self, scope: Scope) -> CaseFilter:
        """What is asked for, within what an account sees."""
        return CaseFilter(
            states=tuple(self.state),
            open=self.open,
            void_asked=self.void_asked,
            severities=tuple(self.severity),
            units=tuple(self.unit),
            township=self.township,
            overdue=self.overdue,
            due_until=_end(self.due_until),
            filed_from=_begin(self.filed_from),
            filed_until=_end(self.filed_to),
            items=tuple(self.item),
            sources=tuple(self.source),
            recurrence=self.recurrence,
            owner=self.owner if self.owner in (None, "-") else f"user:{self.owner}",
            text=self.q,
            scope=scope,
        )

    def order(self) -> CaseOrder:
        return CaseOrder(sort=self.sort, descending=self.descending)


class CaseQuery(WantedCases):
    """A page of these cases: by urgency after the cursor `before`, in every order after `offset` cases."""

    limit: Annotated[int, Field(ge=1, le=200)] = 50
    offset: Annotated[int, Field(ge=0, le=1_000_000)] = 0
    before: Annotated[str | None, Field(max_length=64)] = None

    def order(self) -> CaseOrder:
        return CaseOrder(
            sort=self.sort,
            descending=self.descending,
            after=self.before,
            offset=self.offset,
            limit=self.limit,
        )


def _begin(moment: datetime | date | None) -> datetime | None:
    if moment is None or isinstance(moment, datetime):
        return moment
    return datetime.combine(moment, time.min, TIMEZONE)


def _end(moment: datetime | date | None) -> datetime | None:
    """The first instant that is not in the span; a day ends at midnight."""
    if moment is None or isinstance(moment, datetime):
        return moment
    return _begin(moment + timedelta(days=1))
