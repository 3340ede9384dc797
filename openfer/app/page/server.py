"""Serves the page: addresses, https, and the end."""

import argparse
import contextlib
import ctypes
import os
import socket
import ssl
import sys
from pathlib import Path

import gradio as gr
import gradio.routes
import uvicorn
from fastapi import FastAPI
from PIL import Image
from starlette.middleware import Middleware
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from openfer.app.page import api, style
from openfer.app.page.connections import Connection
from openfer.app.page.film import Film
from openfer.app.page.guard import Guard
from openfer.app.page.layout import page
from openfer.app.page.limits import CONNECTIONS, MOST_BYTES, MOST_PIXELS, Turns, Visitors
from openfer.app.page.photo import Photo
from openfer.app.page.store import Store
from openfer.errors import Refused
from openfer.faces.predictor import Predictor

EVERYWHERE = {"0.0.0.0": ("127.0.0.1", "192.0.2.1"), "::": ("::1", "2001:db8::1")}
"""By the host that stands for all addresses: this machine's own, and one elsewhere (RFC 5737, RFC 3849: nobody's)."""

ENDING = 2
"""Seconds that open connections have at the end."""


def main(options: argparse.Namespace, predictor: Predictor) -> int:
    """Serve the page until Ctrl-C.

    Args:
        options: "host", "port", "certificate", "key" as openfer/app/cli.py defines them.
        predictor: finds and judges the faces.
    """
    require_pair(options.certificate, options.key)
    return_memory()
    with listening(options.host, options.port) as taken, Store() as store:
        config = uvicorn.Config(
            application(predictor, store),
            http=Connection,
            log_level="error",
            ssl_certfile=options.certificate,
            ssl_keyfile=options.key,
            limit_concurrency=CONNECTIONS,
            timeout_graceful_shutdown=ENDING,
        )
        sys.stdout.write(told(options.host, options.port, bool(options.certificate)))
        sys.stdout.flush()
        uvicorn.Server(config).run([taken])
    return 0


def application(predictor: Predictor, store: Store) -> FastAPI:
    """Return the page and its API as an ASGI application."""
    os.environ["GRADIO_TEMP_DIR"] = str(store.folder)  # all that visitors bring
    gradio.routes.DEFAULT_TEMP_DIR = str(store.folder)  # read from the variable when gradio was imported
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS // 2  # gradio reads the camera's pictures; Pillow refuses twice as many
    turns, visitors = Turns(), Visitors()
    photo, film = (kind(predictor, store, turns, visitors) for kind in (Photo, Film))
    around = FastAPI(
        middleware=[Middleware(Guard, store=store)],
        routes=[*api.routes(photo, film, store, turns), Mount("/results", StaticFiles(directory=store.results))],
        openapi_url=None,
    )
    return gr.mount_gradio_app(
        around,
        page(photo, film, predictor, store, turns, visitors),
        path="/",
        max_file_size=MOST_BYTES,
        footer_links=[],
        run_history=False,
        enable_monitoring=False,
        theme=style.THEME,
        css=style.CSS,
        head=style.HEAD,
    )


def return_memory() -> None:
    """Make large blocks of memory go back to the system once they are free, where the C library is glibc.

    It keeps them otherwise, for each of the threads that serve visitors: 4 GB after twenty pictures of 40 megapixels.
    """
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).mallopt(-3, 2**20)  # M_MMAP_THRESHOLD, which grows unless it is set


def require_pair(certificate: Path | None, key: Path | None) -> None:
    """Refuse one of certificate and key without the other, and files that are none.

    Raises:
        Refused: in one line.
    """
    if (certificate is None) != (key is None):
        raise Refused("--certificate and --key belong together: give both, or none")
    if certificate is None:
        return
    for path in (certificate, key):
        with path.open("rb"):  # an error of the system names the file
            pass
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key, password=lambda: "")
    except (ssl.SSLError, OSError) as error:
        detail = getattr(error, "reason", None) or error
        raise Refused(f"{certificate} and {key} are no certificate with its key in PEM format ({detail})") from None


def listening(host: str, port: int) -> socket.socket:
    """Return a socket that listens at an address of IPv4 or IPv6; "::" takes both.

    Raises:
        Refused: it is taken, or no address of this machine.
    """
    host = host.removeprefix("[").removesuffix("]")
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        both = host == "::" and socket.has_dualstack_ipv6()
        return socket.create_server((host, port), family=family, dualstack_ipv6=both, backlog=128)
    except (OSError, UnicodeError) as error:  # a name of the Internet has no empty part, and none of over 63 letters
        reason = getattr(error, "strerror", None) or error
        raise Refused(
            f"{host}:{port} is taken, or no address of this machine ({reason}): see --port and --host"
        ) from None


def told(host: str, port: int, secure: bool) -> str:
    """Return what is said at the start: where the page is, for others, too, where they may see it."""
    host = host.removeprefix("[").removesuffix("]")
    here, elsewhere = EVERYWHERE.get(host, (host, None))
    lines = [f"The page is at {address(here, port, secure)} (Ctrl-C ends)"]
    others = elsewhere and address_towards(elsewhere)
    if others:
        lines.append(f"For other devices of this network: {address(others, port, secure)}")
        if not secure:
            lines.append("Their browsers give it no camera without https: see --certificate and --key")
    return "".join(f"{line}\n" for line in lines)


def address(host: str, port: int, secure: bool) -> str:
    """Return the address of the page for a host."""
    return f"{'https' if secure else 'http'}://{f'[{host}]' if ':' in host else host}:{port}"


def address_towards(target: str) -> str | None:
    """Return this machine's address in the network through which a target would be reached; nothing is sent.

    Args:
        target: an address of IPv4 or IPv6. Where IPv6 leads nowhere, the answer is that of IPv4.
    """
    family = socket.AF_INET6 if ":" in target else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((target, 9))
        except OSError:
            return address_towards(EVERYWHERE["0.0.0.0"][1]) if family == socket.AF_INET6 else None
        return probe.getsockname()[0]
