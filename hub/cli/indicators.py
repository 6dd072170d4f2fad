"""Counts and rates of cases."""

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from hub.cli.running import fail, in_transaction, out, read_file, settings
from hub.journal.unit_of_work import UnitOfWork

app = typer.Typer(help="Counts and rates of cases.", no_args_is_help=True)

_Period = Annotated[
    str, typer.Argument(help="2025-08-07, 2025-W32, 2025-08, 2025, day, week, month, year or all.")
]


@app.callback()
def indicators() -> None:
    """Counts and rates of cases."""


@app.command()
def show(
    period: _Period = "month",
    unit: Annotated[str | None, typer.Option(help="Only the cases of this unit.")] = None,
    territory: Annotated[str | None, typer.Option(help="A territory and all below it.")] = None,
    item: Annotated[str | None, typer.Option(help="Only this item of the catalogue.")] = None,
    source: Annotated[str | None, typer.Option(help="Only what this kind of source told.")] = None,
    severity: Annotated[str | None, typer.Option(help="low, mid or high.")] = None,
    by: Annotated[str | None, typer.Option(help="Set apart by unit, township, item, …")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print all figures as JSON.")] = False,
) -> None:
    """Print the figures of a period; what the journal has since is counted first."""
    from hub.indicators import reports
    from hub.indicators.case_sets import CaseSet, Grouping
    from hub.indicators.definitions import SatisfactionBase
    from hub.indicators.keeping import keep_up_fully
    from hub.indicators.periods import read_period
    from hub.indicators.questions import IndicatorQuestion, check_known
    from hub.indicators.views import IndicatorsView, RankingView

    base = SatisfactionBase(settings().satisfaction_of)
    if by is not None and by not in set(Grouping):
        fail(f"--by is one of {', '.join(Grouping)}, not {by}")

    async def read(work: UnitOfWork) -> IndicatorsView | RankingView:
        await keep_up_fully(work)
        of = CaseSet(unit=unit, territory=territory, item=item, source=source, severity=severity)
        await check_known(work.db, of)
        asked = IndicatorQuestion(read_period(period, work.now), of, work.now, base)
        if by is not None:
            return await reports.ranking(work.db, asked, Grouping(by))
        return await reports.report(work.db, asked)

    found = in_transaction(read)
    if json:
        typer.echo(found.model_dump_json(indent=2))
    elif isinstance(found, RankingView):
        out.print(_ranking(found))
    else:
        out.print(_counts(found), _rates(found))


@app.command()
def rebuild() -> None:
    """Forget all that was counted, and count it anew from the journal."""
    from hub.indicators.keeping import rebuild as rebuild_measures

    measured = in_transaction(rebuild_measures)
    out.print(f"counted anew from {measured} entries of the journal")


@app.command()
def publish(
    period: _Period,
    note: Annotated[str, typer.Option(help="A note for the readers.")] = "",
) -> None:
    """Freeze the figures of a period; if it was published before, as a new version of what changed."""
    from hub.indicators import publishing
    from hub.indicators.case_sets import CaseSet
    from hub.indicators.definitions import SatisfactionBase
    from hub.indicators.periods import read_period
    from hub.indicators.questions import IndicatorQuestion

    base = SatisfactionBase(settings().satisfaction_of)

    async def freeze(work: UnitOfWork) -> publishing.PublishedVersion:
        asked = IndicatorQuestion(read_period(period, work.now), CaseSet(), work.now, base)
        return await publishing.publish(work, asked, note)

    found = in_transaction(freeze)
    out.print(f"{found.period} is published as version {found.version}", highlight=False)
    for each in found.changes["counts"]:
        out.print(f"  {each['count']}: {each['before']} -> {each['after']}", highlight=False)
    for each in found.changes["cases"]:
        gained = "".join(f" +{count}" for count in each["gained"])
        lost = "".join(f" -{count}" for count in each["lost"])
        name = each["case_no"] or f"signal {each['signal_id']}"
        out.print(f"  {name}:{gained}{lost}", highlight=False)


@app.command()
def sheet(
    file: Annotated[Path, typer.Argument(help="The score sheet, as YAML.")],
    reason: Annotated[str, typer.Option(help="Why it changes; a dry run needs none.")] = "",
    dry_run: Annotated[bool, typer.Option(help="Show the difference and change nothing.")] = False,
) -> None:
    """Make a new version of a score sheet, or a new sheet."""
    from hub.indicators.scoring import import_sheet

    text = read_file(file).decode("utf-8-sig", "replace")
    report = in_transaction(lambda work: import_sheet(work, text, reason, dry_run=dry_run))
    out.print(report.text(), markup=False, highlight=False)


@app.command()
def rates(
    counts: Annotated[
        list[str], typer.Argument(help="COUNT=NUMBER, such as 受理数=51571 filed=51229.")
    ],
    satisfaction_of: Annotated[
        str, typer.Option(help="What satisfaction is divided by: answered, called_back or closed.")
    ] = "answered",
) -> None:
    """Print each rate that follows from counts, such as those of a published report."""
    from hub.indicators.definitions import (
        RATES,
        Count,
        SatisfactionBase,
        denominator_of,
        find_count,
    )
    from hub.indicators.figures import Figures

    if satisfaction_of not in set(SatisfactionBase):
        fail(f"--satisfaction-of is one of {', '.join(SatisfactionBase)}, not {satisfaction_of}")
    base = SatisfactionBase(satisfaction_of)
    given: dict[Count, int] = {}
    for each in counts:
        name, _, number = each.partition("=")
        count = find_count(name.strip())
        if count is None:
            fail(f"there is no count {name!r}; there are {', '.join(Count)}")
        digits = number.strip().replace(",", "").replace("，", "")
        if not digits.isdecimal():
            fail(f"{each!r} has no whole number; write {name}=NUMBER")
        given[count] = int(digits)
    figures = Figures(given, base)
    for rate, found in RATES.items():
        below = denominator_of(rate, base)
        if found.numerator in given and below in given:
            typer.echo(f"{found.name_zh} {rate} {figures[found.numerator]}/{figures[below]} = "
                       f"{figures.rate(rate)}")  # fmt: skip


def _counts(found: object) -> Table:
    from hub.indicators.definitions import COUNT_NAMES
    from hub.indicators.views import IndicatorsView

    assert isinstance(found, IndicatorsView)
    table = Table("count", "数", found.period.key, "before", "year before")
    for count, (zh, _) in COUNT_NAMES.items():
        earlier = [
            "" if each is None else str(each.figures.counts[count])
            for each in (found.before, found.year_before)
        ]
        table.add_row(count, zh, str(found.figures.counts[count]), *earlier)
    return table


def _rates(found: object) -> Table:
    from hub.indicators.definitions import RATES
    from hub.indicators.views import IndicatorsView

    assert isinstance(found, IndicatorsView)
    table = Table("rate", "率", found.period.key, "before", "year before")
    for rate, each in RATES.items():
        earlier = [
            "" if then is None else then.figures.rates[rate].text
            for then in (found.before, found.year_before)
        ]
        table.add_row(rate, each.name_zh, found.figures.rates[rate].text, *earlier)
    return table


def _ranking(found: object) -> Table:
    from hub.indicators.definitions import Count, RateKey
    from hub.indicators.views import RankingView

    assert isinstance(found, RankingView)
    counts = (Count.FILED, Count.DUE, Count.HANDLED, Count.CLOSED, Count.OVERDUE_UNHANDLED)
    rates = (RateKey.HANDLING_IN_TIME, RateKey.CLOSING_IN_TIME, RateKey.REWORK)
    table = Table(found.by, *counts, *rates)
    lines = [(row.key or "-", row.figures) for row in found.rows] + [("total", found.total)]
    for name, figures in lines:
        table.add_row(
            name,
            *(str(figures.counts[count]) for count in counts),
            *(figures.rates[rate].text for rate in rates),
        )
    return table
