"""What of a capture is MCP."""

import pytest

from douane.proxy.captured import mcp_hosts
from douane.wire.captured import Exchanged

CALL = b'{"jsonrpc":"2.0","id":1,"method":"ping"}'


@pytest.mark.parametrize("content_type", [b"application/x-www-form-urlencoded", b"multipart/form-data; boundary=b"])
@pytest.mark.parametrize(("body", "hosts"), [(CALL, {"app.example"}), (b"city=Lyon", set()), (b"code=x", set())])
def test_json_rpc_in_a_capture_is_mcp_whatever_its_content_type_says(
    body: bytes, hosts: set[str], content_type: bytes
) -> None:
    headers = ((b"Content-Type", content_type), (b"Mcp-Method", b"ping"))
    one = Exchanged(1, at=1.0, method="POST", url="https://app.example/mcp", headers=headers, body=body)
    assert mcp_hosts([(one, False)]) == hosts
