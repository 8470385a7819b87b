import JSONBytes
import Testing

struct JSONNumberTests {
    @Test(
        arguments: [
            ("0", 0), ("-0", 0), ("7", 7), ("-12", -12), ("9223372036854775807", Int.max),
            ("-9223372036854775808", Int.min),
            ("1.0", 1), ("1e3", 1_000), ("-2.5E1", -25), ("9223372036854775808", nil), ("1.5", nil), ("1e30", nil),
            ("1e-1", nil), ("1e999", nil), ("\"1\"", nil), ("true", nil), ("null", nil),
        ] as [(String, Int?)]
    )
    func wholeNumbersAreIntegers(_ text: String, _ expected: Int?) throws {
        #expect(try parsing(Array(text.utf8)) { $0.integer } == expected)
    }

    @Test(arguments: [
        ("0.1", 0.1), ("-1e-7", -1e-7), ("123456789012345678901234567890", 123456789012345678901234567890.0),
        ("5e-324", .leastNonzeroMagnitude), ("1.7976931348623157e308", 1.7976931348623157e308), ("2", 2.0),
    ])
    func fractionsKeepTheirValue(_ text: String, _ expected: Double) throws {
        #expect(try parsing(Array(text.utf8)) { $0.double } == expected)
    }

    @Test func shortFractionsAreTheNearestNumbers() throws {
        var random = SeededRandom(seed: 3)
        for _ in 0..<2000 {
            let digits = (0...random.below(14)).map { _ in String(random.below(10)) }.joined()
            let whole = String(random.below(10))
            for text in ["\(whole).\(digits)", "0.\(digits)", "-\(whole).\(digits)", "\(whole).\(digits)e-3"] {
                #expect(try parsing(Array(text.utf8)) { $0.double } == Double(text))
                #expect(try parsing(Array(text.utf8)) { $0.integer } == Double(text).flatMap { Int(exactly: $0) })
            }
        }
    }

    @Test(arguments: ["1.10", "1E+05", "-0.0", "123456789012345678901234567890.123", "1e99999"])
    func theTextOfANumberIsKept(_ text: String) throws {
        #expect(try parsing(Array(" \(text) ".utf8)) { Array($0.text) } == Array(text.utf8))
    }
}
