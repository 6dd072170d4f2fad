"""Lists of a district as spreadsheet files, for tests."""

import io

import openpyxl

from hub.catalogue.listing import parse_list
from hub.catalogue.unit_book import unit_book

UNITS = [
    ("housing", "住房和城乡建设局", "Housing Bureau"),
    ("water", "水务局", "Water Affairs"),
    ("urban", "城市管理局", "Urban Management"),
    ("power", "供电局", "Power Supply"),
    ("town_a", "城关镇", "Town A"),
    ("town_b", "城关镇", "Town B"),
]
BOOK = unit_book(UNITS, {"属地": "territory", "各产权单位": "study", "建委": "housing"})
HEADER = ["小类代码", "小类名称", "立案条件", "责任单位", "处置时限", "结案条件"]


def xlsx(*rows: list[object], title="部件", merged=()):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = title
    for row in rows:
        sheet.append(list(row))
    for area in merged:
        sheet.merge_cells(area)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def csv(*rows: list[str]):
    return "\r\n".join(",".join(f'"{cell}"' for cell in row) for row in rows)


def read(data, name="list.xlsx", present=(), **options):
    known = {each.item_key: each for each in present}
    return parse_list(data, name, known, BOOK, **options)


def listed(*rows: list[object], **options):
    """A list with a title row and a header in row 2, of components."""
    found = read(xlsx(["沾益区确权清单"], HEADER, *rows, merged=["A1:F1"]), **options)
    assert found.bad == (), found.bad
    return found.items


COVER = ["1", "井盖", "破损", "水务局", "4工作时", "完好"]
