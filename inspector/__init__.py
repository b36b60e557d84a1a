"""Record to judged exchange, in a process of its own."""
