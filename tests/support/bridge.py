"""An app that speaks over stdio, put under a URL for tests: `bridge.py PORT COMMAND…`."""

import sys

from fastmcp.client.transports import StdioTransport
from fastmcp.server import create_proxy

if __name__ == "__main__":
    port, command, *arguments = sys.argv[1:]
    app = create_proxy(StdioTransport(command, arguments), name="bridge")
    app.run(transport="http", host="127.0.0.1", port=int(port), show_banner=False)
