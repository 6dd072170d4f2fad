from collections import Counter
from random import Random

from hub.catalogue.commands import STARTER
from hub.catalogue.listing import parse_yaml
from hub.rehearsal.course import Diligence, draw_course
from hub.rehearsal.matter import MATTERS, Way, draw_matter, draw_way


def test_every_matter_is_a_condition_of_the_starter_catalogue():
    items = {item.item_key: item for item in parse_yaml(STARTER.read_text("utf-8")).items}
    for matter in MATTERS:
        condition = items[matter.item_key].condition(matter.cond_key)
        assert condition is not None, matter
        labels = {detector.label for detector in condition.detectors}
        assert matter.label is None or matter.label in labels, matter


def test_matters_are_drawn_by_their_weight():
    drawn = Counter(draw_matter(Random(seed)).cond_key for seed in range(3000))
    broken = next(each for each in MATTERS if each.cond_key == "broken")
    share = broken.weight / sum(each.weight for each in MATTERS)
    assert abs(drawn["broken"] / 3000 - share) < 0.04


def test_a_matter_comes_in_only_by_its_own_ways():
    disputes = [each for each in MATTERS if each.cond_key == "dispute"]
    assert {draw_way(Random(seed), each) for seed in range(50) for each in disputes} == {Way.SEAT}


def test_the_same_seed_draws_the_same_course_and_a_strict_district_is_more_diligent():
    assert draw_course(Random(7)) == draw_course(Random(7))
    prompt = {
        strictness: sum(
            draw_course(Random(seed), strictness).diligence is Diligence.PROMPT
            for seed in range(500)
        )
        for strictness in (-0.5, 0.5)
    }
    assert prompt[0.5] > prompt[-0.5]
