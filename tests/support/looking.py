"""What a command says that reads a ledger which is not the original one."""

COPY = "This reading is not recorded: this file is a copy, or a ledger that the configuration does not name.\n"
