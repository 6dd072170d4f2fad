"""The catalogue as a file, and read back from it."""

from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hub.catalogue.commands import STARTER
from hub.catalogue.exporting import ListFormat, exported
from hub.catalogue.item import CatalogueItem
from hub.catalogue.listing import parse_list, parse_yaml
from hub.catalogue.unit_book import unit_book
from hub.deadlines import LimitType, Policy

BOOK = unit_book(
    [("housing", "住建局", "Housing"), ("water", "水务局", "Water")], {}, ["not_registered"]
)
FORMS = [(form, chinese) for form in ListFormat for chinese in (True, False)]


def read_back(items, form, *, chinese, book=BOOK, present=()):
    data = exported(items, form, book, chinese=chinese)
    return parse_list(data, f"list.{form}", {each.item_key: each for each in present}, book)


@pytest.mark.parametrize(("form", "chinese"), FORMS)
def test_the_starter_is_read_back_without_a_change(form, chinese):
    items = parse_yaml(STARTER.read_text("utf-8")).items
    used = {key for each in items for key in (each.lead_unit, *each.assist_units) if key}
    book = unit_book([("housing_bureau", "住建局", "Housing")], {}, sorted(used))

    for present in ((), items):
        found = read_back(items, form, chinese=chinese, book=book, present=present)
        assert (found.items, found.bad) == (items, ())


words = st.text("井盖破损路灯ab", min_size=1, max_size=8)
keys = st.from_regex(r"[a-z][a-z0-9_]{0,9}", fullmatch=True)
units = st.sampled_from(["housing", "water", "not_registered"])


@st.composite
def timed(draw):
    kind = draw(st.sampled_from(LimitType))
    whole = kind in (LimitType.WORK_DAY, LimitType.NATURAL_DAY)
    value = draw(st.integers(1, 90) | st.sampled_from([0.5, 1.25, 2.75]))
    end_of_day = whole and isinstance(value, int) and draw(st.booleans())
    return {
        "limit_type": kind,
        "limit_value": value,
        "policy": Policy.END_OF_DAY_FROM_NEXT if end_of_day else Policy.ACCUMULATE,
        "limit_note": draw(st.none() | words),
        "close_condition": draw(st.none() | words),
    }


@st.composite
def steps(draw):
    names = draw(st.lists(keys, min_size=1, max_size=3, unique=True))
    texts = draw(st.lists(words, min_size=len(names), max_size=len(names), unique=True))
    return [
        {"step_key": name, "text_zh": text, "text_en": draw(words)} | draw(timed())
        for name, text in zip(names, texts, strict=True)
    ]


detectors = st.lists(
    st.fixed_dictionaries(
        {
            "class": st.from_regex(r"[a-z][a-z0-9_.-]{0,9}", fullmatch=True),
            "min_score": st.sampled_from([0, 0.25, 0.9, 1]),
            "min_hits": st.integers(1, 9),
            "window_s": st.sampled_from([0.5, 60, 3600]),
        }
    ),
    max_size=2,
)


@st.composite
def conditions(draw):
    severity = draw(st.sampled_from(["low", "mid", "high"]))
    grave = severity == "high"
    own = {
        "severity": severity,
        "pass_score": None if grave else draw(st.sampled_from([None, 0.5, 0.9, 1])),
        "pass_cleared": False if grave else draw(st.booleans()),
        "evidence_required": draw(st.sampled_from([[], ["photo"], ["photo", "plan"]])),
        "detectors": draw(detectors),
    }
    if draw(st.booleans()):
        staged = draw(timed())
        kept = {name: staged[name] for name in ("limit_note", "close_condition")}
        return own | kept | {"steps": draw(steps())}
    return own | draw(timed())


@st.composite
def items(draw):
    names = draw(st.lists(keys, min_size=1, max_size=3, unique=True))
    texts = draw(st.lists(words, min_size=len(names), max_size=len(names), unique=True))
    begins = draw(st.none() | st.dates(date(2025, 1, 1), date(2026, 1, 1)))
    body = {
        "item_key": draw(keys),
        "title_zh": draw(words),
        "title_en": draw(words),
        "kind": draw(st.sampled_from(["component", "event", "dispute", "hazard", "service"])),
        "std_codes": draw(
            st.lists(
                st.fixed_dictionaries(
                    {
                        "edition": st.sampled_from(["GB/T 30428.2", "local"]),
                        "code": st.sampled_from(["01", "0103", "A-1"]),
                        "verified": st.sampled_from(["community-verified", "local"]),
                    }
                ),
                max_size=2,
            )
        ),
        "routing_mode": draw(st.sampled_from(["direct", "joint"])),
        "lead_unit": draw(units),
        "assist_units": draw(st.lists(units, max_size=2, unique=True)),
        "territory_level": draw(st.sampled_from(["district", "township", "village"])),
        "owner_rule": draw(st.sampled_from(["asset_owner", "territory", "fixed", "study"])),
        "asset_types": ["manhole", "lamp"],
        "legal_basis": draw(st.none() | words),
        "dedup": {"radius_m": draw(st.sampled_from([0.5, 8, 100])), "window_h": 72},
        "verify_before_filing": draw(st.booleans()),
        "callback_required": draw(st.booleans()),
        "points": draw(st.integers(0, 9)),
        "effective_from": begins,
        "effective_to": begins and draw(st.none() | st.just(date(2026, 12, 31))),
        "approved_by": draw(st.none() | words),
        "conditions": [
            {"cond_key": name, "text_zh": text, "text_en": draw(words)} | draw(conditions())
            for name, text in zip(names, texts, strict=True)
        ],
    }
    return CatalogueItem.model_validate(body)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(item=items(), form=st.sampled_from(FORMS))
def test_any_item_is_read_back_without_a_change(item, form):
    kind, chinese = form

    for present in ((), (item,)):
        found = read_back([item], kind, chinese=chinese, present=present)
        assert (found.bad, found.items) == ((), (item,))


def test_a_text_that_a_program_would_take_for_a_formula_is_read_back():
    (starter, *_) = parse_yaml(STARTER.read_text("utf-8")).items
    item = starter.model_copy(
        update={"legal_basis": "=1+1", "approved_by": "+86", "title_en": "-x"}
    )

    for form, chinese in FORMS:
        assert read_back([item], form, chinese=chinese).items == (item,)
