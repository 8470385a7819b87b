import Foundation
import NIOCore
import TestSupport
import Testing

@testable import APITranslation

struct VectorTextTests {
    private func read(_ text: String) -> [Float]? {
        var numbers: [Float] = []
        var text = text
        let isRead = text.withUTF8 { VectorText.read(UnsafeRawBufferPointer($0), into: &numbers) }
        return isRead ? numbers : nil
    }

    @Test func numbersAreReadAsTheyStand() throws {
        #expect(read("[0.25, -1,2e3 ,1.5E-2]") == [0.25, -1, 2000, 0.015])
        #expect(read("[-0]")?.first?.sign == .minus)
        #expect(read("[1e-400]") == [0])
    }

    /// Each is nearest to what the standard library reads.
    @Test func roundingIsThatOfOneStep() throws {
        // Halfway between two floats, a little above and below, in more digits than a double has.
        let hard = [
            "0.500000029802322387695312500", "0.50000002980232238769531250000000001", "0.5000000298023223876953124999",
            "1.00000017881393432617187499", "1.000000178813934326171875", "16777217", "16777219", "1e-45",
            "7.0064923216240854e-46",
            "1.1754943508222875e-38", "3.4028235677973366e38", "123456789012345678901234567890", "0.1", "-0.0050392",
            "0.000000000000000001234567890123456789", "9007199254740993", "18446744073709551615e-2",
            "99999999999999999999",
        ]
        for text in hard { #expect(read("[\(text)]") == [try #require(Float(text))], "\(text)") }
        var generator = SeededGenerator(seed: 7)
        for _ in 0..<20_000 {
            let bits = UInt32.random(in: 0...UInt32.max, using: &generator)
            let float = Float(bitPattern: bits)
            guard float.isFinite else { continue }
            let texts = [
                "\(float)", "\(Double(float))", String(format: "%.7f", float),
                String(format: "%.12g", Double(float) * 1.000000029), String(format: "%.17g", Double(float) * 1.1),
                String(format: "%.18f", Double(float)), String(format: "%.18e", Double(float) / 3),
            ]
            for text in texts { #expect(read("[\(text)]") == [try #require(Float(text))], "\(text)") }
        }
    }

    @Test(arguments: [
        "", "[", "[]", "[1,]", "[,1]", "[1 2]", "[01]", "[1.]", "[.5]", "[-]", "[1e]", "[1e+]", "[1;2]", "[nan]",
        "[1,\"2\"]",
        "[1][2]",
    ]) func whatIsNoListOfNumbersIsRefused(text: String) {
        #expect(read(text) == nil)
    }

    @Test(arguments: [1, 2, 3, 4, 5, 1024]) func base64IsThatOfTheBytes(count: Int) {
        var generator = SeededGenerator(seed: UInt64(count))
        let numbers = (0..<count).map { _ in Float.random(in: -1...1, using: &generator) }
        var output = ByteBuffer()
        output.writeBase64(numbers)
        let bytes = numbers.withUnsafeBytes { Data($0) }
        #expect(String(buffer: output) == bytes.base64EncodedString())
    }

    @Test func arraysOfNumbersAreTakenOutAndPutBack() throws {
        let text = #"{"a":[1,2],"b":"[3,\"]","c":[ -4 ],"d":[[5,6],[]],"e":[{"f":[7]}],"g":["h"]}"#
        let bytes = ByteBuffer(string: text)
        bytes.withUnsafeReadableBytes { bytes in
            let arrays = NumberArrays(bytes)
            #expect(
                String(buffer: arrays.skeleton)
                    == #"{"a":[0],"b":"[3,\"]","c":[1],"d":[[2],[]],"e":[{"f":[3]}],"g":["h"]}"#
            )
            #expect(
                arrays.ranges.map { String(decoding: bytes[$0], as: UTF8.self) } == ["[1,2]", "[ -4 ]", "[5,6]", "[7]"]
            )
        }
    }
}
