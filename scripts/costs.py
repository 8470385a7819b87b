"""The law of costs: twice as much of anything costs at most 2.2 times the instructions.

    python costs.py PROGRAM [--count N] [WORD]

Instructions are counted by callgrind, because time says little on a machine that does other things, too.
"""

import argparse
import concurrent.futures
import os
import pathlib
import re
import subprocess
import tempfile

BOUND = 2.2
# Processes that share the laws: each dump of one lists all functions that it has run through.
PARTS = 32
CORPORA = pathlib.Path(__file__).resolve().parent.parent / "Tests" / "Corpora"
TOTALS = re.compile(rb"^(?:totals|summary): (\d+)", re.MULTILINE)


def symbol(program, word):
    """The function that is called: the last one whose name holds the word, after others that the compiler made of it."""
    names = subprocess.run(["nm", program], capture_output=True, text=True, check=True).stdout.split()
    found = sorted((name for name in names if word in name), key=len)
    if not found:
        raise SystemExit(f"the program has no function {word}")
    return found[-1]


def measure(program, counted, count, part, parts, word):
    """The instructions of each run of one part, by law, in the order of the sizes."""
    with tempfile.TemporaryDirectory(prefix="costs-") as folder:
        making = [program, "make", str(CORPORA), str(count), str(part), str(parts)] + ([word] if word else [])
        counting = [
            "valgrind", "--tool=callgrind", "--quiet", "--collect-atstart=no", f"--toggle-collect={counted}",
            f"--dump-after={counted}", f"--callgrind-out-file={folder}/out", program, "run",
        ]
        # Hashes with a seed of their own would make tables grow at other sizes in each run.
        environment = {**os.environ, "SWIFT_DETERMINISTIC_HASHING": "1"}
        with subprocess.Popen(making, stdout=subprocess.PIPE) as inputs:
            result = subprocess.run(counting, stdin=inputs.stdout, capture_output=True, text=True, env=environment)
        if inputs.returncode != 0 or result.returncode != 0:
            statuses = f"{inputs.returncode} and {result.returncode}"
            raise SystemExit(f"the programs ended with {statuses}: {result.stderr[-2000:]}")
        costs = {}
        for line in result.stdout.splitlines():
            number, name = line.split("\t", 1)
            dump = pathlib.Path(f"{folder}/out.{number}").read_bytes()
            costs.setdefault(name, []).append(int(TOTALS.search(dump)[1]))
        return costs


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("word", nargs="?")
    options = parser.parse_intermixed_args()
    counted, parts, costs = symbol(options.program, "countedRun"), 1 if options.word else PARTS, {}
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        pieces = [
            pool.submit(measure, options.program, counted, options.count, part, parts, options.word)
            for part in range(parts)
        ]
        for piece in pieces:
            costs |= piece.result()
    ranked = sorted(((more / max(less, 1), less, more, name) for name, (less, more) in costs.items()), reverse=True)
    broken = [each for each in ranked if each[0] > BOUND]
    for ratio, less, more, name in broken:
        print(f"FAIL {name}: {less:,} instructions become {more:,}, {ratio:.2f} times as many")
    if not ranked:
        raise SystemExit("no law was measured")
    ratio, _, _, name = ranked[0]
    total = sum(less + more for _, less, more, _ in ranked)
    print(f"{len(ranked)} laws, {total / 1e9:.1f} billion instructions; the steepest grows {ratio:.2f} times: {name}")
    print(f"{len(ranked) - len(broken)} passed, {len(broken)} failed")
    raise SystemExit(1 if broken else 0)


if __name__ == "__main__":
    main()
