"""The fields in which ChatGPT itself says who its user is and where: their meaning is fixed, whatever they hold."""

from douane.audit.fields import Field

_FIXED = frozenset(
    f"{prefix}{name}"
    for prefix in ("openai/", "x-openai-")
    for name in ("subject", "session", "organization", "useragent", "user-agent", "locale")
)
_USER_LOCATION = "openai/userlocation"


def is_fixed(field: Field) -> bool:
    """Whether a field of the message is one of them."""
    if "openai" not in field.pointer or field.is_key or field.opened or field.reached:
        return False
    return field.key.lower() in _FIXED or (len(field.keys) > 1 and field.keys[-2].lower() == _USER_LOCATION)
