"""The judgement. Pure package: no I/O, no clock, no logger, no framework."""
