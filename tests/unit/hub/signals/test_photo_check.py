"""Whether a photo shows what was reported."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.catalogue.item import CatalogueItem
from hub.signals.photo_check import Claim, ReportVerdict, SeenObject, claim_of, compare

BROKEN_COVER = Claim(frozenset({"manhole_broken"}), frozenset({"manhole_open"}))
BOX = (0.1, 0.2, 0.3, 0.4)

sightings = st.lists(
    st.builds(
        SeenObject,
        st.sampled_from(
            ["manhole_good", "manhole_broken", "manhole_open", "pothole", "bin_normal", "garbage"]
        ),
        st.floats(0, 1),
        st.booleans(),
        st.just(BOX),
    ),
    max_size=6,
)


def seen(label, score=0.8, is_sure=True, box=BOX):
    return SeenObject(label, score, is_sure, box)


@pytest.mark.parametrize(
    ("shown", "verdict", "decided"),
    [
        ([seen("manhole_broken")], ReportVerdict.AGREES, "manhole_broken"),
        (
            [seen("manhole_good", 0.9), seen("manhole_broken", 0.6)],
            ReportVerdict.AGREES,
            "manhole_broken",
        ),
        ([seen("manhole_good")], ReportVerdict.DISAGREES, "manhole_good"),
        ([seen("manhole_open")], ReportVerdict.DISAGREES, "manhole_open"),
        (
            [seen("manhole_good"), seen("manhole_broken", 0.3, False)],
            ReportVerdict.DISAGREES,
            "manhole_good",
        ),
        ([seen("manhole_good", 0.3, False)], ReportVerdict.UNSURE, "manhole_good"),
        ([seen("manhole_broken", 0.3, False)], ReportVerdict.UNSURE, "manhole_broken"),
        ([seen("pothole")], ReportVerdict.UNSURE, "pothole"),
        ([seen("pothole", 0.2, False)], ReportVerdict.UNSURE, None),
        ([], ReportVerdict.UNSURE, None),
    ],
)
def test_a_report_of_a_broken_cover_is_compared_with_what_is_seen(shown, verdict, decided):
    found, boxes = compare(BROKEN_COVER, shown)

    assert (found, boxes[0].label if boxes else None) == (verdict, decided)


def test_what_no_model_can_see_is_not_refuted_by_a_cover_that_looks_well():
    rattling = Claim(frozenset(), frozenset({"manhole_broken", "manhole_open"}))

    assert compare(rattling, [seen("manhole_good")])[0] is ReportVerdict.UNSURE


def test_of_an_item_without_classes_it_is_still_told_what_is_seen():
    beside = (0.6, 0.6, 0.2, 0.2)
    verdict, boxes = compare(Claim(), [seen("garbage", 0.6, box=beside), seen("pothole", 0.7)])

    assert (verdict, [box.label for box in boxes]) == (ReportVerdict.UNSURE, ["pothole", "garbage"])


def test_at_one_place_only_what_decided_is_shown():
    inside = (0.15, 0.25, 0.2, 0.2)

    _, boxes = compare(
        BROKEN_COVER, [seen("manhole_open", 0.9, box=inside), seen("manhole_broken")]
    )

    assert [box.label for box in boxes] == ["manhole_broken"]


def item(conditions):
    return CatalogueItem.model_validate(
        {
            "item_key": "manhole_cover",
            "title_zh": "井盖",
            "title_en": "Cover",
            "kind": "component",
            "owner_rule": "territory",
            "conditions": [
                {
                    "cond_key": key,
                    "text_zh": key,
                    "text_en": key,
                    "limit_type": "work_day",
                    "limit_value": 1,
                    "detectors": [{"class": label} for label in labels],
                }
                for key, labels in conditions.items()
            ],
        }
    )


def test_a_claim_is_made_of_the_classes_of_the_reported_condition():
    cover = item({"broken": ["manhole_broken"], "open": ["manhole_open"], "rattling": []})

    assert claim_of(cover, cover.condition("broken")) == BROKEN_COVER
    assert claim_of(cover, cover.condition("rattling")).meant == frozenset()
    assert claim_of(cover, None).meant == {"manhole_broken", "manhole_open"}
    assert claim_of(None, None) == Claim()


@given(sightings)
def test_only_what_is_sure_decides(shown):
    verdict, boxes = compare(BROKEN_COVER, shown)

    if verdict is not ReportVerdict.UNSURE:
        assert boxes[0].is_sure
    if any(each.is_sure and each.label == "manhole_broken" for each in shown):
        assert verdict is ReportVerdict.AGREES
    assert all(each.is_sure for each in boxes[1:])
