"""The provider and the app as real servers on loopback, each in a thread of its own."""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import httpx
import uvicorn

from examples.soft_block.app import make_app
from examples.soft_block.upstream import make_upstream

if TYPE_CHECKING:
    from collections.abc import Generator

    from fastapi import FastAPI


@contextmanager
def running(port: int = 0) -> Generator[str]:
    """Serve both for as long as the context lasts.

    Args:
        port: That of the app; 0: any that is free. The provider takes any.

    Yields:
        The app's address.

    Raises:
        OSError: The port cannot be had.
    """
    with _serving(make_upstream()) as upstream:
        app = make_app(httpx.AsyncClient(base_url=upstream))
        with _serving(app, port) as address:
            try:
                yield address
            finally:
                app.state.bulletin.close()  # a server waits for its streams to end


@contextmanager
def _serving(app: FastAPI, port: int = 0) -> Generator[str]:
    with socket.create_server(("127.0.0.1", port)) as listener:
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
        thread = threading.Thread(target=server.run, args=([listener],))
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()
