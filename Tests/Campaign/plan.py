"""What a campaign does, drawn from its seed: requests with the outcomes they may have, and disturbances."""

import dataclasses
import random

# Answers, and how they are told in the ledger: "ok", "STATUS code[/upstream's code]", "event code[/upstream's code]".
QUOTA = "429 rate_limit_exceeded/Throttling.RateQuota"
INTERNAL = "500 internal_error/InternalError"
UNAVAILABLE = "503 service_unavailable/ModelUnavailable"
CLOSED = "502 upstream_closed"


@dataclasses.dataclass(frozen=True)
class Kind:
    """A sort of request: its model, how often it comes, and how it may end when nothing else happens."""

    name: str
    model: str
    weight: int
    whole: tuple = ("ok",)
    stream: tuple = ("ok",)
    form: str = "either"


def as_event(kind):
    return f"event {kind.split(' ', 1)[1]}"


KINDS = [
    Kind("plain", "qwen-plus", 24),
    Kind("names-key", "emulator-names-key", 16),
    Kind("thinking", "qwq-plus", 6),
    Kind("tools", "qwen-plus", 8),
    Kind("slow", "emulator-slow-60", 12),
    Kind("slower", "emulator-slow-250", 4),
    Kind("megabyte", "emulator-megabyte-event", 1),
    Kind("crlf", "emulator-crlf", 2),
    Kind("comments", "emulator-comments", 2),
    Kind("wrong-path", "emulator-wrong-path", 2),
    Kind("first-1-throttled", "emulator-first-1-throttled", 4),
    Kind("first-2-503", "emulator-first-2-503", 3),
    # A stream's head leaves with a comment once silence has lasted; a refusal after that is an event.
    Kind("throttled", "emulator-throttled", 3, (QUOTA,), (QUOTA, as_event(QUOTA))),
    Kind("arrearage", "emulator-arrearage", 1, ("429 insufficient_quota/Arrearage",),
         ("429 insufficient_quota/Arrearage",)),
    Kind("moderated", "emulator-moderates-mid-stream", 3, ("400 content_filter/DataInspectionFailed",),
         ("event content_filter/DataInspectionFailed",)),
    Kind("500", "emulator-500", 2, (INTERNAL,), (INTERNAL, as_event(INTERNAL))),
    Kind("503", "emulator-503", 2, (UNAVAILABLE,), (UNAVAILABLE, as_event(UNAVAILABLE))),
    Kind("html-502", "emulator-html-502", 1, ("502 internal_error",), ("502 internal_error",)),
    Kind("not-json", "emulator-not-json", 1, ("502 upstream_invalid_response",), ("502 upstream_invalid_response",)),
    Kind("breaks", "emulator-breaks-mid-stream", 4, (CLOSED,), ("event upstream_closed",)),
    Kind("ends-early", "emulator-ends-early", 2, ("ok",), ("event upstream_incomplete",)),
    Kind("closes-unanswered", "emulator-closes-unanswered", 2, (CLOSED,), (CLOSED,)),
    Kind("closes-after-head", "emulator-closes-after-head", 1, (CLOSED,), (CLOSED,)),
    Kind("silent", "emulator-silent", 2, ("504 timeout",), ("504 timeout", "event timeout")),
    Kind("stalls", "emulator-silent-mid-stream", 2, ("504 timeout",), ("event timeout",)),
    Kind("no-key", "qwen-plus", 1, ("401 None",), ("401 None",), "no-key"),
    Kind("bad-value", "qwen-plus", 1, ("400 invalid_value", "400 invalid_type"), ("400 invalid_value", "400 invalid_type"),
         "bad-value"),
    Kind("broken-json", "qwen-plus", 1, ("400 invalid_json",), ("400 invalid_json",), "broken-json"),
]

SIZES = [(0, 50), (2_000, 33), (20_000, 12), (200_000, 4), (1_000_000, 1)]
LEFT, NOT_CONNECTED, LOST = "left by the client", "not connected", "connection lost"

# What a disturbance may add to a request's own outcomes while it lasts.
EMULATOR_GONE = {
    "502 upstream_unreachable", CLOSED, "event upstream_closed", QUOTA, UNAVAILABLE,
    "event upstream_unreachable", as_event(QUOTA), as_event(UNAVAILABLE),
}
BREAKER_OPEN = {"503 upstream_unavailable", "event upstream_unavailable"}
LIMITED = {"429 rate_limit_exceeded", "503 overloaded"}
GATEWAY_STOPS = {"503 shutting_down", "event shutting_down", "nginx 502"}
DIRECT_GATEWAY_STOPS = {"503 shutting_down", "event shutting_down", NOT_CONNECTED, LOST}


@dataclasses.dataclass
class Request:
    """One request of the plan. Prompt, key and trace have marks of their own; the trace's may be logged."""

    number: str
    kind: Kind
    streams: bool
    via: str
    size: int
    leave: tuple | None
    mark: str
    trace: str

    @property
    def prompt(self):
        # A tool is called where its name is mentioned.
        return f"{PROMPT_MARK}{self.mark}" + (f" use find_{self.mark}" if self.kind.name == "tools" else "")

    @property
    def key(self):
        return f"{KEY_MARK}{self.mark}"

    @property
    def expected(self):
        return self.kind.stream if self.streams else self.kind.whole


PROMPT_MARK, KEY_MARK = "pmk", "sk-kmk"


class Worker:
    """The endless, seeded list of requests of one worker."""

    def __init__(self, seed, index):
        self.index, self.count = index, 0
        self.random = random.Random(f"{seed}/worker/{index}")

    def next(self):
        self.count += 1
        chance = self.random
        kind = chance.choices(KINDS, [each.weight for each in KINDS])[0]
        size = chance.choices([s for s, _ in SIZES], [w for _, w in SIZES])[0]
        if kind.name == "thinking":
            # This model's context is shorter.
            size = min(size, 200_000)
        leave = None
        if chance.random() < 0.12:
            leave = ("before", round(chance.random() * 1.5, 3)) if chance.random() < 0.5 else (
                "after", chance.randint(1, 12))
        return Request(
            number=f"{self.index}.{self.count}",
            kind=kind,
            streams=chance.random() < 0.7,
            via=chance.choices(["nginx", "tls", "http2"], [70, 12, 18])[0],
            size=size,
            leave=leave,
            mark=f"{chance.getrandbits(80):020x}",
            trace=f"{chance.getrandbits(127) | 1:032x}",
        )

    def pause(self):
        return self.random.random() * 0.5


@dataclasses.dataclass
class Step:
    """A disturbance, so many seconds after the one before it in its lane."""

    pause: float
    action: str
    value: float = 0
    gateway: int = 0
    announced: bool = False


def gateway_lane(seed, seconds):
    """Reloads, certificates and replacements, one after the other; more than there is time for."""
    chance = random.Random(f"{seed}/gateways")
    actions = ["limit", "origins", "broken", "certificate", "drain", "certificate", "crowd", "drain"]
    steps, turn = [], 0
    while len(steps) < seconds * 2:
        # Each round holds everything once, in an order of its own, so that short campaigns leave nothing out.
        for action in chance.sample(actions, len(actions)):
            pause = chance.uniform(0.3, max(0.6, min(4, seconds / 25)))
            turn += action == "drain"
            gateway = turn % 2 if action == "drain" else 1 if action == "certificate" else chance.randint(0, 1)
            steps.append(Step(pause, action, chance.random(), gateway, announced=turn % 4 in (0, 1)))
    return steps


def emulator_lane(seed, seconds):
    chance = random.Random(f"{seed}/emulator")
    steps, at = [], 0.0
    while at < seconds * 0.85:
        pause = chance.uniform(seconds / 6, seconds / 3) if seconds < 60 else chance.uniform(8, 25)
        steps.append(Step(pause, chance.choice(["kill", "terminate"]), chance.uniform(0.2, 1.5)))
        at += pause + 2
    return steps
