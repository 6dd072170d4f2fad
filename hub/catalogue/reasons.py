"""The reasons of a routing: a code, a sentence in both languages, and the facts of each."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from hub.catalogue.ruling import Ruling

Fact = str | float | int | None


@dataclass(frozen=True, slots=True)
class RoutingReason:
    """One step of a routing, for people (`text_zh`, `text_en`) and for programs (`code`, `facts`)."""

    code: str
    text_zh: str
    text_en: str
    facts: dict[str, Fact] = field(default_factory=dict)


def asset_found(asset_id: str, distance: float, error_m: float, zh: str, en: str) -> RoutingReason:
    return RoutingReason(
        "asset_within_reach",
        f"距案发位置 {distance:.0f} 米有部件 {asset_id}，权属单位：{zh}（定位误差 {error_m:.0f} 米）",
        f"Asset {asset_id} lies {distance:.0f} m away and belongs to {en}"
        f" (error radius {error_m:.0f} m)",
        {"asset_id": asset_id, "distance_m": round(distance, 1), "error_m": round(error_m, 1)},
    )


def owners_unclear(first: str, second: str, share: float) -> RoutingReason:
    return RoutingReason(
        "owners_unclear",
        f"误差范围内有不同权属的部件：{first}、{second}",
        f"Within the error radius lie assets of different owners: {first}, {second}",
        {"first_asset": first, "second_asset": second, "share": round(share, 2)},
    )


def ownerless(asset_id: str) -> RoutingReason:
    return RoutingReason(
        "asset_without_owner",
        f"部件 {asset_id} 未登记权属单位",
        f"Asset {asset_id} has no registered owner",
        {"asset_id": asset_id},
    )


def no_asset(reach_m: float) -> RoutingReason:
    return RoutingReason(
        "no_asset_within_reach",
        f"{reach_m:.0f} 米范围内无已登记的同类部件",
        f"No registered asset of this kind within {reach_m:.0f} m",
        {"reach_m": round(reach_m, 1)},
    )


def repaired_before(case_no: str, distance: float, zh: str, en: str) -> RoutingReason:
    return RoutingReason(
        "repair_history",
        f"{zh}曾在相距 {distance:.0f} 米处办结同类案件 {case_no}",
        f"{en} closed case {case_no} of this kind {distance:.0f} m away",
        {"case_no": case_no, "distance_m": round(distance, 1)},
    )


def fixed_unit(unit_key: str, zh: str, en: str) -> RoutingReason:
    return RoutingReason(
        "fixed_unit",
        f"按确权清单由{zh}负责",
        f"The catalogue names {en}",
        {"unit_key": unit_key},
    )


def in_territory(unit_key: str, zh: str, en: str) -> RoutingReason:
    return RoutingReason(
        "territory", f"案发位置属于{zh}", f"The place lies in {en}", {"unit_key": unit_key}
    )


def outside_territories() -> RoutingReason:
    return RoutingReason(
        "outside_territories",
        "案发位置不在任何属地范围内",
        "The place is outside all territories",
    )


def unknown_unit(unit_key: str) -> RoutingReason:
    return RoutingReason(
        "unit_unknown",
        f"单位 {unit_key} 未登记，已略过",
        f"Unit {unit_key} is not registered and was skipped",
        {"unit_key": unit_key},
    )


def joint_handling(members: Sequence[tuple[str, str]]) -> RoutingReason:
    """`members` are the names of the units, Chinese and English; the first leads."""
    (lead_zh, lead_en), *others = members
    return RoutingReason(
        "joint_handling",
        f"属地与有权部门联合处置：{lead_zh}牵头，{'、'.join(zh for zh, _ in others)}协办",
        "Handled jointly by the territory and the competent departments:"
        f" {lead_en} leads, {', '.join(en for _, en in others)} assist",
        {"units": len(members)},
    )


def joint_without_territory() -> RoutingReason:
    return RoutingReason(
        "joint_without_territory",
        "联合处置须有属地，而案发位置不在任何属地范围内",
        "It is to be handled jointly with the territory, but the place is outside all territories",
    )


def joint_without_department() -> RoutingReason:
    return RoutingReason(
        "joint_without_department",
        "联合处置须有有权部门，而确权清单未列出已登记的部门",
        "It is to be handled jointly, but the catalogue names no registered department",
    )


def ruled(ruling: Ruling, lead: tuple[str, str], scope: tuple[str, str]) -> RoutingReason:
    """`lead` and `scope` are in Chinese and English."""
    return RoutingReason(
        "joint_ruling",
        f"按 {ruling.decided_on.isoformat()} 案件 {ruling.case_no} 的联合研判裁定（{scope[0]}）"
        f"由{lead[0]}负责；依据：{ruling.basis}",
        f"The joint study of case {ruling.case_no} ruled on {ruling.decided_on.isoformat()}"
        f" ({scope[1]}) that {lead[1]} is responsible; basis: {ruling.basis}",
        {
            "ruling_no": ruling.ruling_no,
            "case_no": ruling.case_no,
            "decided_on": ruling.decided_on.isoformat(),
            "basis": ruling.basis,
            "lead_unit": ruling.lead_unit,
        },
    )


def ruled_here(actor: str, zh: str, en: str, basis: str) -> RoutingReason:
    """The ruling of this very case."""
    name = actor.removeprefix("user:")
    return RoutingReason(
        "ruled_by_study",
        f"联合研判由 {name} 裁定{zh}负责；依据：{basis}",
        f"The joint study, recorded by {name}, ruled that {en} is responsible; basis: {basis}",
        {"actor": actor, "basis": basis},
    )


def needs_study() -> RoutingReason:
    return RoutingReason(
        "needs_joint_study",
        "权属不清，需联合研判",
        "The owner is unclear; a joint study must decide",
    )


def chosen_by(actor: str, zh: str, en: str) -> RoutingReason:
    name = actor.removeprefix("user:")
    return RoutingReason(
        "chosen_by_hand",
        f"由 {name} 指定{zh}负责",
        f"{en} was chosen by {name}",
        {"actor": actor},
    )
