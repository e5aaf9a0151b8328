"""`python -m tests.fakes.fal --port 8188`: a stand-in for the paid provider, for tests and for trying the studio."""

from __future__ import annotations

import argparse
import asyncio
import errno
import signal
import sys
import tempfile
from pathlib import Path

from tests.fakes.fal.config import ACCOUNT, KEY, Config, environment
from tests.fakes.fal.faults import FaultError
from tests.fakes.fal.server import Fake


def options(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="fake-fal", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8188, help="0: any free one")
    parser.add_argument("--control-port", type=int, default=0)
    parser.add_argument("--data", type=Path, help="folder of the ledger and the files (default: a temporary one)")
    parser.add_argument("--key", default=KEY, help="the key it takes, as id:secret")
    parser.add_argument("--account", default=ACCOUNT, help="the account of that key")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--speed", type=float, default=1.0, help="how fast its clock of durations goes")
    parser.add_argument("--concurrency", type=int, default=2, help="requests in progress at a time")
    parser.add_argument("--duration", type=float, default=8.0, help="seconds a request takes")
    parser.add_argument("--spread", type=float, default=0.5, help="how far durations stray, 0 to 1")
    parser.add_argument("--picture-scale", type=float, default=1.0, help="of the pixels a real model gives")
    parser.add_argument("--video-edge", type=int, default=1280, help="longer edge of a clip in pixels")
    parser.add_argument("--validate", choices=("submit", "run"), default="submit", help="where bad input is refused")
    parser.add_argument("--listing-lag", type=float, default=0.0, help="seconds until an ended request is listed")
    parser.add_argument(
        "--webhooks-to", default="", help="base address to deliver webhooks to, whatever host they name"
    )
    parser.add_argument("--check-images", action="store_true", help="refuse pictures below 300 pixels, as Kling does")
    parser.add_argument("--faults", default="", help="on:action(args)@endpoint#nth*times; ...")
    return parser.parse_args(words)


def config(given: argparse.Namespace) -> Config:
    values = {name: value for name, value in vars(given).items() if name not in ("key", "account", "data")}
    made = Config(data=given.data or Path(tempfile.mkdtemp(prefix="fake-fal-")), **values)
    made.accounts[given.key] = given.account
    return made


async def serve(config: Config) -> None:
    fake = Fake(config)
    await fake.start()
    for name, value in environment(config).items():
        print(f"{name}={value}")
    print(f"# ledger: {config.data / 'ledger.jsonl'}")
    print(f"# control: http://{config.host}:{config.control_port}/_control", flush=True)
    ended = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    await ended.wait()
    await fake.stop()


def main(words: list[str]) -> int:
    given = options(words)
    try:
        asyncio.run(serve(config(given)))
    except FaultError as problem:
        return fail(str(problem))
    except OSError as problem:
        taken = problem.errno == errno.EADDRINUSE
        return fail(f"Port {given.port} is in use; give another with --port." if taken else str(problem))
    except OverflowError:
        return fail(f"--port {given.port} is not a port; use a number from 0 (any free one) to 65535.")
    return 0


def fail(sentence: str) -> int:
    print(sentence, file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
