"""A spool's key in a test, and a short way to put something into it."""

from douane.ledger.record import RecordKind

MASTER = b"spool master for the tests only!"


def put(spool, body=b"{}", *, app="travel", flow="f1", at=1.0, seq=0, kind=RecordKind.REQUEST, meta=None):
    return spool.put(kind, app, flow, seq, at, {} if meta is None else meta, body)
