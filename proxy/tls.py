"""The TLS sides of a listener: towards its clients, and towards upstreams. Imported only where TLS is needed.

Towards upstreams, and for intercepted clients of a forward listener, mitmproxy's TlsConfig does the work. It is loaded
from its file alone: importing its package would import every addon of mitmproxy, one second of start-up time.
"""

import sys
from collections.abc import Mapping
from functools import partial
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import mitmproxy
from cryptography import x509
from mitmproxy import ctx
from mitmproxy.tls import ClientHelloData, TlsData
from OpenSSL import SSL, crypto

from douane.proxy.no_tls import TlsRefused
from douane.proxy.routes import CLIENT_CERTIFICATE, Refusal
from douane.proxy.settings import ListenTls

_TLSCONFIG = "mitmproxy.addons.tlsconfig"
_CA_BITS = 2048

CA_BASENAME = "douane"
"""The name with which the files of the certificate authority begin."""

OPTIONS: dict[str, Any] = {
    "add_upstream_certs_to_client_chain": False,
    "cert_passphrase": None,
    "certs": [],
    "ciphers_client": None,
    "ciphers_server": None,
    "client_certs": None,
    "connection_strategy": "lazy",
    "http2": True,
    "key_size": _CA_BITS,
    "request_client_cert": False,
    "ssl_insecure": False,
    "ssl_verify_upstream_trusted_ca": None,
    "ssl_verify_upstream_trusted_confdir": None,
    "tls_ecdh_curve_client": None,
    "tls_ecdh_curve_server": None,
    "tls_version_client_max": "UNBOUNDED",
    "tls_version_client_min": "TLS1_2",
    "tls_version_server_max": "UNBOUNDED",
    "tls_version_server_min": "TLS1_2",
    "upstream_cert": True,
}
"""mitmproxy's options as TlsConfig reads them."""


class UpstreamTls:
    """TLS towards upstreams: the certificate must be valid for the configured host name, whatever a client asked for.

    `ca_files` maps an upstream's (host, port) to the CA file to use for it instead of the default.
    """

    def __init__(self, ca_files: Mapping[tuple[str, int], Path], confdir: Path | None = None) -> None:
        self._ca_files = dict(ca_files)
        self._options = SimpleNamespace(**OPTIONS, confdir=str(confdir) if confdir else "")
        ctx.options = self._options  # type: ignore[assignment]
        self.config: Any = _tlsconfig().TlsConfig()
        for path in self._ca_files.values():
            _readable(path, "upstream_ca_file")
        if confdir is not None:
            self._make_authority(confdir)

    def start(self, data: TlsData, ca_file: Path | None = None) -> None:
        """Give the connection to an upstream its TLS side; `ca_file` is for an upstream that has none of its own."""
        server: Any = data.conn
        client = data.context.client
        server.sni = server.address[0]
        server.alpn_offers = [b"h2", b"http/1.1"] if client.alpn == b"h2" else [b"http/1.1"]
        ca_file = self._ca_files.get((server.address[0], server.address[1]), ca_file)
        self._options.ssl_verify_upstream_trusted_ca = str(ca_file) if ca_file else None
        self.config.tls_start_server(data)

    def _make_authority(self, confdir: Path) -> None:
        """Make the certificate authority on first use, in a folder that only its owner can read."""
        from mitmproxy.certs import CertStore

        confdir.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not (confdir / f"{CA_BASENAME}-ca.pem").exists():
            CertStore.create_store(confdir, CA_BASENAME, _CA_BITS, organization="Douane", cn="Douane")
        self.config.certstore = CertStore.from_store(confdir, CA_BASENAME, _CA_BITS)


def authority_certificate(confdir: Path) -> Path:
    """Return the certificate that clients of a forward listener must trust."""
    return confdir / f"{CA_BASENAME}-ca-cert.pem"


class ReverseTls:
    """TLS of a reverse listener: its certificate, HTTP/2 and HTTP/1.1 by ALPN, a client certificate if asked for."""

    def __init__(self, listen: ListenTls | None, upstream: UpstreamTls) -> None:
        self._context = None if listen is None else _listen_context(listen)
        self._asks = listen is not None and listen.client_ca_file is not None
        self._upstream = upstream

    def tls_clienthello(self, data: ClientHelloData) -> None:
        """Let it be."""

    def tls_start_client(self, data: TlsData) -> None:
        """Give the connection to the client its TLS side."""
        if self._context is not None:
            data.ssl_conn = SSL.Connection(self._context)
            data.ssl_conn.set_accept_state()

    def tls_start_server(self, data: TlsData) -> None:
        """Give the connection to the upstream its TLS side."""
        self._upstream.start(data)

    def turned_away(self, data: TlsData) -> Refusal | None:
        """Return that the client's certificate was missing or not the right one, None for any other failure."""
        why = (data.conn.error or "").lower()  # a client that does not accept our certificate says so in other words
        refused = "did not return a certificate" in why or "certificate verify failed" in why
        return CLIENT_CERTIFICATE if self._asks and refused else None


class ForwardTls:
    """TLS of a forward listener: clients see a certificate that our own authority makes for the host they asked for."""

    def __init__(self, upstream: UpstreamTls, ca_file: Path | None = None) -> None:
        self._upstream = upstream
        self._ca_file = ca_file
        if ca_file is not None:
            _readable(ca_file, "upstream_ca_file")

    def tls_clienthello(self, data: ClientHelloData) -> None:
        """Let it be: the upstream is connected to when there is a request for it."""

    def tls_start_client(self, data: TlsData) -> None:
        """Give the connection to the client its TLS side."""
        self._upstream.config.tls_start_client(data)

    def tls_start_server(self, data: TlsData) -> None:
        """Give the connection to the upstream its TLS side."""
        self._upstream.start(data, self._ca_file)

    def turned_away(self, data: TlsData) -> None:
        """Return nothing: no certificate is asked for."""


def _listen_context(listen: ListenTls) -> SSL.Context:
    context = SSL.Context(SSL.TLS_SERVER_METHOD)
    context.set_min_proto_version(SSL.TLS1_2_VERSION)
    context.set_options(SSL.OP_NO_COMPRESSION | SSL.OP_NO_TICKET)
    context.set_session_cache_mode(SSL.SESS_CACHE_OFF)
    context.set_alpn_select_callback(_choose_protocol)
    _readable(listen.cert_file, "tls.cert_file")
    key_file = listen.key_file or listen.cert_file
    _readable(key_file, "tls.key_file")
    try:
        context.use_certificate_chain_file(str(listen.cert_file))
        context.use_privatekey_file(str(key_file))
        context.check_privatekey()
    except SSL.Error:
        raise TlsRefused("tls.cert_file and tls.key_file are no PEM certificate chain with its private key") from None
    if listen.client_ca_file is not None:
        _readable(listen.client_ca_file, "tls.client_ca_file")
        try:
            context.load_verify_locations(str(listen.client_ca_file))
        except SSL.Error:
            raise TlsRefused("tls.client_ca_file holds no PEM certificate") from None
        context.set_verify(
            SSL.VERIFY_PEER | SSL.VERIFY_FAIL_IF_NO_PEER_CERT, partial(_is_the_client, listen.client_name)
        )
    return context


def _choose_protocol(_connection: SSL.Connection, offered: list[bytes]) -> Any:
    """HTTP/2 where the client offers it, else HTTP/1.1 (RFC 7301 leaves the choice to the server)."""
    return next((name for name in (b"h2", b"http/1.1") if name in offered), SSL.NO_OVERLAPPING_PROTOCOLS)


def _is_the_client(
    wanted: str, _connection: SSL.Connection, certificate: crypto.X509, _error: int, depth: int, valid: int
) -> bool:
    """Say whether a certificate in the client's chain is good; the first must be in the name that is wanted."""
    if not valid:
        return False
    if depth:
        return True
    try:
        names = certificate.to_cryptography().extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        return wanted.lower() in (name.lower() for name in names.get_values_for_type(x509.DNSName))
    except (x509.ExtensionNotFound, x509.DuplicateExtension, ValueError):
        return False


def _readable(path: Path, setting: str) -> None:
    try:
        with path.open("rb"):
            return
    except OSError as error:
        raise TlsRefused(f"{setting}: {path}: {error.strerror}") from None


def _tlsconfig() -> Any:
    """Load mitmproxy's TlsConfig from its file, without the package around it."""
    loaded = sys.modules.get(_TLSCONFIG)
    if loaded is not None:
        return loaded
    spec = spec_from_file_location(_TLSCONFIG, Path(mitmproxy.__file__).parent / "addons" / "tlsconfig.py")
    if spec is None or spec.loader is None:
        raise TlsRefused("the installed mitmproxy has no TlsConfig")
    module = module_from_spec(spec)
    sys.modules[_TLSCONFIG] = module
    spec.loader.exec_module(module)
    return module
