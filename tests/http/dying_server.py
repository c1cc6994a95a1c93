"""A server that is killed between a commit and its answer: ``python -m tests.http.dying_server URL FOLDER``.

It says its port on stdout. Of a request with the header `X-Die` the process has nothing to send any more: it gets
SIGKILL when the first byte of the answer would go out, which is after the commit.
"""

import os
import signal
import socket
import sys
from pathlib import Path

import uvicorn
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.main import create_app
from geo_registry.db.session import Database
from geo_registry.settings import Settings


def dying(app: ASGIApp) -> ASGIApp:
    """`app`, killed before it answers who asks for that."""

    async def asked(scope: Scope, receive: Receive, send: Send) -> None:
        async def send_or_die(message: Message) -> None:
            if scope["type"] == "http" and "x-die" in Headers(scope=scope):
                os.kill(os.getpid(), signal.SIGKILL)
            await send(message)

        await app(scope, receive, send_or_die)

    return asked


if __name__ == "__main__":
    url, folder = sys.argv[1:]
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.bind(("127.0.0.1", 0))
    app = create_app(Settings(data_dir=Path(folder)), Database.connect(url))
    server = uvicorn.Server(uvicorn.Config(dying(app), log_config=None, lifespan="off"))
    sys.stdout.write(f"{listener.getsockname()[1]}\n")
    sys.stdout.flush()
    server.run(sockets=[listener])
