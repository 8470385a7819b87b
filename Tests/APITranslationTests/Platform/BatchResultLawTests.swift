import Foundation
import JSONBytes
import NIOCore
import TestSupport
import Testing

@testable import APITranslation

/// What holds for the results of any batch, whatever stands in them.
struct BatchResultLawTests {
    private func rewritten(_ pieces: [ByteBuffer]) -> [UInt8] {
        let tape = JSONTape()
        var lines = BatchResultLines()
        var output = ByteBuffer()
        for piece in pieces { lines.append(piece, tape: tape, into: &output) }
        lines.finish(tape: tape, into: &output)
        return Array(output.readableBytesView)
    }

    private func rewritten(_ bytes: [UInt8]) -> [UInt8] { rewritten([ByteBuffer(bytes: bytes)]) }

    private func lines(_ bytes: [UInt8]) -> [[UInt8]] {
        bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map(Array.init)
    }

    @Test func theFixtureIsAsItIs() throws {
        let native = try Fixture.text("batches/full.native.jsonl")
        let reply = try Fixture.text("batches/full.reply.jsonl")
        for division in ByteDivision.all(of: native) {
            #expect(String(decoding: rewritten(division), as: UTF8.self) == reply)
        }
        // What is in OpenAI's form already stays byte for byte.
        #expect(rewritten(Array(reply.utf8)) == Array(reply.utf8))
    }

    // MARK: - Laws

    /// Checks one line against Foundation's reading of it.
    private func check(_ line: [UInt8], became output: [UInt8]) throws {
        let before = try? JSONSerialization.jsonObject(with: Data(line)) as? [String: Any]
        guard let before, before["custom_id"] != nil else {
            #expect(output == line, "\(String(decoding: line, as: UTF8.self))")
            return
        }
        let after = try JSONSerialization.jsonObject(with: Data(output)) as? NSDictionary
        var expected = before
        for name in ["response", "error"] where expected[name] == nil { expected[name] = NSNull() }
        #expect(after == expected as NSDictionary, "\(String(decoding: line, as: UTF8.self))")
        // Nothing but the end of the object is touched.
        let kept = try #require(line.lastIndex(of: UInt8(ascii: "}")))
        #expect(output.prefix(kept) == line.prefix(kept))
        #expect(output.suffix(line.count - kept) == line.suffix(line.count - kept))
    }

    @Test(arguments: 0..<400 as Range<UInt64>)
    func everyLineHasBothMembersAndLosesNothing(seed: UInt64) throws {
        var random = TestSupport.SeededGenerator(seed: seed)
        let input = Self.file(using: &random)
        let output = rewritten(input)
        let (before, after) = (lines(input), lines(output))
        #expect(before.count == after.count)
        for (line, result) in zip(before, after) { try check(line, became: result) }
        // Whatever the reads were, and however often it is done.
        #expect(rewritten(ByteDivision.random(input, using: &random)) == output)
        #expect(rewritten(output) == output)
    }

    @Test(arguments: 0..<400 as Range<UInt64>)
    func damagedLinesPassAndHarmNoOthers(seed: UInt64) throws {
        var random = TestSupport.SeededGenerator(seed: seed)
        var input = Self.file(using: &random)
        for _ in 0..<Int.random(in: 1...4, using: &random) where !input.isEmpty {
            let position = Int.random(in: 0..<input.count, using: &random)
            switch Int.random(in: 0..<3, using: &random) {
            case 0: input[position] = UInt8.random(in: 0...255, using: &random)
            case 1: input.removeSubrange(position..<min(input.count, position + 20))
            default:
                input.insert(contentsOf: [0x22, 0x7B, 0x0A, 0xFF].shuffled(using: &random).prefix(2), at: position)
            }
        }
        let output = rewritten(input)
        let (before, after) = (lines(input), lines(output))
        #expect(before.count == after.count)
        for (line, result) in zip(before, after) {
            // Our reading of a line that is only nearly JSON may be stricter than Foundation's.
            if line == result { continue }
            try check(line, became: result)
        }
        #expect(rewritten(ByteDivision.random(input, using: &random)) == output)
    }

    /// Lines with members in any order, of any type, some of them missing.
    private static func file(using random: inout TestSupport.SeededGenerator) -> [UInt8] {
        var text = ""
        for _ in 0..<Int.random(in: 0...6, using: &random) {
            text += line(using: &random)
            text += ["\n", "\r\n", "\n", "\n\n", " \n"].randomElement(using: &random) ?? "\n"
        }
        if Bool.random(using: &random) { text += line(using: &random) }
        return Array(text.utf8)
    }

    private static func line(using random: inout TestSupport.SeededGenerator) -> String {
        if Int.random(in: 0..<8, using: &random) == 0 {
            return ["null", "[1]", "\"custom_id\"", "{}", "{\"custom_id\":", "not json", "", "}"]
                .randomElement(using: &random) ?? ""
        }
        var names = ["id", "custom_id", "response", "error", "resp\\u006fnse", "ünïcode", ""]
        names.shuffle(using: &random)
        // A name is not written twice, not even escaped: readers disagree on what that means.
        if Bool.random(using: &random) {
            names.removeAll { $0 == "response" }
        } else {
            names.removeAll { $0 == "resp\\u006fnse" }
        }
        let blank = ["", " ", "\t"].randomElement(using: &random) ?? ""
        let members = names.prefix(Int.random(in: 0...names.count, using: &random)).map { name in
            "\"\(name)\"\(blank):\(blank)\(value(2, using: &random))"
        }
        return "\(blank){\(blank)\(members.joined(separator: ","))\(blank)}\(blank)"
    }

    private static func value(_ depth: Int, using random: inout TestSupport.SeededGenerator) -> String {
        switch Int.random(in: 0..<(depth == 0 ? 5 : 7), using: &random) {
        case 0: return "null"
        case 1: return Bool.random(using: &random) ? "true" : "false"
        case 2: return ["0", "-1.50", "1e3", "12"].randomElement(using: &random) ?? "0"
        case 3: return #""a \" brace } and \n break""#
        case 4: return #""你好 \ud83d\ude00""#
        case 5: return "[\(value(depth - 1, using: &random)),\(value(depth - 1, using: &random))]"
        default:
            return "{\"custom_id\":\(value(depth - 1, using: &random)),\"x\":\(value(depth - 1, using: &random))}"
        }
    }

    // MARK: - Hostile lines

    @Test(arguments: [
        // Cut off.
        #"{"custom_id":"a","response":{"status_code":20"#, #"{"custom_id":"a"#, "{",
        // Two objects, and what stands behind one.
        #"{"custom_id":"a"}{"custom_id":"b"}"#, #"{"custom_id":"a"} x"#,
        // No result.
        #"{"id":"1","response":null}"#, #"[{"custom_id":"a"}]"#, #"{"response":{"custom_id":"a"}}"#,
        // A mark in front, and a blank that is none.
        "\u{FEFF}{\"custom_id\":\"a\"}", "\u{A0}{\"custom_id\":\"a\"}",
        // Deeper than is read.
        #"{"custom_id":"# + String(repeating: "[", count: 300) + String(repeating: "]", count: 300) + "}",
        // No JSON.
        #"{'custom_id':'a'}"#, #"{"custom_id":"a",}"#, #"{"custom_id":NaN}"#, "\0",
    ])
    func whatCannotBeReadPasses(line: String) {
        let bytes = Array(line.utf8)
        #expect(rewritten(bytes) == bytes)
        // Neighbours are as they would be alone.
        let result = #"{"custom_id":"z"}"#
        let expected = #"{"custom_id":"z","response":null,"error":null}"#
        let file = Array("\(result)\r\n\(line)\n\(result)".utf8)
        #expect(rewritten(file) == Array("\(expected)\r\n\(line)\n\(expected)".utf8))
    }

    @Test(arguments: [
        (#"{"custom_id":null}"#, #"{"custom_id":null,"response":null,"error":null}"#),
        (#"{"custom_id":7,"response":"text"}"#, #"{"custom_id":7,"response":"text","error":null}"#),
        (#"{"custom_id":[],"error":false}"#, #"{"custom_id":[],"error":false,"response":null}"#),
        ("{\"custom_id\":\"a\"}\t \r", "{\"custom_id\":\"a\",\"response\":null,\"error\":null}\t \r"),
    ])
    func otherTypesStayAsTheyAre(line: String, expected: String) {
        #expect(String(decoding: rewritten(Array(line.utf8)), as: UTF8.self) == expected)
    }

    @Test func textThatIsNotUTF8Passes() {
        let line = Array("{\"custom_id\":\"".utf8) + [0xFF, 0xFE] + Array("\"}\n".utf8)
        #expect(rewritten(line) == line)
    }

    /// Just within the bound a line is looked at, above it it passes.
    @Test(arguments: [0, 1]) func aLongLineHasABound(surplus: Int) {
        let (start, end) = (#"{"custom_id":""#, #""}"#)
        let filling = BatchResultLines.longestLine - start.utf8.count - end.utf8.count + surplus
        let line = Array((start + String(repeating: "x", count: filling) + end).utf8)
        let isRead = surplus == 0
        let output = rewritten(line + [0x0A])
        let null = Array(#","response":null,"error":null}"#.utf8)
        // Not within the macro, which would print them.
        let isAsExpected = output == (isRead ? line.dropLast() + null : line) + [0x0A]
        #expect(isAsExpected)
        // A reader of pieces decides the same.
        let pieces = stride(from: 0, to: line.count, by: 4_096).map {
            ByteBuffer(bytes: line[$0..<min(line.count, $0 + 4_096)])
        }
        let isTheSame = rewritten(pieces + [ByteBuffer(bytes: [0x0A])]) == output
        #expect(isTheSame)
    }
}
