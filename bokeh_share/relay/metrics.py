"""The figures of a relay's process for Prometheus, on a port of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from tornado.httpserver import HTTPServer
from tornado.web import Application

from ..server import BaseHandler, log_nothing
from .notice_page import HealthHandler, StatusHandler
from .process_viewers import ProcessViewers

METRIC_PREFIX = "bokeh_share_relay"


class RelayCollector:
    """Reads the figures when Prometheus asks. They name no share."""

    def __init__(
        self,
        viewers: ProcessViewers,
        count_shares: Callable[[], int],
        is_broker_available: Callable[[], bool],
    ) -> None:
        self._viewers, self._count_shares = viewers, count_shares
        self._is_broker_available = is_broker_available

    def collect(self) -> Iterable[Any]:
        from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily

        viewers = self._viewers
        yield GaugeMetricFamily(f"{METRIC_PREFIX}_viewers", "Connected viewers.", viewers.count)
        yield GaugeMetricFamily(f"{METRIC_PREFIX}_shares", "Open shares.", self._count_shares())
        yield GaugeMetricFamily(
            f"{METRIC_PREFIX}_broker_up", "1 if the broker answers.", int(self._is_broker_available())
        )
        yield CounterMetricFamily(
            f"{METRIC_PREFIX}_joined_viewers", "Viewers who have joined.", viewers.joined_count
        )
        yield CounterMetricFamily(
            f"{METRIC_PREFIX}_rejected_viewers",
            "Viewers who were rejected, since there were too many.",
            viewers.rejected_count,
        )


class _MetricsHandler(BaseHandler):
    def initialize(self, registry: Any) -> None:
        self._registry = registry

    def get(self) -> None:
        from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

        self.set_header("Content-Type", CONTENT_TYPE_LATEST)
        self.finish(generate_latest(self._registry))


def build_metrics_server(collector: RelayCollector, is_broker_available: Callable[[], bool]) -> HTTPServer:
    """Build the server of `/metrics` and `/healthz`. Needs the package prometheus-client."""
    from prometheus_client import CollectorRegistry, ProcessCollector

    registry = CollectorRegistry()
    registry.register(collector)
    ProcessCollector(registry=registry)
    routes: Any = [
        (r"/metrics", _MetricsHandler, {"registry": registry}),
        (r"/healthz", HealthHandler, {"is_healthy": is_broker_available}),
        (r".*", StatusHandler, {"status": 404}),
    ]
    return HTTPServer(Application(routes, log_function=log_nothing))
