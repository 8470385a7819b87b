import Foundation
import NIOCore

// Runs every law with N and 2N of something, for scripts/costs.py, which counts the instructions of each run.
//
//   gateway-costs CORPORA N PART PARTS [WORD]      laws whose name holds the word; of these one part
//
// Prints a line for each run: its number, then the law's name.

nonisolated(unsafe) private var runs = 0

/// What is counted: callgrind knows it by its name.
@inline(never)
func countedRun(_ law: Law, _ input: [ByteBuffer]) {
    law.run(input)
    // Callgrind does not see the end of a function that ends in a jump to another one.
    runs += 1
}

let arguments = CommandLine.arguments
guard arguments.count >= 5, let count = Int(arguments[2]), let part = Int(arguments[3]), let parts = Int(arguments[4]),
    parts > 0
else {
    print("usage: gateway-costs CORPORA N PART PARTS [WORD]")
    exit(64)
}
let word = arguments.count > 5 ? arguments[5] : ""
let laws = Laws(corpora: URL(filePath: arguments[1])).all.filter { word.isEmpty || $0.name.contains(word) }
for (index, law) in laws.enumerated() where index % parts == part {
    // The first run fills what is made once.
    let first = law.make(1)
    law.run(first)
    for size in [count, 2 * count] {
        let input = law.make(size)
        countedRun(law, input)
        print("\(runs)\t\(law.name)")
    }
}
