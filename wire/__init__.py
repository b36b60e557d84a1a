"""Bytes to messages, sans-io."""
