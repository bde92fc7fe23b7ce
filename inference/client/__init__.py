"""The service's doors over HTTP: what the faces hold where the service runs in another process.

Errors come back as the same classes that the service raises; whatever goes wrong on the way is ServiceUnavailable.
One module a door; `wire` alone speaks HTTP.
"""

from inference.client.generation import GenerationOverHttp
from inference.client.library import LibraryOverHttp
from inference.client.linking import LinkingOverHttp
from inference.client.operations import OperationsOverHttp
from inference.client.privacy import PrivacyOverHttp
from inference.client.rules import RulesOverHttp
from inference.client.schedules import SchedulesOverHttp


class Client(
    GenerationOverHttp,
    LibraryOverHttp,
    LinkingOverHttp,
    PrivacyOverHttp,
    RulesOverHttp,
    OperationsOverHttp,
    SchedulesOverHttp,
):
    """All doors of the server at `base_url` (its root or its `/v1`).

    An async context manager. A `session` that is handed in stays open; it must not carry a base URL of its own.
    """


__all__ = ["Client"]
