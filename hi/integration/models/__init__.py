from hi.integration.models.attribute import IntegrationAttribute
from hi.integration.models.audit_entry import AuditEntry
from hi.integration.models.command import Command
from hi.integration.models.connection_gap import ConnectionGap
from hi.integration.models.cursor import IntegrationCursor
from hi.integration.models.inbox_item import InboxItem
from hi.integration.models.instance import IntegrationInstance
from hi.integration.models.job import Job
from hi.integration.models.lease import Lease
from hi.integration.models.link import IntegrationLink
from hi.integration.models.process import Leadership, Process
from hi.integration.models.recording import Recording
from hi.integration.models.repair import Repair
from hi.integration.models.source_catalogue import SourceCatalogue
from hi.integration.models.sync_run import SyncRun

__all__ = [
    "AuditEntry",
    "Command",
    "ConnectionGap",
    "InboxItem",
    "IntegrationAttribute",
    "IntegrationCursor",
    "IntegrationInstance",
    "IntegrationLink",
    "Job",
    "Leadership",
    "Lease",
    "Process",
    "Recording",
    "Repair",
    "SourceCatalogue",
    "SyncRun",
]
