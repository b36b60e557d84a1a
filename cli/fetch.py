"""Asks one app for its tools as a real MCP client, through Douane's listener. Settings on standard input, one a line:
URL, own token, Host (may be empty), seconds. What comes back is seen by the proxy; nothing is printed or kept here."""

import logging
import sys

import anyio
import httpx2
from mcp.client import Client
from mcp.client.streamable_http import streamable_http_client


async def fetch(url: str, token: str, host: str, seconds: float) -> None:
    """List the app's tools to the last page."""
    headers = {"Douane-Own": token, **({"Host": host} if host else {})}
    with anyio.fail_after(seconds):
        async with (
            httpx2.AsyncClient(headers=headers, timeout=seconds, trust_env=False) as http,
            Client(streamable_http_client(url, http_client=http)) as client,
        ):
            cursor: str | None = None
            for _ in range(100):
                page = await client.list_tools(cursor=cursor)
                cursor = page.next_cursor
                if not cursor:
                    break


def main() -> int:
    """Exit 0 when the list was read, 1 when the app did not give it."""
    logging.disable(logging.CRITICAL)  # the SDK logs what it cannot read, word for word
    url, token, host, seconds = (sys.stdin.readline().strip() for _ in range(4))
    try:
        anyio.run(fetch, url, token, host, float(seconds))
    except Exception:  # noqa: BLE001 - an app that does not answer stays without a schema; its words are not ours to print
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
