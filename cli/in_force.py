"""The configuration in force and the ledger's belongings, as the documents that speak of them take them."""

from collections import Counter
from typing import TYPE_CHECKING

from douane.cli.config_people import profile_of

if TYPE_CHECKING:
    from douane.cli.config import Config
    from douane.cli.looking import Admitted
    from douane.reports.kinds.holdings import Holdings
    from douane.reports.kinds.in_force import InForce


def in_force(settings: "Config") -> "InForce":
    """What the configuration says, without a name of a person, a path or an address."""
    from douane.reports.kinds.in_force import InForce

    apps, keep, storage = settings.apps, settings.retention, settings.storage
    extensions = settings.detectors
    added = (extensions.patterns, extensions.words, extensions.keys, extensions.models)
    return InForce(
        apps=len(apps),
        profile_written=settings.profile is not None,
        here_only=profile_of(None, settings.listen.host) == "dev",
        tls=settings.listen.tls_certificate is not None,
        certificates=sum(one.require_chatgpt_certificate for one in apps),
        passing=sum(one.on_log_failure == "pass" for one in apps),
        egress=sum(one.egress_port is not None for one in apps),
        forward=settings.forward.enabled,
        keep=keep.keep,
        rules=tuple((one.app, one.category or "", one.keep) for one in keep.rules),
        keep_reason=keep.reason or "",
        automatic=keep.automatic,
        key_store=storage.key_store,
        key_in_folder=storage.key_in_folder,
        durability=storage.durability,
        minutes=storage.keep_uninspected_minutes,
        anchors_apart=anchors_apart(settings),
        syslog=settings.trust.syslog,
        roles=tuple(sorted(Counter(one.role for one in settings.roles).items())),
        free_text=settings.detection.presidio,
        everything=settings.detection.free_text == "everything",
        languages=settings.detection.languages,
        own_detectors=sum(map(len, added)) + (extensions.folder is not None),
        switched_off=len(extensions.off),
        sha256=settings.digest(),
    )


def anchors_apart(settings: "Config") -> bool:
    """Whether the anchors of a completed configuration lie elsewhere than with its key, its ledger or its data."""
    from douane.ledger.anchors import FOLDER

    folder, key, storage = settings.trust.anchor_folder, settings.storage.key_file, settings.storage
    if folder is None or key is None:
        return False
    own = {one.resolve() for one in (key.parent, storage.ledger.parent, storage.folder)}
    return folder.resolve() not in own | {one / FOLDER for one in own}


def holdings(settings: "Config", leave: "Admitted") -> "Holdings":
    """Where the ledger, its anchors and the declarations lie; whole where all apps were asked for and may be.

    Raises `Unreadable` where the ledger cannot be read.
    """
    from douane.cli.custody import anchor_folder
    from douane.cli.verify import sealer_of
    from douane.cli.version import VERSION
    from douane.ledger.anchors import files_of
    from douane.ledger.verify_file import number_of
    from douane.reports.kinds.holdings import Holdings

    declarations = {one.name: one.declaration for one in settings.apps if one.declaration is not None}
    if leave.apps:
        return Holdings(leave.ledger, declarations=declarations, version=VERSION)
    sealer, _ = sealer_of(settings, None)
    anchors = tuple(files_of(anchor_folder(settings), number_of(leave.ledger)))
    return Holdings(leave.ledger, anchors, sealer, declarations, whole=True, version=VERSION)
