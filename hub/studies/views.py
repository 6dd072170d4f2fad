"""Joint studies and proposals as the console reads them."""

from datetime import datetime

from pydantic import BaseModel

from hub.cases import State
from hub.catalogue import Severity
from hub.catalogue.ruling import Ruling
from hub.studies.study import ProposalState, StudyPosition


class NamedUnitView(BaseModel):
    unit_key: str
    name_zh: str
    name_en: str


class StudyAnswerView(BaseModel):
    """What a unit said; `answered_by` is user:NAME, an operator if it was said by telephone."""

    unit_key: str
    name_zh: str
    name_en: str
    position: StudyPosition
    text: str
    answered_at: datetime
    answered_by: str
    answered_by_name: str | None


class StudyRulingView(BaseModel):
    ruled_at: datetime
    ruled_by: str
    ruled_by_name: str | None
    lead: NamedUnitView
    assist: list[NamedUnitView]
    minutes: str
    basis: str


class ProposalView(BaseModel):
    """A ruling for the catalogue; `scope_zh` and `scope_en` say which question it answers.

    `condition` is null if the ruling is for all conditions of the item.
    """

    proposal_id: int
    case_id: int
    case_no: str
    item_key: str
    title_zh: str
    title_en: str
    ruling: Ruling
    scope_zh: str
    scope_en: str
    condition_text_zh: str | None
    condition_text_en: str | None
    lead: NamedUnitView
    assist: list[NamedUnitView]
    state: ProposalState
    proposed_at: datetime
    proposed_by: str
    proposed_by_name: str | None
    decided_at: datetime | None
    decided_by: str | None
    decided_by_name: str | None
    reason: str | None
    version: int | None


class StudyQuestionView(BaseModel):
    """What the case asks, for the scope of a ruling: the territories around it, the smallest first."""

    cond_key: str
    asset_type: str | None
    territories: list[NamedUnitView]
    radius_m: float


class StudyView(BaseModel):
    """The study of a case: the present one or the last. `opened_at` is null if there was none.

    `suggested` are units that may have to do with it. `may_answer_as` is the unit of a handler, or any
    invited unit for an operator (`may_answer`).
    """

    case_id: int
    case_no: str
    version: int
    running: bool
    opened_at: datetime | None
    opened_by: str | None
    opened_by_name: str | None
    reason: str | None
    due_at: datetime | None
    overdue: bool
    overdue_at: datetime | None
    units: list[NamedUnitView]
    answers: list[StudyAnswerView]
    ruling: StudyRulingView | None
    proposals: list[ProposalView]
    question: StudyQuestionView
    suggested: list[NamedUnitView]
    may_answer: bool
    may_answer_as: str | None
    may_rule: bool
    may_decide: bool


class StudySummaryView(BaseModel):
    """`answered` are the invited units that have answered; `proposal` is the state of the last one."""

    case_id: int
    case_no: str
    state: State
    title_zh: str
    title_en: str
    condition_text_zh: str
    condition_text_en: str
    severity: Severity
    territory_name_zh: str | None
    territory_name_en: str | None
    opened_at: datetime
    due_at: datetime
    overdue: bool
    units: list[NamedUnitView]
    answered: list[str]
    lead_unit: str | None
    lead_unit_name_zh: str | None
    lead_unit_name_en: str | None
    proposal: ProposalState | None


class StudyList(BaseModel):
    items: list[StudySummaryView]


class ProposalList(BaseModel):
    items: list[ProposalView]
