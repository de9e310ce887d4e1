"""Tells Prometheus how a follower stands, on a loopback port; counts alone, nothing of any record."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from pastwatch.errors import MissingExtra, UsageError

if TYPE_CHECKING:
    from pastwatch.desk.following import Health

LOOPBACK = "127.0.0.1"
_SUMS = {
    "records": "Records sealed",
    "held": "Records that came again and were held already",
    "gaps": "Payloads or files that could not become records",
    "opaque": "Records sealed whole, unparsed",
    "read_bytes": "Bytes read",
    "gap_bytes": "Bytes of gaps",
    "seals": "Seals",
    "retries": "Failures that were tried again",
}


@contextmanager
def serving(port: int, source: str) -> Iterator[Callable[[Health], None]]:
    """Serve until the end what the function given was told last."""
    try:
        from prometheus_client import CollectorRegistry, Gauge, start_http_server
    except ModuleNotFoundError as missing:
        raise MissingExtra(
            "metrics need the package prometheus_client", hint="pip install 'pastwatch[live]'"
        ) from missing
    registry = CollectorRegistry()

    def gauge(name: str, text: str) -> Gauge:
        made = Gauge(f"pastwatch_follow_{name}", text, ["source"], registry=registry)
        return made.labels(source)

    sums = {name: gauge(name, text) for name, text in _SUMS.items()}
    lag = gauge("lag", "Records that wait at the source; -1 where it does not say")
    waiting = gauge("unsealed", "Records read and not yet sealed")
    reached = gauge("reached", "Whether the source is reached")

    def tell(health: Health) -> None:
        for name, one in sums.items():
            one.set(getattr(health, name))
        lag.set(-1 if health.lag is None else health.lag)
        waiting.set(health.waiting)
        reached.set(int(health.is_reached))

    try:
        server, thread = start_http_server(port, addr=LOOPBACK, registry=registry)
    except (OSError, OverflowError):
        raise UsageError(f"port {port} cannot be listened on", hint="name another") from None
    try:
        yield tell
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
