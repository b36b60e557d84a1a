"""The operating system's keyring as the place of the master key: macOS Keychain, Secret Service, KWallet, Windows."""

from typing import Any, Final

SERVICE: Final = "douane"
ITEM: Final = "master key"
ADVICE: Final = "set storage.key_store to file, or name a key file with DOUANE_KEY_FILE"

# These outlive a reboot. Others (none, a chain of unknown ones, plain files, the kernel's own) would lose or spill it.
_LASTING: Final = frozenset({"macOS", "SecretService", "libsecret", "kwallet", "Windows"})
_HOME: Final = "keyring.backends."


class NoKeyring(Exception):  # noqa: N818 - it says what happened
    """The operating system has no keyring that keeps a key, or it does not answer. Says what to do; never a key."""


def read() -> str | None:
    """Return the text that `write` put into the keyring, None if there is none. Raises `NoKeyring`."""
    try:
        text = _lasting().get_password(SERVICE, ITEM)
    except NoKeyring:
        raise
    except Exception as error:  # noqa: BLE001 - each system raises its own, and the text of one may hold what is kept
        raise NoKeyring(f"the keyring did not answer ({type(error).__name__}); unlock it, or {ADVICE}") from None
    return None if text is None else str(text)


def write(text: str) -> None:
    """Put the text into the keyring in place of what is there, and make sure that it is. Raises `NoKeyring`."""
    try:
        keyring = _lasting()
        keyring.set_password(SERVICE, ITEM, text)
        kept = keyring.get_password(SERVICE, ITEM) == text
    except NoKeyring:
        raise
    except Exception as error:  # noqa: BLE001 - as above
        raise NoKeyring(f"the keyring did not take the key ({type(error).__name__}); unlock it, or {ADVICE}") from None
    if not kept:
        raise NoKeyring(f"the keyring did not keep the key; {ADVICE}")


def name() -> str:
    """Return what the keyring is called, such as `SecretService`. Raises `NoKeyring`."""
    return type(_lasting()).__module__.removeprefix(_HOME)


def _lasting() -> Any:
    try:
        import keyring
    except ImportError:
        raise NoKeyring(f"the package keyring is missing; run: pip install 'douane[keyring]', or {ADVICE}") from None
    chosen = keyring.get_keyring()
    for one in (chosen, *getattr(chosen, "backends", ())):
        module = type(one).__module__
        if module.startswith(_HOME) and module.removeprefix(_HOME).partition(".")[0] in _LASTING:
            return one
    raise NoKeyring(f"this system has no keyring that keeps a key over a restart; {ADVICE}")
