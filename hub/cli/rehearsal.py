"""Play days in a district that has no cases yet."""

from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer

from hub.cli import running
from hub.cli.running import out

Days = Annotated[int, typer.Option(min=1, max=366, help="Days to play, up to --until.")]
Photos = Annotated[
    Path, typer.Option(help="Folder of photos, as `python -m firmware_sim photos` draws them.")
]
Seed = Annotated[int, typer.Option(help="The same seed and end give the same days.")]
Until = Annotated[
    datetime | None, typer.Option(help="The end, in local time; default: now.", show_default=False)
]
Matters = Annotated[float, typer.Option(min=0.1, max=200, help="Matters on an ordinary workday.")]


def rehearse(
    photos: Photos, days: Days = 90, seed: Seed = 7, until: Until = None, matters: Matters = 9.0
) -> None:
    """Fill an empty district with days of simulated work, to show or to practise.

    Everything goes through the same rules as real work: signals, routing, deadlines, journal. It
    refuses a district that has cases.
    """
    from hub.cases.repair_judge import ModelJudge
    from hub.clock import TIMEZONE, now
    from hub.db import open_hasty_pool
    from hub.evidence import open_evidence
    from hub.evidence.photo_model import open_photo_model
    from hub.rehearsal.commands import rehearse as play
    from hub.rehearsal.play import PlayedDays, RehearsalPlan

    settings = running.settings()
    end = now() if until is None else until.replace(tzinfo=TIMEZONE)

    def on_day(day: date) -> None:
        if day.day in (1, 11, 21):
            out.print(f"{day:%Y-%m-%d}", highlight=False)

    async def played() -> PlayedDays:
        judge = ModelJudge(open_photo_model(settings.model_dir))
        url = running.secret(settings.database_url)
        async with open_hasty_pool(url, name="rehearsal") as pool:
            evidence = open_evidence(settings.evidence_url)
            plan = RehearsalPlan(days, end, seed, matters)
            return await play(pool, plan, photos, evidence, judge, on_day)

    result = running.run(played())
    out.print(
        f"{days} days: {result.matters} matters came in, {result.steps} steps were taken, "
        f"{result.refused} refused",
        highlight=False,
    )
