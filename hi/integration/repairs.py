"""Opening, updating and closing Repairs."""

from typing import Any

from django.utils import timezone

from hi.integration.enums import RepairKind
from hi.integration.models import Repair


def open_repair(
    instance_id: int, kind: RepairKind, *, cause: str, consequence: str = "", data: dict[str, Any] | None = None
) -> Repair:
    """Open the instance's repair of this kind, or bring the open one up to date. Call it under the instance's lock."""
    now = timezone.now()
    told = {"cause": cause, "consequence": consequence, "data": data or {}}
    repair = Repair.objects.filter(instance_id=instance_id, kind=kind, closed_at=None).first()
    if repair is None:
        return Repair.objects.create(instance_id=instance_id, kind=kind, opened_at=now, updated_at=now, **told)
    if any(getattr(repair, column) != value for column, value in told.items()):
        # Only then: `updated_at` is what an approval refers to.
        Repair.objects.filter(pk=repair.pk).update(**told, updated_at=now)
        repair.refresh_from_db()
    return repair


def close_repair(instance_id: int, kind: RepairKind | None = None) -> None:
    """Close what is open: of one kind, or all when the instance is stopped."""
    repairs = Repair.objects.filter(instance_id=instance_id, closed_at=None)
    if kind is not None:
        repairs = repairs.filter(kind=kind)
    repairs.update(closed_at=timezone.now())
