"""The law of costs: twice as much of anything costs at most 2.2 times the instructions.

    python costs.py PROGRAM [--count N] [WORD]

Instructions are counted by callgrind, because time says little on a machine that does other things, too.
"""

import argparse
import pathlib
import re
import subprocess
import tempfile

BOUND = 2.2
CORPORA = pathlib.Path(__file__).resolve().parent.parent / "Tests" / "Corpora"
TOTALS = re.compile(rb"^(?:totals|summary): (\d+)", re.MULTILINE)


def measure(program, count, word, folder):
    """The instructions of each run, by law, in the order of the sizes."""
    command = [
        "valgrind", "--tool=callgrind", "--quiet", "--collect-atstart=no", "--toggle-collect=*countedRun*",
        "--dump-after=*countedRun*", f"--callgrind-out-file={folder}/out", str(program), str(CORPORA), str(count),
    ] + ([word] if word else [])
    result = subprocess.run(command, capture_output=True, text=True)
    if result.returncode != 0:
        raise SystemExit(f"the program failed with {result.returncode}: {result.stderr[-2000:]}")
    lines = result.stdout.splitlines()
    costs = {}
    for line in lines:
        number, name = line.split("\t", 1)
        dump = pathlib.Path(f"{folder}/out.{number}").read_bytes()
        costs.setdefault(name, []).append(int(TOTALS.search(dump)[1]))
    return costs


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--count", type=int, default=160)
    parser.add_argument("word", nargs="?")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="costs-") as folder:
        costs = measure(options.program, options.count, options.word, folder)
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
