"""The sheet of a trial: each check with its verdict."""

import json
from dataclasses import dataclass, field
from enum import StrEnum


class Verdict(StrEnum):
    """The outcome of one check."""

    PASS = "pass"  # noqa: S105
    FAIL = "fail"
    NOT_TRIED = "not tried"
    """The check needs something that was not given, or that the device says it can't do."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the sheet. `found` says what was seen; `rule` names the part of docs/wire.md."""

    check: str
    verdict: Verdict
    found: str
    rule: str


@dataclass
class Sheet:
    """The findings on one device, in the order in which they were made."""

    device_id: str
    findings: list[Finding] = field(default_factory=list)

    @property
    def passed(self) -> bool:
        """Whether nothing failed and something was tried."""
        verdicts = {finding.verdict for finding in self.findings}
        return Verdict.PASS in verdicts and Verdict.FAIL not in verdicts

    def add(self, finding: Finding) -> None:
        self.findings.append(finding)

    def count(self, verdict: Verdict) -> int:
        return sum(finding.verdict is verdict for finding in self.findings)

    def summary(self) -> str:
        """For example `T-0001: 14 passed, 1 failed, 2 not tried`."""
        passed, failed, others = map(self.count, (Verdict.PASS, Verdict.FAIL, Verdict.NOT_TRIED))
        return f"{self.device_id}: {passed} passed, {failed} failed, {others} not tried"

    def as_json(self) -> str:
        """The sheet for programs: device_id, passed, and the findings."""
        findings = [
            {"check": f.check, "verdict": f.verdict, "found": f.found, "rule": f.rule}
            for f in self.findings
        ]
        whole = {"device_id": self.device_id, "passed": self.passed, "findings": findings}
        return json.dumps(whole, ensure_ascii=False, indent=1) + "\n"
