"""What a person in danger is told of those who come."""

from hub.dispatch.rescue_news import Helper, is_same_news, news_of_helpers

LI = Helper("T-1", "李", accepted=False, distance_m=350.0)
WANG = Helper("T-2", "王", accepted=True, distance_m=204.0)


def test_those_who_come_are_named_before_those_who_were_asked() -> None:
    text = news_of_helpers([LI, WANG])
    assert text.index("王（T-2）正在赶来（约 200 米，步行约 3 分钟）") < text.index(
        "已通知李（T-1）"
    )
    assert "王 (T-2) is on the way (about 200 m, 3 min on foot). 李 (T-1) has been asked." in text


def test_nobody_is_ever_zero_minutes_away() -> None:
    here = Helper("T-2", None, accepted=True, distance_m=0.4)
    assert "T-2正在赶来（约 10 米，步行约 1 分钟）" in news_of_helpers([here])


def test_without_a_known_place_no_way_is_told() -> None:
    text = news_of_helpers([Helper("T-2", "王", accepted=True, distance_m=None)])
    assert "王（T-2）正在赶来。" in text


def test_a_shorter_way_alone_is_no_news() -> None:
    nearer = Helper("T-2", "王", accepted=True, distance_m=100.0)
    assert is_same_news(news_of_helpers([WANG]), news_of_helpers([nearer]))
    assert not is_same_news(news_of_helpers([WANG]), news_of_helpers([LI]))
