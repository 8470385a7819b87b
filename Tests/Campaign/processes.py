"""The programs of a campaign: emulator, gateways, nginx, and the certificates they use."""

import asyncio
import json
import os
import re
import signal
import socket
import subprocess
import time

import aiohttp

HOST = "127.0.0.1"


def free_ports(count):
    """Ports nobody listens on; held together, so that none is given twice."""
    held = [socket.socket() for _ in range(count)]
    for each in held:
        each.bind((HOST, 0))
    ports = [each.getsockname()[1] for each in held]
    for each in held:
        each.close()
    return ports


def listens(port):
    try:
        socket.create_connection((HOST, port), 0.5).close()
        return True
    except OSError:
        return False


async def until(condition, seconds, what):
    """Waits for a condition, plain or a coroutine function; raises with `what` where it does not come."""
    end = time.monotonic() + seconds
    while True:
        result = condition()
        if asyncio.iscoroutine(result):
            result = await result
        if result:
            return result
        if time.monotonic() > end:
            raise RuntimeError(f"{what}: not within {seconds} s")
        await asyncio.sleep(0.05)


class Process:
    """A program of ours, ended by its process id."""

    def __init__(self, folder, name, arguments, port):
        self.folder, self.name, self.arguments, self.port = folder, name, arguments, port
        self.log = f"{folder}/{name}.log"
        self.process = None

    @property
    def pid(self):
        return self.process.pid

    @property
    def is_alive(self):
        return self.process is not None and self.process.returncode is None

    async def start(self):
        with open(self.log, "ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                *self.arguments, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        await until(lambda: listens(self.port) or not self.is_alive, 30, f"{self.name} listens on {self.port}")
        if not self.is_alive:
            raise RuntimeError(f"{self.name} ended at its start, see {self.log}")

    def send(self, number):
        if self.is_alive:
            self.process.send_signal(number)

    async def end(self, number=signal.SIGTERM, seconds=60):
        """Ends it and returns its exit status; None where it had to be killed."""
        if self.process is None:
            return 0
        self.send(number)
        try:
            return await asyncio.wait_for(self.process.wait(), seconds)
        except asyncio.TimeoutError:
            self.send(signal.SIGKILL)
            await self.process.wait()
            return None

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.pid}/fd"))

    def address_space(self):
        """Bytes of address space that are taken, whether in use or not; 0 where it has ended."""
        try:
            with open(f"/proc/{self.pid}/statm") as figures:
                return int(figures.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
        except (OSError, IndexError):
            return 0

    def resident(self):
        """Bytes of memory in use."""
        with open(f"/proc/{self.pid}/status") as status:
            return int(re.search(r"VmRSS:\s+(\d+)", status.read()).group(1)) << 10


class Emulator(Process):
    def __init__(self, folder, binary, port):
        super().__init__(folder, "emulator", [binary, "emulate", "--host", HOST, "--port", str(port)], port)
        self.url = f"http://{HOST}:{port}"

    async def ask(self, what):
        async with aiohttp.ClientSession() as session:
            async with session.get(f"{self.url}/__emulator/{what}", timeout=aiohttp.ClientTimeout(30)) as answer:
                return await answer.json()


class Gateway(Process):
    """One gateway process with a configuration file of its own; metrics come from its admin listener."""

    def __init__(self, folder, binary, name, settings, tls=False):
        self.plain, self.secure, self.admin = free_ports(3)
        self.settings = json.loads(json.dumps(settings))
        listeners = [f"http://{HOST}:{self.plain}"] + ([f"https://{HOST}:{self.secure}"] if tls else [])
        self.settings.setdefault("server", {})["listen"] = listeners
        self.settings["admin"] = {"listen": f"http://{HOST}:{self.admin}"}
        if tls:
            self.settings["tls"] = {"certificate": f"{folder}/{name}.pem", "key": f"{folder}/{name}.key"}
        self.file = f"{folder}/{name}.yaml"
        super().__init__(folder, name, [binary, "serve", "--config", self.file], self.plain)
        self.write({})

    def write(self, changes):
        """Writes the configuration with some sections replaced; JSON is YAML."""
        merged = json.loads(json.dumps(self.settings))
        for section, values in changes.items():
            merged.setdefault(section, {}).update(values)
        self.write_text(json.dumps(merged, indent=1))

    def write_text(self, text):
        with open(f"{self.file}.new", "w") as file:
            file.write(text)
        os.replace(f"{self.file}.new", self.file)

    async def start(self):
        await super().start()
        await until(self.is_ready, 30, f"{self.name} is ready")

    async def is_ready(self):
        try:
            async with aiohttp.ClientSession() as session:
                async with session.get(f"http://{HOST}:{self.admin}/ready") as answer:
                    return answer.status == 200
        except aiohttp.ClientError:
            return False

    async def metrics(self):
        """The text of a scrape; None where nobody answers."""
        try:
            async with aiohttp.ClientSession() as session:
                url = f"http://{HOST}:{self.admin}/metrics"
                async with session.get(url, timeout=aiohttp.ClientTimeout(10)) as answer:
                    return await answer.text() if answer.status == 200 else None
        except (aiohttp.ClientError, asyncio.TimeoutError):
            return None


SAMPLE = re.compile(r"^([a-z_:]+)(?:\{(.*)\})? ([-+0-9.eE]+)$")
LABEL = re.compile(r'([a-z_]+)="([^"]*)"')


class Samples:
    """A scrape, read."""

    def __init__(self, text):
        self.samples = []
        for line in (text or "").splitlines():
            match = SAMPLE.match(line)
            if match:
                self.samples.append((match[1], dict(LABEL.findall(match[2] or "")), float(match[3])))

    def sum(self, name, **labels):
        return int(
            sum(v for n, own, v in self.samples if n == name and all(own.get(k) == w for k, w in labels.items()))
        )

    def by(self, name, label, **labels):
        """The sums for each value of a label."""
        sums = {}
        for found, own, value in self.samples:
            if found == name and all(own.get(k) == w for k, w in labels.items()):
                sums[own.get(label)] = sums.get(own.get(label), 0) + int(value)
        return sums


class Nginx(Process):
    """A load balancer over the gateways, as an operator would write it: it streams, and repeats no POST."""

    def __init__(self, folder, gateways):
        (port,) = free_ports(1)
        self.gateways = gateways
        self.down = set()
        self.configuration = f"{folder}/nginx.conf"
        super().__init__(
            folder, "nginx", ["nginx", "-c", self.configuration, "-e", f"{folder}/nginx-error.log"], port
        )
        self.write()

    def write(self):
        servers = "".join(
            f"    server {HOST}:{each.plain} max_fails=1 fail_timeout=1s{' down' if each.name in self.down else ''};\n"
            for each in self.gateways
        )
        user = "user root;\n" if os.geteuid() == 0 else ""
        paths = "".join(
            f"  {name}_temp_path {self.folder}/temp-{name};\n"
            for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        with open(self.configuration, "w") as file:
            file.write(
                f"""{user}daemon off;
worker_processes 1;
worker_rlimit_nofile 8192;
pid {self.folder}/nginx.pid;
error_log {self.folder}/nginx-error.log;
events {{ worker_connections 4096; }}
http {{
  log_format campaign '$http_traceparent $status [$upstream_status] [$upstream_addr]';
  access_log {self.folder}/nginx-access.log campaign;
{paths}  client_max_body_size 32m;
  client_body_buffer_size 2m;
  upstream gateways {{
    least_conn;
{servers}    keepalive 64;
  }}
  server {{
    listen {HOST}:{self.port};
    location / {{
      proxy_pass http://gateways;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_buffering off;
      proxy_connect_timeout 2s;
      proxy_read_timeout 120s;
      proxy_next_upstream error timeout;
    }}
  }}
}}
"""
            )

    def leave_out(self, names):
        """Takes gateways out of the rotation, as an operator does before a restart."""
        self.down = set(names)
        self.write()
        self.send(signal.SIGHUP)


class Authority:
    """Certificates by openssl: one authority, any number of leaves."""

    def __init__(self, folder):
        self.folder = folder
        self.certificate = f"{folder}/authority.pem"
        subject = ["-subj", "/CN=campaign authority"]
        self._run("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                  "-keyout", f"{folder}/authority.key", "-out", self.certificate, *subject)

    def _run(self, *arguments):
        subprocess.run(["openssl", *arguments], check=True, capture_output=True)

    def issue(self, name, serial):
        """Puts a new certificate and key in place for `name`; returns the serial as peers show it."""
        new = f"{self.folder}/{name}.new"
        with open(f"{new}.ext", "w") as file:
            file.write("subjectAltName=DNS:localhost,IP:127.0.0.1\n")
        self._run("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                  "-keyout", f"{new}.key", "-out", f"{new}.csr", "-subj", "/CN=localhost")
        self._run("x509", "-req", "-in", f"{new}.csr", "-CA", self.certificate, "-CAkey",
                  f"{self.folder}/authority.key", "-set_serial", str(serial), "-days", "1", "-extfile", f"{new}.ext",
                  "-out", f"{new}.pem")
        os.replace(f"{new}.key", f"{self.folder}/{name}.key")
        os.replace(f"{new}.pem", f"{self.folder}/{name}.pem")
        return f"{serial:X}".zfill(2)
