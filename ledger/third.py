"""The third ledger: by which route and to which host a message crossed, so that what an app sends out stands apart."""

from douane.ledger.words import one_of

_ROUTES = ("reverse", "forward", "egress", "file")

STATEMENTS: tuple[str, ...] = (
    f"ALTER TABLE exchanges ADD COLUMN route TEXT NOT NULL DEFAULT 'reverse' {one_of('route', _ROUTES)}",
    "ALTER TABLE exchanges ADD COLUMN host TEXT NOT NULL DEFAULT ''",
    f"ALTER TABLE gaps ADD COLUMN route TEXT NOT NULL DEFAULT 'reverse' {one_of('route', _ROUTES)}",
    f"ALTER TABLE passages ADD COLUMN route TEXT NOT NULL DEFAULT 'reverse' {one_of('route', _ROUTES)}",
    "ALTER TABLE apps ADD COLUMN egress INTEGER NOT NULL DEFAULT 0 CHECK (egress IN (0, 1))",
    "CREATE INDEX exchanges_onward ON exchanges (app_id, at) WHERE route = 'egress'",
    # What an app sent out and was no MCP is told apart since before: it left observations of its listener.
    "UPDATE apps SET egress = 1 WHERE id IN (SELECT app_id FROM observations WHERE kind = 'egress')",
)
