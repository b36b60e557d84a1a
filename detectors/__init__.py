"""A message's fields to findings: one file a detector, found by the registry."""
