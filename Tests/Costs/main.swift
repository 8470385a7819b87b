import Foundation
import NIOCore

// Runs every law with N and 2N of something, for scripts/costs.py, which counts the instructions of each run.
//
//   gateway-costs CORPORA N [WORD]      laws whose name holds the word
//
// Prints a line for each run, in their order: N, then the law's name.

/// What is counted: callgrind knows it by this name.
@inline(never)
@_cdecl("gateway_cost")
func cost(_ index: Int) {
    current(index)
}

nonisolated(unsafe) private var current: (Int) -> Void = { _ in }

let arguments = CommandLine.arguments
guard arguments.count >= 3, let count = Int(arguments[2]) else {
    print("usage: gateway-costs CORPORA N [WORD]")
    exit(64)
}
let word = arguments.count > 3 ? arguments[3] : ""
for law in Laws(corpora: URL(filePath: arguments[1])).all where word.isEmpty || law.name.contains(word) {
    // The first run fills what is made once.
    let first = law.make(1)
    law.run(first)
    for size in [count, 2 * count] {
        let input = law.make(size)
        current = { _ in law.run(input) }
        cost(size)
        print("\(size)\t\(law.name)")
    }
}
