import Foundation
import NIOCore

// Runs every law with N and 2N of something, for scripts/costs.py, which counts the instructions of each run.
//
//   gateway-costs make CORPORA N PART PARTS [WORD]     writes the inputs of laws whose name holds the word, one part
//   gateway-costs run                                  reads them and runs the laws
//
// Inputs are made by a process of their own: nobody counts what they cost, and counting makes it a hundred times as slow.
// `run` prints a line for each run: its number, then the law's name.

nonisolated(unsafe) private var runs = 0

/// What is counted: callgrind knows it by its name.
@inline(never)
func countedRun(_ run: Run, _ input: [ByteBuffer]) {
    run(input)
    // Callgrind does not see the end of a function that ends in a jump to another one.
    runs += 1
}

private func make(corpora: String, count: Int, part: Int, parts: Int, word: String) {
    let laws = Laws(corpora: URL(filePath: corpora)).all.filter { word.isEmpty || $0.name.contains(word) }
    // Neighbours, which run through the same functions: a dump lists all that the process has run through.
    for law in laws[(laws.count * part / parts)..<(laws.count * (part + 1) / parts)] {
        InputPipe.write(text: law.run.rawValue)
        InputPipe.write(text: law.name)
        for size in [1, count, 2 * count] { InputPipe.write(law.make(size)) }
    }
    InputPipe.flush()
}

private func run() {
    while let name = InputPipe.readText() {
        guard let run = Run(rawValue: name), let law = InputPipe.readText(), let first = InputPipe.read() else {
            fatalError("the inputs are not whole")
        }
        // The first run fills what is made once.
        run(first)
        for _ in 0..<2 {
            guard let input = InputPipe.read() else { fatalError("the inputs of \(law) are not whole") }
            countedRun(run, input)
            print("\(runs)\t\(law)")
        }
    }
}

let arguments = Array(CommandLine.arguments.dropFirst())
if arguments == ["run"] {
    run()
} else if arguments.count >= 5, arguments[0] == "make", let count = Int(arguments[2]), let part = Int(arguments[3]),
    let parts = Int(arguments[4]), parts > 0
{
    make(corpora: arguments[1], count: count, part: part, parts: parts, word: arguments.count > 5 ? arguments[5] : "")
} else {
    print("usage: gateway-costs make CORPORA N PART PARTS [WORD] | gateway-costs run")
    exit(64)
}
