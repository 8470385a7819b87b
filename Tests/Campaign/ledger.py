"""The ledger of a campaign: what was sent, what became of it, and whether everybody tells the same."""

import collections
import datetime
import glob
import json
import time

from clients import CUT, NO_ANSWER, PATH
from plan import (
    BREAKER_OPEN, DIRECT_GATEWAY_STOPS, EMULATOR_GONE, GATEWAY_STOPS, KEY_MARK, LEFT, LIMITED, LOST, NOT_CONNECTED, PROMPT_MARK,
)
from processes import Samples

REQUESTS = "gateway_http_requests_total"


class Windows:
    """When which disturbance lasted; a request that overlaps one may end in more ways."""

    def __init__(self):
        self.all = []

    def add(self, kind, began, ended, gateway=None):
        self.all.append((kind, began, ended, gateway))

    def allowed(self, outcome):
        kinds = set()
        for kind, began, ended, gateway in self.all:
            if outcome.ended < began or outcome.began > ended:
                continue
            if kind == "emulator":
                kinds |= EMULATOR_GONE
            elif kind == "breaker":
                kinds |= BREAKER_OPEN
            elif kind == "limits":
                kinds |= LIMITED
            elif outcome.request.via == "nginx":
                kinds |= GATEWAY_STOPS
            elif gateway == "tls":
                kinds |= DIRECT_GATEWAY_STOPS
        return kinds


def describe(outcome):
    request = outcome.request
    shape = "stream" if request.streams else "whole"
    return (
        f"request {request.number} ({request.kind.name}, {shape}, {request.via}, {request.size} bytes): "
        f"{outcome.kind} after {outcome.ended - outcome.began:.1f} s {outcome.wrong or ''} {outcome.detail}"
    )


def moment(record):
    """When a request was recorded, in seconds since 1970."""
    return datetime.datetime.fromisoformat(record["timestamp"].replace("Z", "+00:00")).timestamp()


class Ledger:
    def __init__(self, report, folder):
        self.report, self.folder = report, folder
        self.outcomes = []
        self.windows = Windows()
        self.records = []
        self.openings = {}

    # What clients saw.

    def print_sum(self):
        kinds = collections.Counter(each.kind for each in self.outcomes)
        print(f"\n{len(self.outcomes):7d} sent")
        for kind, count in sorted(kinds.items(), key=lambda item: (-item[1], item[0])):
            print(f"{count:7d}   {kind}")
        print()
        return kinds

    def check_outcomes(self, sent):
        check, outcomes = self.report.check, self.outcomes
        kinds = self.print_sum()
        check("sent = answered by kind + left", sent == len(outcomes) == sum(kinds.values()),
              f"{sent} sent, {len(outcomes)} ended")
        missing = [each for each in outcomes if each.kind in (NO_ANSWER, CUT, "client failed")]
        check("no request is without an answer", not missing, [describe(each) for each in missing])
        wrong = [each for each in outcomes if each.wrong]
        check("no answer is another request's", not wrong, [describe(each) for each in wrong])
        odd = [
            each for each in outcomes
            if each.kind != LEFT and each not in missing and each.kind not in each.request.expected
            and each.kind not in self.windows.allowed(each)
        ]
        check("every outcome is the model's own or a disturbance's", not odd, [describe(each) for each in odd])
        check(f"circuit breakers opened as they are set: {self.openings}",
              self.openings["first"] == 0 and self.openings["second"] > 0, "they did not")
        named = sum(1 for each in outcomes if each.request.kind.name == "names-key" and each.kind == "ok")
        check(f"no key is crossed: {named} answers name theirs", named > 0, "none was seen")
        check("most requests are answered well", kinds["ok"] > len(outcomes) * 0.3, f"{kinds['ok']}")
        limited = sum(kinds[kind] for kind in LIMITED)
        for what, count in (("client left", kinds[LEFT]), ("limit reached", limited),
                            ("upstream unreachable", kinds["502 upstream_unreachable"]),
                            ("stream cut by upstream", kinds["event upstream_closed"])):
            check(f"it happened: {what}", count > 0, "never")

    # What the gateways wrote.

    def read_records(self, gateways):
        """Also notes when a circuit breaker was open: how long depends on what the probes happened to ask for."""
        self.openings = {gateway.name: 0 for gateway in gateways}
        # The log has the time of day, outcomes have the clock that is never set.
        offset = time.time() - time.monotonic()
        for gateway in gateways:
            generation, opened, closed = 0, None, None

            def add(began, ended):
                if began is not None:
                    self.windows.add("breaker", began - offset - 0.05, ended - offset + 0.05, gateway.name)

            with open(gateway.log, encoding="utf-8") as log:
                for line in log:
                    try:
                        record = json.loads(line)
                    except ValueError:
                        continue
                    message = record.get("message", "")
                    generation += message == "listening"
                    if "the circuit breaker is open" in message:
                        opened = moment(record)
                        self.openings[gateway.name] += 1
                    elif "the circuit breaker is closed" in message:
                        # Lines of two event loops may come the wrong way round; then another "closed" follows.
                        add(closed if opened is None else opened, moment(record))
                        opened, closed = None, moment(record)
                    elif message == "listening":
                        add(opened, moment(record))
                        opened, closed = None, None
                    if message == "request" and record.get("route") == PATH:
                        self.records.append(record | {"process": (gateway.name, generation)})
            add(opened, time.time())

    def check_records(self):
        """Each answer that a gateway gave has one record that tells the same."""
        check = self.report.check
        by_trace, by_id = collections.defaultdict(list), {}
        for record in self.records:
            if "trace_id" in record:
                by_trace[record["trace_id"]].append(record)
            else:
                by_id[record["request_id"]] = record
        odd, answered, used = [], 0, 0
        for outcome in self.outcomes:
            found = by_trace.get(outcome.request.trace) or []
            if not found and outcome.request_id in by_id:
                found = [by_id[outcome.request_id]]
            used += len(found)
            by_gateway = outcome.kind not in (LEFT, NOT_CONNECTED, LOST, NO_ANSWER, CUT) and "nginx" not in outcome.kind
            answered += by_gateway
            if len(found) > 1 or (by_gateway and [each["status"] for each in found] != [outcome.status]):
                odd.append(f"{describe(outcome)}; recorded as {[each['status'] for each in found]}")
        check(f"each of {answered} answers is recorded once, with its status", not odd, odd)
        # Whoever leaves before the call was sent has no trace: a record without a client of its own.
        left = sum(1 for each in self.outcomes if each.kind in (LEFT, LOST, "nginx 502"))
        rest = len(self.records) - answered
        classes = collections.Counter(record["status"] for record in self.records)
        print(f"     records by status: {dict(sorted(classes.items()))}; {rest} beyond the answers, {left} left or lost")
        check("the other records are those of clients that left", 0 <= rest <= left, f"{rest} records, {left} left")
        strange = [
            record for record in self.records if record["status"] == 499 and record.get("trace_id") in {
                each.request.trace for each in self.outcomes if each.kind not in (LEFT, LOST, "nginx 502")
            }
        ]
        check("499 is recorded only where a client left", not strange, strange)

    def check_metrics(self, scrapes):
        """`scrapes`: for each process its name, last scrape, and when that was, or None where it was at rest."""
        recorded = collections.defaultdict(collections.Counter)
        for record in self.records:
            recorded[record["process"]][str(record["status"])] += 1
        check, generations, odd, total, late = self.report.check, collections.Counter(), [], 0, 0
        for name, text, at in scrapes:
            generations[name] += 1
            process, samples = (name, generations[name]), Samples(text)
            counted = collections.Counter(samples.by(REQUESTS, "code", route=PATH))
            missing, surplus = recorded[process] - counted, counted - recorded[process]
            total += sum(counted.values())
            late += sum(missing.values())
            # A process that drains is read for the last time before its last answers, which are recorded later.
            bound = 0 if at is None else sum(
                1 for each in self.records if each["process"] == process and moment(each) >= at - 0.1
            )
            if surplus or sum(missing.values()) > bound:
                odd.append(f"{process}: not counted {dict(missing)}, not recorded {dict(surplus)}, {bound} later")
        check(
            f"metrics of {len(scrapes)} processes agree with the records: {total} counted, {late} ended after the "
            "last scrape of one that stopped", not odd and total + late == len(self.records), odd,
        )
        for name in ("gateway_permits_leaked_total", "gateway_log_lines_dropped_total"):
            sums = {process: Samples(text).sum(name) for process, text, _ in scrapes}
            check(f"{name} is 0", not any(sums.values()), f"{sums}")

    # What nobody may have written.

    def check_secrets(self, scrapes):
        marks = [PROMPT_MARK.encode(), KEY_MARK.encode()]
        found = []
        for path in glob.glob(f"{self.folder}/*.log"):
            with open(path, "rb") as file:
                found += [f"{path}: {line[:160]!r}" for line in file if any(mark in line for mark in marks)]
        found += [f"metrics of {name}" for name, text, _ in scrapes if text and any(m.decode() in text for m in marks)]
        self.report.check("no key and no prompt in logs or metrics", not found, found)

    def check_stalls(self, gateways):
        found = []
        for gateway in gateways:
            with open(gateway.log, encoding="utf-8", errors="replace") as log:
                for line in log:
                    if "stands still" in line or "Fatal error" in line or '"level":"critical"' in line:
                        found.append(f"{gateway.name}: {line.strip()[:200]}")
        self.report.check("no event loop stood still, nothing crashed", not found, found)
