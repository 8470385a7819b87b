/// A word that is looked for in bytes, by Horspool's rule: a byte that is not in the word lets the search go on behind it,
/// so that most bytes are never looked at.
struct SearchedWord: Sendable {
    private let word: [UInt8]
    /// How far the search goes on, for each byte that may stand under the word's end.
    private let steps: [UInt8]

    /// Of one to 255 bytes.
    init(_ text: StaticString) {
        word = text.withUTF8Buffer { Array($0) }
        var steps = [UInt8](repeating: UInt8(word.count), count: 256)
        for (index, byte) in word.dropLast().enumerated() { steps[Int(byte)] = UInt8(word.count - 1 - index) }
        self.steps = steps
    }

    func stands(in bytes: UnsafeRawBufferPointer) -> Bool {
        word.withUnsafeBufferPointer { word in
            steps.withUnsafeBufferPointer { steps in
                let last = word.count - 1
                var end = last
                while end < bytes.count {
                    let byte = bytes[end]
                    if byte == word[last] {
                        var index = 0
                        while index < last, bytes[end - last + index] == word[index] { index &+= 1 }
                        if index == last { return true }
                    }
                    end += Int(steps[Int(byte)])
                }
                return false
            }
        }
    }
}
