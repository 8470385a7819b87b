"""The disturbances of a campaign, carried out step by step; each notes when it lasted."""

import asyncio
import signal
import ssl
import time

import aiohttp
from plan import Step
from processes import HOST, Samples, until

RELOADS = "gateway_config_reloads_total"
# Calls that failed wait for so long to be repeated after the emulator is back.
RECOVERY = 3.0


class Faults:
    """Carries out the lanes of a plan."""

    def __init__(self, report, ledger, emulator, gateways, nginx, authority):
        self.report, self.ledger = report, ledger
        self.emulator, self.gateways, self.nginx, self.authority = emulator, gateways, nginx, authority
        self.scrapes = []
        self.exits = []
        self.counts = {}
        self.serial = 0x1000
        self.problems = []
        # The section that is in force beside a gateway's own settings.
        self.limited = {each.name: None for each in gateways}
        self.origin = {}
        self.asked = {each.name: {"success": 0, "failure": 0} for each in gateways}

    def count(self, what):
        self.counts[what] = self.counts.get(what, 0) + 1

    async def run_emulator(self, steps, end):
        for step in steps:
            await asyncio.sleep(step.pause)
            if time.monotonic() > end:
                return
            began = time.monotonic()
            await self.emulator.end(signal.SIGKILL if step.action == "kill" else signal.SIGTERM)
            await asyncio.sleep(step.value)
            await self.emulator.start()
            self.ledger.windows.add("emulator", began, time.monotonic() + RECOVERY)
            self.count(f"emulator {step.action}")

    async def run_gateways(self, steps, end, quarter):
        """The last quarter has no replacement, so that the processes measured at the end have worked."""
        for step in steps:
            await asyncio.sleep(step.pause)
            if time.monotonic() > end:
                return
            if step.action == "drain" and time.monotonic() > end - quarter:
                continue
            await self.perform(step)

    async def perform(self, step: Step):
        gateway = self.gateways[step.gateway]
        self.count(step.action)
        if step.action == "limit":
            limit = {"overall": {"concurrentRequests": int(6 + step.value * 40)}}
            await self.change(gateway, {"limits": limit}, limits=True)
        elif step.action == "crowd":
            await self.change(gateway, {"server": {"maximumOpenRequests": int(20 + step.value * 60)}}, limits=True)
        elif step.action == "origins":
            origin = f"https://page-{int(step.value * 1e6)}.example"
            await self.change(gateway, {"cors": {"origins": [origin]}})
            await self.check_origin(gateway, origin)
        elif step.action == "broken":
            await self.break_configuration(gateway, step.value)
        elif step.action == "certificate":
            await self.rotate(gateway)
        elif step.action == "drain":
            await self.replace(gateway, step.announced)

    # Configuration.

    async def reload(self, gateway, result):
        """Sends SIGHUP and waits until it was counted, so that no two become one."""
        self.asked[gateway.name][result] += 1
        gateway.send(signal.SIGHUP)
        wanted = self.asked[gateway.name][result]

        async def counted():
            return Samples(await gateway.metrics()).sum(RELOADS, result=result) == wanted

        try:
            await until(counted, 15, f"{gateway.name} counts a reload as {result}")
        except RuntimeError as error:
            self.problems.append(str(error))

    async def change(self, gateway, changes, limits=False):
        gateway.write(changes)
        began = time.monotonic()
        await self.reload(gateway, "success")
        # What was limited before is so until now: the new settings count for the next request.
        self.end_limits(gateway)
        if limits:
            self.limited[gateway.name] = began

    def end_limits(self, gateway):
        began = self.limited[gateway.name]
        if began is not None:
            self.ledger.windows.add("limits", began, time.monotonic() + 0.2)
            self.limited[gateway.name] = None

    async def check_origin(self, gateway, origin):
        async with aiohttp.ClientSession() as session:
            url = f"http://{HOST}:{gateway.plain}/health"
            for asked, wanted in ((origin, origin), ("https://other.example", None)):
                async with session.get(url, headers={"origin": asked}) as answer:
                    allowed = answer.headers.get("access-control-allow-origin")
                    if allowed != wanted:
                        self.problems.append(f"{gateway.name} allows {allowed} to {asked} after a reload")

    async def break_configuration(self, gateway, chance):
        text = "upstream: [" if chance < 0.5 else '{"limits": {"caller": {"burst": "many"}}}'
        gateway.write_text(text)
        await self.reload(gateway, "failure")
        gateway.write({})

    # Certificates.

    async def served_serial(self, gateway):
        """The serial of the certificate that a new connection sees."""
        context = ssl.create_default_context(cafile=self.authority.certificate)
        _, writer = await asyncio.open_connection(HOST, gateway.secure, ssl=context, server_hostname="localhost")
        serial = writer.get_extra_info("peercert")["serialNumber"]
        writer.close()
        return serial

    async def rotate(self, gateway):
        self.serial += 1
        wanted = await asyncio.to_thread(self.authority.issue, gateway.name, self.serial)
        gateway.write({})
        began = time.monotonic()
        await self.reload(gateway, "success")
        self.end_limits(gateway)
        serial = await self.served_serial(gateway)
        if serial != wanted:
            self.problems.append(f"a new connection sees certificate {serial}, not {wanted}, {began:.1f}")

    # Replacement.

    async def replace(self, gateway, announced):
        """Drains a gateway and starts another in its place, while nginx sends everything to the others."""
        if announced:
            self.nginx.leave_out([gateway.name])
            await asyncio.sleep(0.3)
        began = time.monotonic()
        gateway.write({})
        gateway.send(signal.SIGTERM)
        last = at = None
        while gateway.is_alive:
            asked = time.time()
            if text := await gateway.metrics():
                last, at = text, asked
            await asyncio.sleep(0.05)
        self.exits.append((gateway.name, await gateway.end()))
        self.scrapes.append((gateway.name, last, at))
        self.end_limits(gateway)
        self.asked[gateway.name] = {"success": 0, "failure": 0}
        await gateway.start()
        if announced:
            self.nginx.leave_out([])
        # nginx needs its own time to find a gateway again.
        name = "tls" if gateway.secure and "tls" in gateway.settings else None
        self.ledger.windows.add("gateway", began, time.monotonic() + 1, name)
        self.count("announced replacement" if announced else "sudden replacement")

    def check(self):
        check = self.report.check
        check("reloads are counted and take effect, new connections see new certificates", not self.problems,
              self.problems)
        check(f"gateways exit with 0 ({len(self.exits)} did)", all(code == 0 for _, code in self.exits), f"{self.exits}")
        for what in ("emulator", "limit", "broken", "certificate", "replacement"):
            count = sum(number for name, number in self.counts.items() if what in name)
            check(f"it happened: {what}", count > 0, "never")
