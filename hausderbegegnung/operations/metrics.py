"""/metrics: the same figures as /healthz for Prometheus, for whoever has the token."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.core import GaugeMetricFamily

from hausderbegegnung.models import PlannedWork
from hausderbegegnung.operations.broker import unreadable_messages
from hausderbegegnung.operations.health import parts_of_house, queue_lengths, restarts_by_process, states_of
from hausderbegegnung.operations.heartbeat import BACKUP, last_beat
from notifications.outbox.lookups import outbox_figures

OUTBOX = {
    "waiting": "Mails that should be out by now and are not",
    "oldest_waiting_seconds": "How long the oldest of them has waited",
    "failed": "Mails that did not get out and that nobody has sent again, without expired login codes",
    "failed_last_day": "How many of them failed in the last 24 hours",
    "taken_over": "How often sending broke off, so that a mail may be there twice",
    "failing_addresses": "Addresses that did not take the last mails",
}


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Answer in the text format of Prometheus; without a METRICS_TOKEN there is no such page."""
    if not settings.METRICS_TOKEN:
        raise Http404
    if not constant_time_compare(
        request.headers.get("Authorization", ""), f"Bearer {settings.METRICS_TOKEN}"
    ):
        return HttpResponse(status=401, headers={"WWW-Authenticate": "Bearer"})
    return HttpResponse(generate_latest(Figures(timezone.now())), content_type=CONTENT_TYPE_LATEST)


@dataclass(frozen=True)
class Figures:
    """What there is to count at `now`, as a registry of prometheus_client: no names, no addresses."""

    now: datetime

    def collect(self) -> Iterator[GaugeMetricFamily]:
        states = states_of(parts_of_house(), self.now)
        yield _gauge("up", "Whether a part lives", states, label="part")
        yield _gauge("queue_length", "Tasks in a queue of the broker", queue_lengths() or {}, label="queue")
        yield _gauge(
            "restarts_last_day",
            "How often a process ended unasked and was started again in the last 24 hours",
            restarts_by_process(self.now),
            label="process",
        )
        yield GaugeMetricFamily(
            "hausderbegegnung_unreadable_messages",
            "Messages of the broker that could not be read and lie aside",
            value=unreadable_messages(),
        )
        if not states["database"]:
            return
        for name, number in asdict(outbox_figures(now=self.now)).items():
            yield GaugeMetricFamily(f"hausderbegegnung_mails_{name}", OUTBOX[name], value=number)
        if settings.BACKUP_DIR and (backed_up_at := last_beat(BACKUP, now=self.now)):
            yield GaugeMetricFamily(
                "hausderbegegnung_backup_made_timestamp_seconds",
                "When the last nightly backup was made",
                value=backed_up_at.timestamp(),
            )
        done = PlannedWork.objects.values_list("name", "done_at")
        yield _gauge(
            "planned_work_done_timestamp_seconds",
            "When planned work was last done",
            {name: done_at.timestamp() for name, done_at in done if done_at},
            label="task",
        )


def _gauge(name: str, text: str, values: Mapping[str, float], *, label: str) -> GaugeMetricFamily:
    family = GaugeMetricFamily(f"hausderbegegnung_{name}", text, labels=[label])
    for value_of, value in values.items():
        family.add_metric([value_of], value)
    return family
