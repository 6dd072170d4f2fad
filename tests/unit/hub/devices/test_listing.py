import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.devices.listing import COLUMNS, RegistryRow, decode_listing, read_listing, write_listing
from hub.devices.registry import misplaced
from hub.errors import InvalidInput
from wire.topics import Kind

HEADER = ",".join(COLUMNS)
TERMINAL = RegistryRow(
    device_id="T-0001",
    kind=Kind.TERMINAL,
    name_zh="终端 0001",
    name_en="Terminal 0001",
    unit_key="village_001",
    holder="网格员 0001",
    capabilities=("video", "talk"),
    place=(103.82, 25.6),
    gb28181_id="53030300001380000001",
)
BAD_LINES = """\
device_id,kind,name_zh,name_en,capabilities,lon,lat,gb28181_id
T-1,terminals,终端,Terminal,video talk,103.8,25.6,
T 2,terminals,终端,Terminal,,,,
T-3,lamps,终端,,,,,
T-4,terminals,终端,Terminal,fly,,,
T-5,terminals,终端,Terminal,,103.8,,
T-6,terminals,终端,Terminal,,103.8,95,
T-7,terminals,终端,Terminal,,,,5303
T-1,terminals,终端,Terminal,,,,
T-8,terminals,终端
T-9,terminals,终端,Terminal,,,,,more
C-1,cameras,摄像头,Camera,,,,53030300002150000001
"""
EDGE = RegistryRow(
    device_id="E-01", kind=Kind.EDGE, name_zh="边缘", name_en="Edge", cameras=("C-1", "C-2")
)


def reasons(text: str, known: dict[str, RegistryRow] | None = None) -> dict[int, str]:
    return {bad.line: bad.reason for bad in read_listing(text, known or {}).bad}


_names = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=20).filter(
    lambda text: text == text.strip() and not text.startswith("'")
)


@settings(deadline=None)
@given(name=_names, holder=st.none() | _names)
def test_what_is_written_is_read_again_as_it_was(name: str, holder: str | None) -> None:
    rows = [EDGE, TERMINAL.model_copy(update={"name_zh": name, "holder": holder})]
    assert list(read_listing(write_listing(rows), {}).rows.values()) == rows


def test_no_cell_is_a_formula_for_a_spreadsheet() -> None:
    sly = TERMINAL.model_copy(update={"holder": '=HYPERLINK("x")'})
    text = write_listing([sly])
    assert ",\"'=HYPERLINK" in text
    assert read_listing(text, {}).rows[2] == sly


def test_every_bad_line_is_named_with_its_reasons_and_the_good_ones_are_kept() -> None:
    listing = read_listing(BAD_LINES, {})
    assert [row.device_id for row in listing.rows.values()] == ["T-1"]
    found = {bad.line: bad.reason for bad in listing.bad}
    assert sorted(found) == list(range(3, 13))
    assert "device_id" in found[3]
    assert "kind" in found[4]
    assert "name_en: must not be empty" in found[4]
    assert "no terminal has fly; known are photo, talk, video" in found[5]
    assert "lon and lat go together" in found[6]
    assert found[7].startswith("lat: ")
    assert "gb28181_id: a GB/T 28181 id has 20 digits" in found[8]
    assert "T-1 is already in line 2" in found[9]
    assert "fewer cells" in found[10]
    assert "more cells" in found[11]
    assert "type 215" in found[12]
    assert "business group" in found[12]


def test_a_column_that_is_left_out_leaves_what_is_known_and_an_empty_cell_takes_it_away() -> None:
    known = {TERMINAL.device_id: TERMINAL}
    (row,) = read_listing("device_id,holder\nT-0001,网格员 0002\n", known).rows.values()
    assert row == TERMINAL.model_copy(update={"holder": "网格员 0002"})
    (row,) = read_listing("device_id,holder,lon,lat\nT-0001,,,\n", known).rows.values()
    assert (row.holder, row.place, row.unit_key) == (None, None, "village_001")


def test_a_new_device_has_to_say_what_it_is() -> None:
    assert "kind: Field required" in reasons("device_id\nT-1\n")[2]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "among them device_id"),
        ("name_zh,kind\n", "among them device_id"),
        ("device_id,colour\n", "unknown columns colour"),
        ("device_id,kind,kind\n", "twice"),
    ],
)
def test_a_file_that_is_no_registry_is_refused_whole(text: str, reason: str) -> None:
    with pytest.raises(InvalidInput, match=reason):
        read_listing(text, {})


def test_a_broken_quotation_is_named_and_ends_the_reading() -> None:
    found = reasons('device_id,kind,name_zh,name_en\n"T-1" x,terminals,a,b\n')
    assert "the file is not CSV from here on" in found[2]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_spreadsheet_s_encodings_are_understood(encoding: str) -> None:
    assert decode_listing("网格员 0001".encode(encoding)) == "网格员 0001"


def test_bytes_that_are_no_text_are_refused() -> None:
    with pytest.raises(InvalidInput, match="GB 18030"):
        decode_listing(b"\xff\xff\xff")


def test_lines_that_do_not_fit_to_the_rest_are_named() -> None:
    known = {TERMINAL.device_id: TERMINAL}
    camera = RegistryRow(device_id="C-1", kind=Kind.CAMERA, name_zh="", name_en="")
    rows = {
        2: TERMINAL.model_copy(update={"kind": Kind.CAMERA, "unit_key": "nowhere"}),
        3: EDGE,
        4: camera.model_copy(update={"gb28181_id": TERMINAL.gb28181_id}),
    }
    found = {bad.line: bad.reason for bad in misplaced(rows, known, {"village_001"})}
    assert found[2] == (
        "kind: it is already registered under terminals; unit_key: there is no unit nowhere; "
        "gb28181_id: C-1 already has 53030300001380000001"
    )
    assert found[3] == "cameras: there is no camera C-2"
    assert "T-0001 already has" in found[4]
