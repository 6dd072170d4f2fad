"""Limits as real lists write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.catalogue.limit_text import (
    UnreadableLimit,
    WrittenLimit,
    limit_code,
    limit_words,
    read_limits,
)
from hub.deadlines import Limit, LimitType

URGENT, HOURS = LimitType.URGENT_HOUR, LimitType.WORK_HOUR
DAYS, NATURAL, MINUTES = LimitType.WORK_DAY, LimitType.NATURAL_DAY, LimitType.URGENT_MINUTE


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("2天", NATURAL, 2),
        ("4工作时", HOURS, 4),
        ("2紧急工作时", URGENT, 2),
        ("半天", NATURAL, 0.5),
        ("7个工作日", DAYS, 7),
        ("24小时", URGENT, 24),
        ("15分钟", MINUTES, 15),
        ("5 个工作日", DAYS, 5),
        ("５工作日", DAYS, 5),
        ("15个\n工作日", DAYS, 15),
        ("1.5工作日", DAYS, 1.5),
        ("三个工作日", DAYS, 3),
        ("十五个工作日", DAYS, 15),
        ("两天", NATURAL, 2),
        ("二十四小时", URGENT, 24),
        ("一百二十天", NATURAL, 120),
        ("2天内", NATURAL, 2),
        ("2个工作日以内办结", DAYS, 2),
        ("不超过3个自然日", NATURAL, 3),
        ("处置时限：4工作小时", HOURS, 4),
        ("2 work_day", DAYS, 2),
        ("4 working hours", HOURS, 4),
        ("15 urgent_minute", MINUTES, 15),
    ],
)
def test_a_limit_is_read_as_it_is_written(text, kind, value):
    assert read_limits(text) == (WrittenLimit(Limit(kind, value)),)


@pytest.mark.parametrize(
    ("text", "limit", "note", "action"),
    [
        ("1紧急工作时制止", Limit(URGENT, 1), "", "制止"),
        ("种植季节15工作日", Limit(DAYS, 15), "种植季节", ""),
        ("种植季节\n15工作日", Limit(DAYS, 15), "种植季节", ""),
        ("5工作日（雨天顺延）", Limit(DAYS, 5), "雨天顺延", ""),
        ("2紧急工作时内修复", Limit(URGENT, 2), "", "修复"),
        ("1紧急工作时制止，现场清理", Limit(URGENT, 1), "", "制止，现场清理"),
    ],
)
def test_the_words_around_a_limit_are_kept(text, limit, note, action):
    assert read_limits(text) == (WrittenLimit(limit, note, action),)


@pytest.mark.parametrize(
    "text",
    [
        "3紧急工作时围挡；8紧急工作时修复；5个工作日恢复路面",
        "3紧急工作时围挡\n8紧急工作时修复\n5个工作日恢复路面",
        "围挡：3紧急工作时，修复：8紧急工作时，恢复路面：5个工作日",
        "3紧急工作时围挡 → 8紧急工作时修复 → 5个工作日恢复路面",
    ],
)
def test_several_limits_with_words_are_steps(text):
    steps = read_limits(text)

    assert [(each.limit, each.words) for each in steps] == [
        (Limit(URGENT, 3), "围挡"),
        (Limit(URGENT, 8), "修复"),
        (Limit(DAYS, 5), "恢复路面"),
    ]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "no limit"),
        ("立即", "is no limit"),
        ("尽快处理", "is no limit"),
        ("2", "is no limit"),
        ("2-3天", "not one limit"),
        ("2至3天", "not one limit"),
        ("1个半小时", "not one limit"),
        ("一天半", "not one limit"),
        ("7x24小时", "not one limit"),
        ("1个月", "is no limit"),
        ("-2天", "not one limit"),
        ("0天", "more than 0"),
        ("9999工作日", "at most 3660"),
        ("一二天", "is no number"),
        ("3紧急工作时5工作日", "two limits"),
        ("3紧急工作时；5工作日", "no words for its step"),
        ("种植季节15工作日；非种植季节30工作日", "give each a row"),
        ("一般5工作日，特殊情况10工作日", "give each a row"),
        ("工作日2小时，非工作日4小时", "give each a row"),
        ("超过2天", "no longest time"),
        ("2天以上", "no longest time"),
        ("约2天", "no longest time"),
        ("2天后", "no longest time"),
        ("每2天", "no longest time"),
        ("工作时间2小时", "no longest time"),
        (".5天", "no longest time"),
    ],
)
def test_what_is_no_limit_is_refused_with_the_reason(text, complaint):
    with pytest.raises(UnreadableLimit, match=complaint):
        read_limits(text)


limits = st.builds(
    Limit,
    st.sampled_from(LimitType),
    st.one_of(st.integers(1, 3660), st.floats(0.01, 3660).map(lambda each: round(each, 4))),
)


@given(limits)
def test_a_limit_in_words_is_read_back(limit):
    for words in (limit_words(limit), limit_code(limit)):
        ((read,),) = (read_limits(words),)
        assert read == WrittenLimit(limit)
