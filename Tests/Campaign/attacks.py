"""Attacks on one gateway in 512 MiB, and what others see of them: nothing.

    python attacks.py --binary dashscope-gateway [ATTACK…]

Needs root: for the control group, and for addresses that are not loopback (scripts/attacks.sh gives it a network of
its own).
"""

import argparse
import asyncio
import dataclasses
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import processes
import surplus
from bystanders import Bystanders
from cage import Cage, NoCage
from processes import Authority, Emulator, Gateway, free_ports
from report import Report

HOST = "198.51.100.1"
ATTACKER = "198.51.100.66"
BYSTANDERS = [f"198.51.100.{number}" for number in (11, 12, 13, 14)]
DRAIN = 4
SETTINGS = {
    "server": {"workers": 2},
    "upstream": {"retry": {"maximumAttempts": 2}},
    "drain": {"delay": 0, "timeout": DRAIN},
    "log": {"format": "json"},
}
LONGEST_ADJUSTMENTS = len("x-gateway-adjustments: ") + 1024


@dataclasses.dataclass
class Attack:
    """What is done, for how long, and what must be true of it besides what must be true of all."""

    name: str
    title: str
    seconds: float = 5
    settings: dict = dataclasses.field(default_factory=dict)
    judge: object = None
    ends_in_flood: bool = False


def header_is_short(told):
    longest = told.get("longest line", 1 << 20)
    return told.get("200", 0) > 0 and longest <= LONGEST_ADJUSTMENTS, f"{told}"


def good_streams_are_answered(told):
    # 107 of 110 streams are well; those above the limit of 100 may be refused, never the others.
    wanted = told.get("rounds", 0) * 107
    holds = told.get("cut", 0) == 0 and told.get("answered", 0) > 0
    return holds and told["answered"] + told["refused"] >= wanted, f"{told}, wanted {wanted} answered or refused"


def goaway_was_said(told):
    return told.get("goaway", 0) > 0, f"{told}"


def all_were_answered(told):
    return told.get("waited") and told.get("answered") == 5_040, f"{told}"


def space_is_not_taken(told):
    return told["space"] < 8 << 30, f"{told['space'] >> 30} GiB of addresses are taken"


QUEUE = {"limits": {"caller": {"concurrentRequests": 1}, "queueLength": 10_000, "queuePerCaller": 10_000,
                    "queueTimeout": 20}, "server": {"workers": 1}}
ATTACKS = [
    Attack("model_name", "model names of separators"),
    Attack("unknown_fields", "0.65 MB of unknown fields"),
    Attack("quotes", "33 MB of the shortest members"),
    Attack("pipelined", "pipelined requests, unread"),
    Attack("window", "HTTP/2 with a window of 0"),
    Attack("unfinished", "200 unfinished bodies of 30 MB", 6),
    Attack("announced", "3,000 announced lengths", judge=space_is_not_taken),
    Attack("waiting", "5,040 waiting requests", 8, QUEUE, all_were_answered),
    Attack("pictures", "50 pictures with detail", 2, judge=header_is_short),
    Attack("made_you_reset", "MadeYouReset", judge=goaway_was_said),
    Attack("stream_errors", "errors of streams, the 101st", judge=good_streams_are_answered),
    Attack("connections", "2,500 connections of one address", settings={"server": {"maximumConnections": 2_000}}),
    Attack("flood_of_everything", "SIGTERM during a flood", 4, ends_in_flood=True),
]


class Siege:
    """One gateway in its cage, attacked once."""

    def __init__(self, options, folder, attack, emulator):
        self.folder, self.attack, self.emulator = folder, attack, emulator
        self.cage = Cage(f"gateway-attacks-{os.getpid()}")
        settings = json.loads(json.dumps(SETTINGS))
        for section, values in attack.settings.items():
            settings.setdefault(section, {}).update(values)
        settings["upstream"]["baseURL"] = emulator.url
        self.gateway = Gateway(folder, options.binary, attack.name, settings, tls=True)
        self.gateway.arguments = self.cage.command(self.gateway.arguments)
        self.peak = self.space = self.kills = self.afterwards = self.took = 0
        self.told, self.problems = {}, []

    async def watch(self):
        while True:
            self.peak = max(self.peak, self.cage.held)
            self.space = max(self.space, self.gateway.address_space())
            await asyncio.sleep(0.02)

    async def onslaught(self):
        """Runs the attack to its end; returns what it tells."""
        program = os.path.join(os.path.dirname(os.path.abspath(__file__)), "onslaught.py")
        gateway, attack = self.gateway, self.attack
        process = await asyncio.create_subprocess_exec(
            "nice", "-n", "5", sys.executable, program, attack.name, HOST, str(gateway.plain), str(gateway.secure),
            ATTACKER, str(attack.seconds), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )
        try:
            output, errors = await asyncio.wait_for(process.communicate(), attack.seconds + 40)
        except asyncio.TimeoutError:
            process.kill()
            await process.wait()
            self.problems.append("the attack did not come to its end")
            return {}
        if process.returncode != 0:
            self.problems.append(f"the attack failed: {errors.decode()[-300:]}")
            return {}
        return json.loads(output)

    async def terminate(self):
        """SIGTERM, and whether it is obeyed within its time."""
        began = time.monotonic()
        status = await self.gateway.end(seconds=DRAIN + 5)
        took = time.monotonic() - began
        if status != 0:
            self.problems.append(f"SIGTERM: exit status {status} after {took:.1f} s")
        return took

    async def run(self):
        self.bystanders = Bystanders(f"http://{HOST}:{self.gateway.plain}", BYSTANDERS)
        watch = None
        try:
            await self.gateway.start()
            start = self.cage.held
            watch = asyncio.create_task(self.watch())
            self.bystanders.begin()
            await asyncio.sleep(0.5)
            attack = asyncio.create_task(self.onslaught())
            if self.attack.ends_in_flood:
                await asyncio.sleep(self.attack.seconds / 2)
                await self.bystanders.end()
                self.afterwards = self.cage.held
                self.took = await self.terminate()
                self.told = await attack
                return
            self.told = await attack
            await asyncio.sleep(0.5)
            await self.bystanders.end()
            self.afterwards = await self.rest(start)
            self.took = await self.terminate()
        finally:
            if watch:
                watch.cancel()
            await self.gateway.end(signal.SIGKILL, seconds=5)
            self.kills = self.cage.kills
            self.cage.remove()

    async def rest(self, start):
        """Bytes held once the attack is over; it has a few seconds to come back to what was held before."""
        bound = start + (96 << 20)
        end = time.monotonic() + 5
        while self.gateway.is_alive and self.cage.held > bound and time.monotonic() < end:
            await asyncio.sleep(0.1)
        held = self.cage.held
        if not self.gateway.is_alive:
            self.problems.append(f"the gateway ended with {self.gateway.process.returncode}")
        elif held > bound:
            self.problems.append(f"{held >> 20} MiB are held afterwards, {start >> 20} before")
        return held

    def verdict(self):
        problems = list(self.problems)
        seen = self.bystanders
        if self.kills:
            problems.insert(0, "the kernel ended it for its memory")
        if seen.failures:
            problems.append(f"{len(seen.failures)} of {len(seen.times)} failed, such as {seen.failures[0][:160]}")
        if len(seen.times) < 20:
            problems.append(f"only {len(seen.times)} others were served")
        # A flood to the end takes both cores, so that the time of others depends on the machine as well.
        if seen.p99 >= (3 if self.attack.ends_in_flood else 1):
            problems.append(f"p99 of the others is {seen.p99:.2f} s")
        if self.attack.judge:
            holds, why = self.attack.judge(self.told | {"space": self.space})
            if not holds:
                problems.append(why)
        return problems

    @property
    def row(self):
        seen = self.bystanders
        return (f"{self.attack.title:36} {len(seen.failures):4d} of {len(seen.times):4d} {seen.p99 * 1000:8.0f} ms "
                f"{self.peak >> 20:6d} MiB {self.afterwards >> 20:6d} MiB {self.took:6.1f} s")


HEADER = f"{'attack':36} {'others failed':>12} {'p99':>11} {'peak':>10} {'after':>10} {'SIGTERM':>8}"


async def run(options, folder):
    report, rows = Report(), []
    authority = Authority(folder)
    emulator = Emulator(folder, options.binary, free_ports(1)[0])
    chosen = [each for each in ATTACKS if not options.attacks or each.name in options.attacks]
    try:
        await emulator.start()
        for number, attack in enumerate(chosen):
            authority.issue(attack.name, number + 1)
            siege = Siege(options, folder, attack, emulator)
            try:
                await siege.run()
            except RuntimeError as error:
                siege.problems.append(str(error))
            problems = siege.verdict()
            report.check(f"{attack.title}: others do not notice {json.dumps(siege.told)}", not problems, problems)
            rows.append(siege.row)
        if not options.attacks or "surplus" in options.attacks:
            await surplus.check(report, options.binary, folder, calls=3_000)
    finally:
        await emulator.end(seconds=5)
    print("\n".join(["", HEADER, *rows, ""]))
    return report


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", required=True)
    parser.add_argument("attacks", nargs="*", help="names of attacks; all without one")
    options = parser.parse_args()
    options.binary = os.path.abspath(options.binary)
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    processes.HOST = HOST
    folder = tempfile.mkdtemp(prefix="attacks-")
    os.chmod(folder, 0o755)
    status = 1
    try:
        status = asyncio.run(run(options, folder)).close()
    except NoCage as error:
        print(f"FAIL no control group with a bound on memory can be made here: {error}")
    finally:
        if status == 0:
            shutil.rmtree(folder)
        else:
            print(f"logs: {folder}")
    raise SystemExit(status)


if __name__ == "__main__":
    main()
