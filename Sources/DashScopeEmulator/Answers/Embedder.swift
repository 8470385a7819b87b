#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Makes vectors of unit length from texts: alike for texts that share words, always the same for the same text.
enum Embedder {
    static func vector(of text: String, dimension: Int) -> [Double] {
        var sum = [Double](repeating: 0, count: dimension)
        for word in words(in: text) { add(word, weight: 1, to: &sum) }
        // Texts of the same words in another order differ, too.
        add("\n" + text, weight: 0.1, to: &sum)
        let length = sum.reduce(0) { $0 + $1 * $1 }.squareRoot()
        // Seven digits, as recorded.
        return sum.map { (($0 / length) * 10_000_000).rounded() / 10_000_000 }
    }

    /// The words of a text in lower case; characters without spaces between them are words of their own.
    static func words(in text: String) -> [String] {
        var words: [String] = []
        var word = ""
        for scalar in text.lowercased().unicodeScalars {
            let isWord = scalar.properties.isAlphabetic || scalar.properties.numericType != nil
            if isWord, scalar.value < 0x2E80 {
                word.unicodeScalars.append(scalar)
                continue
            }
            if !word.isEmpty { words.append(word) }
            word = ""
            if isWord { words.append(String(scalar)) }
        }
        return word.isEmpty ? words : words + [word]
    }

    /// How much a document answers a query, from 0 to 1: the share of the query's words that it holds.
    static func relevance(of document: String, to query: String) -> Double {
        let asked = Set(words(in: query))
        let held = Set(words(in: document))
        guard !asked.isEmpty else { return 0 }
        let share = Double(asked.intersection(held).count) / Double(asked.count)
        let density = held.isEmpty ? 0 : Double(asked.intersection(held).count) / Double(held.count)
        return ((0.02 + 0.9 * share + 0.05 * density) * 1_000_000).rounded() / 1_000_000
    }

    private static func add(_ word: String, weight: Double, to sum: inout [Double]) {
        var state = UInt64(stableHashOf: Array(word.utf8))
        for index in sum.indices {
            state = (state &+ 0x9e37_79b9_7f4a_7c15).scrambled
            sum[index] += weight * (Double(state >> 11) / Double(1 << 52) - 1)
        }
    }
}
