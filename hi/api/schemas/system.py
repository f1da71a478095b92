"""What `/system` answers."""

from pydantic import BaseModel, Field

from hi.integration.health.check import Health


class FindingOut(BaseModel):
    subject: str
    level: str = Field(description="ok, warn or bad")
    what: str = Field(description="a sentence with figures")
    do: str = Field(description="what to do about it; empty where nothing is")


class SystemOut(BaseModel):
    level: str = Field(description="the worst of all findings")
    findings: list[FindingOut]

    @classmethod
    def build(cls, health: Health) -> "SystemOut":
        findings = [
            FindingOut(subject=one.subject, level=one.level, what=one.what, do=one.do) for one in health.findings
        ]
        return cls(level=health.level, findings=findings)
