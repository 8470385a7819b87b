#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What the emulator hears in a sound, always the same for the same one.
///
/// The name of a file is what is said in it: `good-morning--how-are-you.mp3` holds two sentences, `silence.wav` none. A
/// WAV file that comes inline may hold its text as a comment (`LIST`, `INFO`, `ICMT`).
struct SpokenText: Sendable {
    struct Word: Sendable {
        var begin: Int
        var end: Int
        var text: String
        var mark: String
    }

    struct Sentence: Sendable {
        var words: [Word]

        var text: String { words.map { $0.text + $0.mark }.joined().trimmed }
        var begin: Int { words.first?.begin ?? 0 }
        var end: Int { words.last?.end ?? 0 }
    }

    var sentences: [Sentence] = []
    /// In milliseconds.
    var duration = 1000

    var text: String { sentences.map(\.text).joined(separator: " ") }

    /// Silence.
    init() {}

    init(source: String) {
        if source.hasPrefix("data:") {
            self.init(inline: source)
        } else {
            let path = source.prefix { $0 != "?" && $0 != "#" }
            let name = path.split(separator: "/").last ?? ""
            let stem = name.split(separator: ".", omittingEmptySubsequences: false).dropLast().joined(separator: ".")
            self.init(name: stem.isEmpty ? String(name) : stem)
        }
    }

    private init(inline source: String) {
        let comma = source.firstIndex(of: ",") ?? source.startIndex
        guard let data = Data(base64Encoded: String(source[source.index(after: comma)...])) else {
            self.init()
            return
        }
        if let comment = Self.comment(in: Array(data)) {
            self.init(name: comment)
        } else {
            self.init(name: "a recording of \(data.count) bytes")
        }
    }

    private init(name: String) {
        self.init()
        guard name.lowercased() != "silence" else { return }
        var time = 100
        var rest = name[...]
        while !rest.isEmpty {
            let part = rest.firstRange(of: "--").map { rest[..<$0.lowerBound] } ?? rest
            rest = rest.dropFirst(part.count + (part.endIndex == rest.endIndex ? 0 : 2))
            let words = part.split { $0 == "-" || $0 == "_" || $0 == " " }.map(String.init)
            guard !words.isEmpty else { continue }
            var sentence = Sentence(words: [])
            for (place, word) in words.enumerated() {
                let isLast = place == words.count - 1
                let text = place == 0 ? word.prefix(1).uppercased() + word.dropFirst() : word
                sentence.words.append(
                    Word(begin: time, end: time + 397, text: isLast ? text : text + " ", mark: isLast ? "." : "")
                )
                time += 397
            }
            sentences.append(sentence)
            time += 203
        }
        duration = max(1000, time)
    }

    /// The comment of a WAV file.
    private static func comment(in bytes: [UInt8]) -> String? {
        guard bytes.count > 12, bytes.starts(with: Array("RIFF".utf8)), bytes[8..<12].elementsEqual("WAVE".utf8) else {
            return nil
        }
        func chunks(_ range: Range<Int>) -> [(name: String, content: Range<Int>)] {
            var found: [(name: String, content: Range<Int>)] = []
            var place = range.lowerBound
            while place + 8 <= range.upperBound {
                let size = (0..<4).reduce(0) { $0 | Int(bytes[place + 4 + $1]) << (8 * $1) }
                let start = place + 8
                guard size <= range.upperBound - start else { break }
                found.append((String(decoding: bytes[place..<place + 4], as: UTF8.self), start..<start + size))
                place = start + size + size % 2
            }
            return found
        }
        for chunk in chunks(12..<bytes.count) where chunk.name == "LIST" && chunk.content.count > 4 {
            for item in chunks(chunk.content.lowerBound + 4..<chunk.content.upperBound) where item.name == "ICMT" {
                return String(decoding: bytes[item.content].prefix { $0 != 0 }, as: UTF8.self)
            }
        }
        return nil
    }

    /// The code of the language, by its letters.
    var language: String { text.utf8.allSatisfy { $0 < 0x80 } ? "en" : "zh" }

    /// Begun seconds.
    var seconds: Int { (duration + 999) / 1000 }
}

extension String {
    fileprivate var trimmed: String {
        String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
}
