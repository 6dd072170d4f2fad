"""Place names: plausible for eastern Yunnan, invented, each in Chinese and in pinyin."""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random


@dataclass(frozen=True)
class Name:
    zh: str
    en: str


TOWNS = (
    Name("玉林街道", "Yulin Subdistrict"),
    Name("望江街道", "Wangjiang Subdistrict"),
    Name("松林街道", "Songlin Subdistrict"),
    Name("清源街道", "Qingyuan Subdistrict"),
    Name("白石镇", "Baishi Town"),
    Name("菱花镇", "Linghua Town"),
    Name("盘溪镇", "Panxi Town"),
    Name("大坪乡", "Daping Township"),
    Name("德新乡", "Dexin Township"),
    Name("播云乡", "Boyun Township"),
    Name("炎山乡", "Yanshan Township"),
)

_FIRST = (
    "大 Da,小 Xiao,上 Shang,下 Xia,新 Xin,老 Lao,东 Dong,西 Xi,南 Nan,北 Bei,前 Qian,后 Hou,"
    "高 Gao,长 Chang,白 Bai,黑 Hei,红 Hong,黄 Huang,青 Qing,金 Jin,石 Shi,松 Song,竹 Zhu,柳 Liu,"
    "桃 Tao,梨 Li,荷 He,龙 Long,凤 Feng,马 Ma,羊 Yang,牛 Niu,花 Hua,麦 Mai,棠 Tang"
)
_LAST = (
    "坡 po,河 he,屯 tun,营 ying,湾 wan,坝 ba,箐 qing,冲 chong,海 hai,田 tian,桥 qiao,山 shan,"
    "塘 tang,井 jing,沟 gou,哨 shao,寨 zhai,坪 ping,岩 yan,泉 quan,林 lin"
)

STREETS = (
    Name("文化路", "Wenhua Road"),
    Name("建设路", "Jianshe Road"),
    Name("青年路", "Qingnian Road"),
    Name("新华路", "Xinhua Road"),
    Name("育才街", "Yucai Street"),
    Name("振兴街", "Zhenxing Street"),
    Name("桃源路", "Taoyuan Road"),
    Name("望江路", "Wangjiang Road"),
    Name("翠峰路", "Cuifeng Road"),
    Name("和平街", "Heping Street"),
    Name("友谊路", "Youyi Road"),
    Name("学府路", "Xuefu Road"),
    Name("南苑路", "Nanyuan Road"),
    Name("北苑路", "Beiyuan Road"),
    Name("春晓街", "Chunxiao Street"),
    Name("长安街", "Chang'an Street"),
    Name("富康路", "Fukang Road"),
    Name("西湖路", "Xihu Road"),
    Name("兴农路", "Xingnong Road"),
    Name("工业路", "Gongye Road"),
    Name("迎宾路", "Yingbin Road"),
    Name("花园街", "Huayuan Street"),
    Name("书院巷", "Shuyuan Lane"),
    Name("水井巷", "Shuijing Lane"),
    Name("老街", "Laojie Street"),
    Name("盐市街", "Yanshi Street"),
    Name("马坊巷", "Mafang Lane"),
    Name("槐树街", "Huaishu Street"),
    Name("锦绣路", "Jinxiu Road"),
    Name("阳光路", "Yangguang Road"),
)

NORTH_ROAD = Name("玉林北路", "Yulin North Road")
SOUTH_ROAD = Name("玉林南路", "Yulin South Road")
EAST_ROAD = Name("人民东路", "Renmin East Road")
WEST_ROAD = Name("人民西路", "Renmin West Road")
RING_ROAD = Name("环城路", "Ring Road")
EXPRESSWAY = Name("云岭高速", "Yunling Expressway")


def villages(rng: Random, urban: list[bool]) -> list[Name]:
    """One name for each village, no two alike; those in town are communities."""
    pairs = [
        (first.split(), last.split()) for first in _FIRST.split(",") for last in _LAST.split(",")
    ]
    rng.shuffle(pairs)
    unused = _distinct(pairs)
    names = []
    for number, in_town in enumerate(urban):
        stem = next(unused, Name(f"第{number + 1}", f"No. {number + 1}"))
        zh, en = ("社区", "Community") if in_town else ("村", "Village")
        names.append(Name(f"{stem.zh}{zh}", f"{stem.en} {en}"))
    return names


def _distinct(pairs: list[tuple[list[str], list[str]]]) -> Iterator[Name]:
    seen: set[str] = set()
    for (zh_first, en_first), (zh_last, en_last) in pairs:
        en = en_first + en_last
        if en not in seen and zh_first != zh_last:
            seen.add(en)
            yield Name(zh_first + zh_last, en)


def streets() -> Iterator[Name]:
    """Street names for the town, numbered onwards when the list is used up."""
    yield from STREETS
    number = 1
    while True:
        yield Name(f"支{number}路", f"Branch Road {number}")
        number += 1
