"""The shell around mitmproxy."""
