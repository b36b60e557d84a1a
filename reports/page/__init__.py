"""The page that people keep open: what crosses, app by app, in a browser, from a ledger that it only reads."""
