"""Ledger rows to documents."""
