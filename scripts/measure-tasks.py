#!/usr/bin/env python3
"""Measures chat beside a thousand asynchronous tasks, with the emulator behind the gateway.

    scripts/measure-tasks.py [--binary PROGRAM] [--tasks N] [--polls N] [--rounds N] [--seconds N]

All tasks are due again all the time, so that the setting (`tasks.pollsPerSecond`, --polls) is what holds their queries back. Prints how
many queries there were in a second, on average, in the busiest one, and in the busiest tenth of one; the 50th and the 99th percentile of
whole chat answers alone and beside the tasks, with their ratios (medians of the rounds, alone and beside in turn); the gateway's memory.
Fails where queries came in bursts, or where the setting was not used up.
"""

import argparse
import asyncio
import json
import os
import pathlib
import socket
import statistics
import subprocess
import time

KEY = "sk-measure"
CONNECTIONS = 8
# Of a second in which queries are counted.
SAMPLE = 0.1
# The emulator's models of images make four at once: a request for ten is three tasks.
IMAGES, TASKS_OF_REQUEST = 10, 3
CHAT = {"model": "qwen-plus", "messages": [{"role": "user", "content": "Name three colours."}]}
TASK = {"model": "wan2.2-t2i-flash-emulator-task-stays-running", "prompt": "a cat", "n": IMAGES}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Programs:
    """The gateway and the emulator behind it."""

    def __init__(self, binary: str, polls: int) -> None:
        self.emulator_port, self.gateway_port = free_port(), free_port()
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        self.emulator = subprocess.Popen(
            [binary, "emulate", "--host", "127.0.0.1", "--port", str(self.emulator_port)], **quiet
        )
        environment = os.environ | {
            "DASHSCOPE_BASE_URL": f"http://127.0.0.1:{self.emulator_port}",
            "TASKS_POLLS_PER_SECOND": str(polls),
            "TASKS_FIRST_POLL": "0.1",
            "TASKS_MAXIMUM_INTERVAL": "0.5",
        }
        self.gateway = subprocess.Popen(
            [binary, "serve", "--host", "127.0.0.1", "--port", str(self.gateway_port)], env=environment, **quiet
        )
        for port in [self.emulator_port, self.gateway_port]:
            self.wait(port)

    @staticmethod
    def wait(port: int) -> None:
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    return
            time.sleep(0.05)
        raise SystemExit(f"nothing listens on port {port}")

    def memory(self) -> float:
        """Resident memory of the gateway in MiB."""
        for line in pathlib.Path(f"/proc/{self.gateway.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS"):
                return int(line.split()[1]) / 1024
        raise SystemExit("the gateway has ended")

    def stop(self) -> None:
        for program in [self.gateway, self.emulator]:
            program.terminate()
            program.wait()


def request(method: str, path: str, body: dict | None = None) -> bytes:
    text = b"" if body is None else json.dumps(body).encode()
    head = f"{method} {path} HTTP/1.1\r\nHost: measure\r\nAuthorization: Bearer {KEY}\r\n"
    if body is not None:
        head += f"Content-Type: application/json\r\nContent-Length: {len(text)}\r\n"
    return head.encode() + b"\r\n" + text


async def answer(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    lines = head.lower().split("\r\n")
    length = next(int(line.split(":")[1]) for line in lines if line.startswith("content-length:"))
    return int(head.split(" ")[1]), await reader.readexactly(length)


async def ask(port: int, path: str) -> dict:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request("GET", path))
    status, body = await answer(reader)
    writer.close()
    assert status == 200, (status, body[:300])
    return json.loads(body)


async def chats(port: int, seconds: float) -> list[float]:
    """The seconds of each answer, on several connections at once, for so long."""
    times: list[float] = []
    end = time.perf_counter() + seconds

    async def one() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while time.perf_counter() < end:
            began = time.perf_counter()
            writer.write(request("POST", "/v1/chat/completions", CHAT))
            status, body = await answer(reader)
            times.append(time.perf_counter() - began)
            assert status == 200, (status, body[:300])
        writer.close()

    await asyncio.gather(*[one() for _ in range(CONNECTIONS)])
    return times


async def begin_tasks(programs: Programs, count: int) -> list[asyncio.StreamWriter]:
    """Requests that wait for tasks which do not end; they end when their connections are closed."""
    writers = []
    for _ in range(-(-count // TASKS_OF_REQUEST)):
        _, writer = await asyncio.open_connection("127.0.0.1", programs.gateway_port)
        writer.write(request("POST", "/v1/images/generations", TASK))
        writers.append(writer)
    while (await ask(programs.emulator_port, "/__emulator/tasks"))["tasks"] < min(count, 1000):
        await asyncio.sleep(0.1)
    return writers


class Queries:
    """Counts the queries of tasks while something else is done."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.samples: list[tuple[float, int]] = []

    async def sample(self) -> None:
        count = (await ask(self.port, "/__emulator/tasks"))["queries"]
        self.samples.append((time.perf_counter(), count))

    async def watch(self) -> None:
        while True:
            await self.sample()
            await asyncio.sleep(SAMPLE)

    def rates(self) -> tuple[float, float]:
        """In a second: on average, and between two samples that are near each other."""
        pairs = list(zip(self.samples, self.samples[1:]))
        (first, before), (last, after) = self.samples[0], self.samples[-1]
        return (after - before) / (last - first), max(
            (after - before) / max(last - first, SAMPLE) for (first, before), (last, after) in pairs
        )


async def end_tasks(writers: list[asyncio.StreamWriter]) -> None:
    for writer in writers:
        writer.close()
    await asyncio.gather(*[writer.wait_closed() for writer in writers], return_exceptions=True)


def percentile(times: list[float], share: float) -> float:
    return sorted(times)[min(len(times) - 1, int(len(times) * share))] * 1000


async def measure(programs: Programs, options: argparse.Namespace) -> bool:
    await chats(programs.gateway_port, options.seconds)
    rounds: list[tuple[list[float], list[float]]] = []
    memory = [programs.memory(), 0.0]
    is_good = True
    for _ in range(options.rounds):
        alone = await chats(programs.gateway_port, options.seconds)
        writers = await begin_tasks(programs, options.tasks)
        queries = Queries(programs.emulator_port)
        watch = asyncio.create_task(queries.watch())
        beside = await chats(programs.gateway_port, options.seconds)
        watch.cancel()
        await queries.sample()
        memory[1] = max(memory[1], programs.memory())
        rounds.append((alone, beside))
        counts = await ask(programs.emulator_port, "/__emulator/tasks")
        await end_tasks(writers)
        average, tenth = queries.rates()
        busiest = counts["busiest_second"]
        print(
            f"{counts['tasks']} tasks: {average:.0f} queries a second, {busiest} in the busiest one, "
            f"{tenth * SAMPLE:.0f} in the busiest tenth of one, of {options.polls} that may be"
        )
        # A turn may come late, and then falls into the next second.
        is_good &= 0.75 * options.polls <= average and busiest <= 1.1 * options.polls + 2
        reader, writer = await asyncio.open_connection("127.0.0.1", programs.emulator_port)
        writer.write(b"POST /__emulator/reset HTTP/1.1\r\nHost: measure\r\nContent-Length: 0\r\n\r\n")
        await answer(reader)
        writer.close()
        # What the clients left behind is cancelled.
        await asyncio.sleep(2)
    for name, share in [("p50", 0.5), ("p99", 0.99)]:
        pairs = [(percentile(alone, share), percentile(beside, share)) for alone, beside in rounds]
        before, after = (statistics.median(column) for column in zip(*pairs))
        ratio = statistics.median(after / before for before, after in pairs)
        print(f"chat {name}: {before:.2f} ms alone, {after:.2f} ms beside {options.tasks} tasks, ratio {ratio:.2f}")
    print(f"memory: {memory[0]:.1f} MiB before, {memory[1]:.1f} MiB beside the tasks")
    if not is_good:
        print("queries came in bursts, or the setting was not used up")
    return is_good


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--binary", default=".build/release/dashscope-gateway")
    arguments.add_argument("--tasks", type=int, default=1000, help="the emulator keeps a thousand")
    arguments.add_argument("--rounds", type=int, default=5)
    arguments.add_argument("--polls", type=int, default=100, help="queries a second that the gateway may make")
    arguments.add_argument("--seconds", type=float, default=10, help="of chats of a round, alone and beside each")
    options = arguments.parse_args()
    programs = Programs(options.binary, options.polls)
    try:
        is_good = asyncio.run(measure(programs, options))
    finally:
        programs.stop()
    raise SystemExit(not is_good)


if __name__ == "__main__":
    main()
