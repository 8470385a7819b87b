"""A fault campaign: hundreds of requests at once while everything around them fails, and a ledger that must add up.

    python campaign.py --binary dashscope-gateway [--seed N] [--seconds S] [--streams N]

The same seed is the same plan; how much of it is carried out depends on the machine.
"""

import argparse
import asyncio
import os
import random
import resource
import shutil
import tempfile
import time

from clients import Clients, key_hash
from faults import Faults
from ledger import Ledger
from plan import KEY_MARK, PROMPT_MARK, Worker, emulator_lane, gateway_lane
from processes import Authority, Emulator, Gateway, Nginx, Samples, free_ports, until
from report import Report

SETTINGS = {
    "server": {"workers": 2},
    "upstream": {
        "firstEventTimeout": 10, "idleTimeout": 8, "connectTimeout": 2,
        "retry": {"baseDelay": 0.2, "maximumDelay": 2},
        "breaker": {"pause": 0.3, "maximumPause": 1},
    },
    "stream": {"keepAliveInterval": 2},
    "drain": {"delay": 0.5, "timeout": 30},
    "log": {"format": "json"},
}


def settings(emulator, **upstream):
    return SETTINGS | {"upstream": SETTINGS["upstream"] | {"baseURL": emulator.url} | upstream}


async def work(clients, worker, until_time, ledger, sent):
    await asyncio.sleep(worker.pause() * 4)
    while time.monotonic() < until_time:
        request = worker.next()
        sent[0] += 1
        outcome = await clients.run(request)
        ledger.outcomes.append(outcome)
        # What fails at once would otherwise make up most of the campaign.
        await asyncio.sleep(worker.pause() + (0 if outcome.kind in request.expected else 2))


async def watch_keys(emulator, pairs, odd):
    """Reads what reached the emulator: the key must be that of the prompt's mark."""
    while True:
        await asyncio.sleep(1)
        try:
            document = await emulator.ask("requests")
        except Exception:  # It is being restarted.
            continue
        for entry in document["requests"]:
            messages = (entry["body"].get("input") or {}).get("messages") if isinstance(entry["body"], dict) else None
            if not messages:
                continue
            content = messages[-1]["content"]
            # The multimodal path has a list of parts.
            prompt = (content if isinstance(content, str) else content[-1]["text"]).split()[0]
            pairs.add(prompt)
            wanted = key_hash(KEY_MARK + prompt[len(PROMPT_MARK) :])
            if entry["authorization_hash"] != wanted:
                odd.append(f"{prompt} came with the key {entry['authorization_hash']}, not {wanted}")


async def rest(emulator, gateways):
    """Waits until nothing is under way any more."""

    async def still():
        stats = await emulator.ask("stats")
        for each in gateways:
            samples = Samples(await each.metrics())
            if samples.sum("gateway_http_requests_in_flight") > 1 or samples.sum("gateway_open_connections") > 1:
                return False
        return stats["open_requests"] == 0 and stats["open_streams"] == 0

    await until(still, 30, "everything comes to rest")


async def measure_end(report, emulator, gateways, starts):
    """Compares what the gateways hold with what they held at their start."""
    try:
        await rest(emulator, gateways)
        report.check("no stream is open at the emulator, no request and no connection at the gateways", True)
    except RuntimeError as error:
        stats = await emulator.ask("stats")
        opened = [Samples(await each.metrics()).sum("gateway_open_connections") for each in gateways]
        report.check("no stream is open at the emulator, no request and no connection at the gateways", False,
                     f"{error}: {stats}, connections {opened}")
    for gateway in gateways:
        samples = Samples(await gateway.metrics())
        idle = samples.sum("gateway_upstream_connections")
        descriptors, resident = gateway.descriptors(), gateway.resident()
        began_descriptors, began_resident = starts[gateway.pid]
        report.check(
            f"{gateway.name}: descriptors are back ({began_descriptors} → {descriptors}, {idle} to upstream)",
            descriptors - idle <= began_descriptors + 2 and idle <= 1024, f"{descriptors - idle} without the pool",
        )
        bound = 2 * began_resident + (64 << 20)
        report.check(
            f"{gateway.name}: memory is back ({began_resident >> 20} → {resident >> 20} MiB, at most "
            f"{bound >> 20})", resident <= bound, "it is not",
        )


async def run(options, folder):
    report = Report()
    ledger = Ledger(report, folder)
    authority = Authority(folder)
    authority.issue("second", 0x1000)
    (port,) = free_ports(1)
    emulator = Emulator(folder, options.binary, port)
    first = Gateway(folder, options.binary, "first", settings(emulator, breaker={"consecutiveFailures": 0}))
    second = Gateway(folder, options.binary, "second", settings(emulator), tls=True)
    gateways = [first, second]
    nginx = Nginx(folder, gateways)
    processes = [emulator, first, second, nginx]
    starts, pairs, crossed = {}, set(), []

    async def note_starts():
        while True:
            for each in gateways:
                if each.is_alive and each.pid not in starts and await each.is_ready():
                    starts[each.pid] = (each.descriptors(), each.resident())
            await asyncio.sleep(0.05)

    try:
        for each in processes:
            await each.start()
        clients = Clients(nginx.port, second.secure, authority.certificate)
        faults = Faults(report, ledger, emulator, gateways, nginx, authority)
        background = [asyncio.create_task(note_starts()), asyncio.create_task(watch_keys(emulator, pairs, crossed))]
        sent, end = [0], time.monotonic() + options.seconds
        lanes = [
            asyncio.create_task(faults.run_gateways(gateway_lane(options.seed, options.seconds), end, options.seconds / 4)),
            asyncio.create_task(faults.run_emulator(emulator_lane(options.seed, options.seconds), end)),
        ]
        workers = [
            asyncio.create_task(work(clients, Worker(options.seed, index), end, ledger, sent))
            for index in range(options.streams)
        ]
        # A step that is under way at the end is finished: a gateway must not stay away.
        await asyncio.gather(*lanes)
        await asyncio.gather(*workers)
        for each in gateways:
            faults.end_limits(each)
        await clients.close()
        for task in background:
            if task.done():
                task.result()
            task.cancel()
        await nginx.end()
        print(f"disturbances: {faults.counts}")
        await measure_end(report, emulator, gateways, starts)
        for each in gateways:
            faults.scrapes.append((each.name, await each.metrics(), None))
        for each in gateways:
            faults.exits.append((each.name, await each.end()))
        ledger.read_records(gateways)
        ledger.check_outcomes(sent[0])
        report.check(f"no key is crossed: {len(pairs)} requests at the emulator came with their own",
                     pairs and not crossed, crossed or "none was seen")
        ledger.check_records()
        ledger.check_metrics(faults.scrapes)
        ledger.check_secrets(faults.scrapes)
        ledger.check_stalls(gateways)
        faults.check()
    finally:
        for each in processes:
            await each.end(seconds=5)
    return report


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", required=True)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1_000_000))
    parser.add_argument("--seconds", type=float, default=45)
    parser.add_argument("--streams", type=int, default=250)
    parser.add_argument("--keep", action="store_true", help="keep the folder with logs")
    options = parser.parse_args()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    print(f"seed {options.seed}, {options.seconds:.0f} s, {options.streams} workers", flush=True)
    folder = tempfile.mkdtemp(prefix="campaign-")
    os.chmod(folder, 0o755)
    status = 1
    try:
        report = asyncio.run(run(options, folder))
        status = report.close()
    finally:
        if status == 0 and not options.keep:
            shutil.rmtree(folder)
        else:
            print(f"logs: {folder}")
    raise SystemExit(status)


if __name__ == "__main__":
    main()
