"""The configuration as the settings of the two processes."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from douane.cli.config import Config
from douane.cli.config_keys import App
from douane.cli.version import VERSION
from douane.inspector.settings import AppSettings as InspectedApp
from douane.inspector.settings import InspectorSettings
from douane.proxy.settings import AppSettings, ForwardSettings, ListenTls, ProxySettings

MIB = 1024 * 1024


def proxy_settings(config: Config, own_token: str, lost: Mapping[str, int] | None = None) -> ProxySettings:
    """What the proxy process is told; `lost` is what the journals of `spool` and `ledger` lost before this start."""
    listeners = [
        ForwardSettings(route="egress", app=app.name, listen_port=app.egress_port, allow_hosts=app.egress_hosts)
        for app in config.apps
        if app.egress_port is not None
    ]
    if config.forward.enabled:
        listeners.append(
            ForwardSettings(
                route="forward",
                app=config.forward.app,
                listen_port=config.forward.port,
                allow_hosts=config.forward.hosts,
            )
        )
    return ProxySettings(
        apps=tuple(_app(config, app) for app in config.apps),
        forward=tuple(listeners),
        spool=config.storage.spool,
        durability=config.storage.durability,
        spool_limit_bytes=config.storage.spool_limit_mib * MIB,
        body_limit_bytes=config.inspection.max_body_mib * MIB,
        body_timeout_s=config.listen.body_seconds,
        silent_timeout_s=config.listen.silent_seconds,
        waiting_limit_bytes=config.listen.waiting_mib * MIB,
        confdir=config.storage.folder / "authority" if listeners else None,
        own_token=own_token,
        lost=dict(lost or {}),
    )


def inspector_settings(config: Config) -> InspectorSettings:
    """What the inspector process is told."""
    return InspectorSettings(
        ledger=config.storage.ledger,
        spool=config.storage.spool,
        apps=tuple(
            InspectedApp(
                name=app.name,
                declaration=app.declaration,
                tools=app.tools,
                approved=app.approved,
                upstream_host=urlsplit(app.upstream).hostname or "",
                egress=app.egress_port is not None,
            )
            for app in config.apps
        ),
        presidio=config.detection.presidio,
        everything=config.detection.free_text == "everything",
        languages=config.detection.languages,
        minimum_score=config.detection.minimum_score,
        thresholds={**config.detection.thresholds, **config.detectors.thresholds},
        detectors=config.detectors,
        budget_seconds=config.inspection.time_budget_seconds,
        keep_seconds=config.storage.keep_uninspected_minutes * 60,
        max_body_bytes=config.inspection.max_body_mib * MIB,
        max_event_bytes=config.inspection.max_event_mib * MIB,
        max_fields=config.inspection.max_fields,
        max_depth=config.inspection.max_depth,
        durability=config.storage.durability,
        retention=config.retention.policy(),
        purge=config.retention.automatic,
        stand_by=True,
        anchor_folder=config.trust.anchor_folder,
        syslog=config.trust.syslog,
        profile=config.profile_in_force,
        reason=config.reason,
        config_sha256=config.digest(),
        version=VERSION,
    )


def _app(config: Config, app: App) -> AppSettings:
    listen = config.listen
    tls = None
    if listen.tls_certificate is not None:
        tls = ListenTls(
            cert_file=listen.tls_certificate,
            key_file=listen.tls_key,
            client_ca_file=app.chatgpt_ca if app.require_chatgpt_certificate else None,
        )
    return AppSettings(
        name=app.name,
        upstream=app.upstream,
        listen_host=listen.host,
        listen_port=app.port or 0,
        host_names=app.host_names,
        path_prefix=app.path_prefix or "",
        on_log_failure=app.on_log_failure,
        public_url=app.public_url,
        oauth=app.oauth,
        tls=tls,
        upstream_ca_file=app.upstream_ca,
    )
