"""Lines that people and machines read: `ok   name`, `FAIL name: why`, and a sum."""


class Report:
    def __init__(self):
        self.passed = self.failed = 0

    def check(self, name, holds, why=""):
        """Prints one result; `why` is text or a list of lines of which the first are shown."""
        if holds:
            self.passed += 1
            print(f"ok   {name}", flush=True)
        else:
            self.failed += 1
            lines = [why] if isinstance(why, str) else [str(line) for line in why]
            print(f"FAIL {name}: {lines[0] if lines else ''}", flush=True)
            for line in lines[1:12]:
                print(f"       {line}", flush=True)
        return holds

    def close(self):
        """Prints the sum; returns the exit status."""
        print(f"{self.passed} passed, {self.failed} failed", flush=True)
        return 1 if self.failed else 0
