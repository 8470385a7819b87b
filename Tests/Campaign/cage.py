"""A control group with a bound on its memory, by whatever means the machine has."""

import os
import pathlib

MOUNT = pathlib.Path("/sys/fs/cgroup")
LIMIT = 512 << 20


class NoCage(Exception):
    """There is no way to bound memory here; the message says what was tried."""


def own_path(controller):
    """Where this process is in the hierarchy of a controller ("" for version 2)."""
    for line in pathlib.Path("/proc/self/cgroup").read_text().splitlines():
        _, names, path = line.split(":", 2)
        if names == controller or controller in names.split(","):
            return path.strip("/")
    return ""


class Cage:
    """One control group of `limit` bytes; processes enter it by `command` and it is gone after `remove`."""

    def __init__(self, name, limit=LIMIT):
        tried = []
        for version, folder in self.places():
            self.version, self.folder = version, folder / name
            try:
                self.make(limit)
                return
            except OSError as error:
                tried.append(f"{self.folder}: {error.strerror}")
                self.remove()
        raise NoCage("; ".join(tried) or f"no memory controller below {MOUNT}")

    def places(self):
        if (MOUNT / "memory").is_dir():
            yield 1, MOUNT / "memory" / own_path("memory")
            yield 1, MOUNT / "memory"
        for root in (MOUNT, MOUNT / "unified"):
            controllers = root / "cgroup.controllers"
            if controllers.is_file() and "memory" in controllers.read_text().split():
                # Below the root first: a group that holds processes may have no children with controllers.
                yield 2, root
                yield 2, root / own_path("")

    def make(self, limit):
        if self.version == 2:
            control = self.folder.parent / "cgroup.subtree_control"
            if "memory" not in control.read_text().split():
                control.write_text("+memory")
        self.folder.mkdir()
        if self.version == 1:
            self.write("memory.limit_in_bytes", limit)
            self.write("memory.memsw.limit_in_bytes", limit, optional=True)
        else:
            self.write("memory.max", limit)
            self.write("memory.swap.max", 0, optional=True)

    def write(self, name, value, optional=False):
        file = self.folder / name
        if optional and not file.exists():
            return
        file.write_text(str(value))

    def read(self, name, key=None):
        try:
            text = (self.folder / name).read_text()
        except OSError:
            return 0
        if key is None:
            return int(text)
        return next((int(line.split()[1]) for line in text.splitlines() if line.split()[0] == key), 0)

    def command(self, arguments):
        """A command that enters the group and becomes the given one."""
        return ["/bin/sh", "-c", f'echo $$ >"{self.folder}/cgroup.procs" && exec "$@"', "sh", *arguments]

    @property
    def held(self):
        """Bytes that processes hold now; files that the kernel keeps in memory do not count."""
        return self.read("memory.stat", "rss" if self.version == 1 else "anon")

    @property
    def kills(self):
        """How often the kernel ended a process for the bound."""
        if self.version == 1:
            return self.read("memory.oom_control", "oom_kill")
        return self.read("memory.events", "oom_kill")

    def remove(self):
        try:
            self.folder.rmdir()
        except OSError:
            pass
