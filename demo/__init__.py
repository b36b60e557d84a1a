"""Three sample apps and a client that speaks like ChatGPT."""
