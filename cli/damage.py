"""What a crash or a fault of the disk did to the files of a data folder, found before anything is written to them."""

from pathlib import Path

from douane.ledger.journal import JournalUnread, lost


def lost_transactions(spool: Path, ledger: Path) -> dict[str, int]:
    """How many committed transactions the journals of both files lost, by `spool` and `ledger`; nothing for none.

    To be asked by the one who holds the folder's lock. A journal that cannot be read now is left to those who open
    the file: they say why.
    """
    found: dict[str, int] = {}
    for name, file in (("spool", spool), ("ledger", ledger)):
        try:
            count = lost(file)
        except JournalUnread:
            continue
        if count:
            found[name] = count
    return found
