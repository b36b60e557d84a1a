"""How well detection finds what was labelled, how quiet it stays and how long it takes, beside stock Presidio."""
