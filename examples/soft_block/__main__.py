"""Runs the app and the provider that it uses, until Ctrl-C."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from contextlib import suppress

from examples.soft_block.running import running

PORT = 8402


def main() -> None:
    """Serve on loopback, say where, and stop cleanly on Ctrl-C or SIGTERM."""
    parser = argparse.ArgumentParser(prog="python -m examples.soft_block", description=__doc__)
    parser.add_argument("--port", type=int, default=PORT, help=f"left out: {PORT}; 0: any")
    port = parser.parse_args().port
    for asked in (signal.SIGINT, signal.SIGTERM):  # a shell's background job ignores the first
        signal.signal(asked, signal.default_int_handler)
    with suppress(KeyboardInterrupt):
        try:
            with running(port) as address:
                print(f"Open {address}, export four times, and stop with Ctrl-C.", flush=True)
                threading.Event().wait()
        except (OSError, OverflowError) as error:
            reason = getattr(error, "strerror", None) or error
            sys.exit(f"Port {port} cannot be used ({reason}); choose another by --port.")


if __name__ == "__main__":
    main()
