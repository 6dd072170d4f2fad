"""The responsible units: departments, and territories from the district down to the village."""

from typing import Literal

from firmware_sim.district.files import UnitRecord
from firmware_sim.district.names import Name
from firmware_sim.district.territories import Territories

CODE = "530303"
DISTRICT_NAME = Name("沾益区（模拟）", "Zhanyi District (simulated)")
DISTRICT_UNIT = f"district_{CODE}"

DEPARTMENTS: dict[str, Name] = {
    "housing_bureau": Name("住房和城乡建设局", "Housing and Construction Bureau"),
    "urban_management": Name("城市管理局", "Urban Management Bureau"),
    "sanitation": Name("环境卫生管理站", "Environmental Sanitation Station"),
    "water_affairs": Name("水务局", "Water Affairs Bureau"),
    "power_supply": Name("供电局", "Power Supply Bureau"),
    "telecom": Name("通信管理办公室", "Telecommunications Office"),
    "gas": Name("燃气公司", "Gas Company"),
    "public_security": Name("公安分局", "Public Security Sub-bureau"),
    "traffic_police": Name("交警大队", "Traffic Police Brigade"),
    "emergency": Name("应急管理局", "Emergency Management Bureau"),
    "transport": Name("交通运输局", "Transport Bureau"),
    "natural_resources": Name("自然资源局", "Natural Resources Bureau"),
    "ecology": Name("生态环境分局", "Ecology and Environment Sub-bureau"),
    "civil_affairs": Name("民政局", "Civil Affairs Bureau"),
    "health": Name("卫生健康局", "Health Bureau"),
    "education": Name("教育体育局", "Education and Sports Bureau"),
    "agriculture": Name("农业农村局", "Agriculture and Rural Affairs Bureau"),
    "forestry": Name("林业和草原局", "Forestry and Grassland Bureau"),
    "market": Name("市场监督管理局", "Market Supervision Bureau"),
    "labour": Name("人力资源和社会保障局", "Human Resources and Social Security Bureau"),
    "justice": Name("司法局", "Justice Bureau"),
    "petition": Name("信访局", "Petition Bureau"),
    "fire_rescue": Name("消防救援大队", "Fire and Rescue Brigade"),
}


Level = Literal["district", "township", "village"]


def unit_records(territories: Territories) -> tuple[UnitRecord, ...]:
    """Departments first, then territories from the district down."""
    departments = [
        UnitRecord(
            unit_key=key,
            kind="department",
            level=None,
            name_zh=name.zh,
            name_en=name.en,
            parent=None,
        )
        for key, name in DEPARTMENTS.items()
    ]
    district = _territory(DISTRICT_UNIT, "district", DISTRICT_NAME, None)
    towns = [
        _territory(town.unit_key, "township", town.name, DISTRICT_UNIT)
        for town in territories.towns
    ]
    villages = [
        _territory(
            village.unit_key, "village", village.name, territories.towns[village.town].unit_key
        )
        for village in territories.villages
    ]
    return (*departments, district, *towns, *villages)


def _territory(unit_key: str, level: Level, name: Name, parent: str | None) -> UnitRecord:
    return UnitRecord(
        unit_key=unit_key,
        kind="territory",
        level=level,
        name_zh=name.zh,
        name_en=name.en,
        parent=parent,
    )
