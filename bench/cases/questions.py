"""What a person asks the API for: indicators, the queue, and lists in every way."""

from hub.accounts.scope import Scope

INDICATORS = {
    "year": "/api/indicators?period=2025",
    "month": "/api/indicators?period=2025-{month:02}",
    "week": "/api/indicators?period=2025-W{week:02}",
    "days": "/api/indicators?period=2025-01-02..2025-12-{day:02}",
    "year of a unit": "/api/indicators?period=2025&unit=bureau_{bureau}",
    "year of a township": "/api/indicators?period=2025&territory=town_{town}",
    "year of an item": "/api/indicators?period=2025&item=item_{item}",
    "year of an item and severity": "/api/indicators?period=2025&item=item_{item}&severity=mid",
    "ranking of units": "/api/indicators/ranking?period=2025&by=unit",
    "ranking of townships": "/api/indicators/ranking?period=2025&by=township",
    "ranking of items": "/api/indicators/ranking?period=2025&by=item",
    "ranking of sources": "/api/indicators/ranking?period=2025&by=source",
    "ranking of severities": "/api/indicators/ranking?period=2025&by=severity",
    "ranking of reporters": "/api/indicators/ranking?period=2025&by=reporter",
    "ranking of a unit's items": "/api/indicators/ranking?period=2025&by=item&unit=bureau_{bureau}",
    "trend": "/api/indicators/trend?period=2025",
    "trend of a unit": "/api/indicators/trend?period=2025&unit=bureau_{bureau}",
    "trend of a month": "/api/indicators/trend?period=2025-{month:02}",
    "cases behind a number": "/api/indicators/cases?period=2025&count=overdue_unhandled",
    "cases behind the greatest number": "/api/indicators/cases?period=2025&count=received",
}
SCOPED_INDICATORS = {
    name: INDICATORS[name]
    for name in (
        "year",
        "month",
        "trend",
        "ranking of units",
        "ranking of items",
        "cases behind a number",
    )
}
"""What somebody asks whose account sees a part of the cases."""

_NARROWED = {
    "all": "",
    "of a unit": "unit=bureau_{bureau}",
    "of a township": "township=town_{town}",
    "of a severity": "severity=high",
    "of a state": "state=ROUTED&state=CLOSED&limit=100",
    "overdue": "overdue=true",
    "in time": "overdue=false",
    "due until": "due_until=2025-{month:02}-15",
    "filed in days": "filed_from=2025-12-{month:02}&filed_to=2025-12-28",
    "filed until": "filed_to=2025-{month:02}-20",
    "of an item": "item=item_{item}",
    "of a source": "source=terminal",
    "of a rare source": "source=sensor",
    "recurring": "recurrence=true",
    "of an owner": "owner=bench",
    "of nobody": "owner=-",
    "to void": "void_asked=true",
    "by deadline": "sort=deadline",
    "by latest deadline": "sort=deadline&descending=true",
    "by filing": "sort=filed&descending=true",
    "by severity": "sort=severity&descending=true",
    "by unit": "sort=unit",
    "narrowed and sorted": "sort=filed&descending=true&severity=low&township=town_{town}",
    "page of 200": "limit=200",
    "deep page": "offset=10000",
    "deep page by filing": "sort=filed&offset=9000",
    "word that all have": "q=路面",
    "character that all have": "q=路",
    "word that none has": "q=没有",
    "number": "q=2025123{digit}",
    "road": "q=第{item}大道",
    "part": "q={item}号井盖",
    "item by name": "q=事项{bureau}",
    "unit by name": "q=部门{bureau}",
    "holder": "q=王{item}",
    "surname of holders": "q=王",
    "two words": "q=路面 部门{bureau}",
}
_STATES = {"open": "open=true", "ended": "open=false", "all": ""}
LISTS = {
    f"{state}, {name}": f"/api/cases?{opened}&{asked}"
    for state, opened in _STATES.items()
    for name, asked in _NARROWED.items()
}
"""Everything that a list can be asked for, of the open cases, the ended ones, and all."""

_SCOPES_ASK = (
    "all",
    "of a severity",
    "overdue",
    "filed in days",
    "of a source",
    "by filing",
    "by unit",
    "deep page",
    "word that all have",
    "surname of holders",
)
SCOPED = {
    f"{state}, {name}": LISTS[f"{state}, {name}"] for state in _STATES for name in _SCOPES_ASK
}
"""What somebody asks whose account sees a part of the cases."""

SCOPES = {
    "unit": Scope.of_unit("bureau_3"),
    "territory": Scope.of_territory(
        "town_3", *[f"village_{n}" for n in range(1, 136) if n % 14 == 2]
    ),
}
