"""Whether an exchange is MCP: told from the head of its request, and again once its body is there. Pure functions."""

from douane.proxy import sniff
from douane.proxy.credentials import is_credential_form
from douane.proxy.crossing import Concern, Crossing


def by_head(crossing: Crossing, method: str, content_type: bytes | None, accept: bytes | None) -> None:
    """Set an exchange's concern by the head of its request; what it calls its body is looked at with the body."""
    if crossing.takes_messages and method in ("POST", "PUT", "PATCH", "DELETE"):
        crossing.concern = Concern.MCP
    elif not crossing.takes_messages and crossing.path_class in ("oauth", "well-known", "challenge"):
        crossing.concern = Concern.NONE
    elif method == "GET" and b"text/event-stream" in (accept or b"").lower():
        crossing.concern = Concern.MCP
    if sniff.is_form(content_type):
        crossing.called_a_form = True
        if crossing.path_class not in ("oauth", "checkout", "well-known"):
            crossing.path_class = "form"


def by_body(crossing: Crossing, body: bytes, encoding: bytes) -> None:
    """Set an exchange's concern by the whole body of its request.

    A form is none of ours. JSON-RPC is no form, whatever it calls itself (`curl -d` calls everything a form), nor is
    any JSON where messages are expected: an app may read what we did not recognise.
    """
    if not body or crossing.concern is Concern.NONE:
        return
    if sniff.looks_like_json_rpc(body, encoding):
        crossing.concern = Concern.MCP
    elif crossing.called_a_form and not (crossing.takes_messages and sniff.reads_as_json(body, encoding)):
        crossing.concern = Concern.NONE
    elif is_credential_form(sniff.beginning(body, encoding)):
        crossing.concern = Concern.NONE
        crossing.path_class = "checkout" if crossing.path_class == "checkout" else "oauth"
