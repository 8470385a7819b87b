import APITranslation

/// Small and reproducible randomness.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &self) < percent }
}

/// A random native answer that can be told whole, in increments of any grouping, or with repetition.
struct NativeReply {
    struct Call {
        var id: String
        var name: String
        var arguments: String
    }

    struct Choice {
        var content = ""
        var reasoning = ""
        var calls: [Call] = []
        var finish = "stop"
    }

    var choices: [Choice] = []
    var isMultimodal = false
    var searchInfo: String?
    var isCumulative = false
    var inputTokens = 0
    var outputTokens: [Int] = []

    static let requestID = "4f3b9c8e-1d2a-9e77-b0c1-2d3e4f506172"

    init(using random: inout SeededGenerator) {
        isMultimodal = random.chance(50)
        isCumulative = random.chance(25)
        inputTokens = Int.random(in: 1...5000, using: &random)
        let count = random.chance(70) ? 1 : Int.random(in: 2...4, using: &random)
        for _ in 0..<count {
            var choice = Choice()
            if random.chance(40) { choice.reasoning = Self.text(using: &random) }
            if random.chance(85) { choice.content = Self.text(using: &random) }
            if count == 1, random.chance(40) {
                for index in 0..<Int.random(in: 1...3, using: &random) {
                    let arguments = random.chance(20) ? "" : "{\"q\": \(Self.quote(Self.text(using: &random)))}"
                    choice.calls.append(Call(id: "call_\(index)a", name: "tool_\(index)", arguments: arguments))
                }
                choice.finish = random.chance(50) ? "stop" : "tool_calls"
            } else if random.chance(20) {
                choice.finish = "length"
            }
            choices.append(choice)
            outputTokens.append(Int.random(in: 1...900, using: &random))
        }
        if random.chance(30) {
            searchInfo =
                #"{"extra_tool_info":[],"search_results":[{"index":1,"title":"One","url":"https://a.example/1"},"#
                + #"{"index":2,"title":"二","url":"https://b.example/2","icon":""}]}"#
        }
    }

    // MARK: - Text

    private static let pieces: [String] = [
        "a", "word ", "ha", "haha", "\"", "\\", "\n", "\t", "/", "天", "气", "é", "🙂", "👩‍👩‍👧", "[1]", "[ref_2]", "[9]",
        "[", "]", "{", "}", "\u{1}", "data: ", "e\u{301}",
    ]

    static func text(using random: inout SeededGenerator) -> String {
        (0..<Int.random(in: 1...12, using: &random)).map { _ in pieces.randomElement(using: &random) ?? "" }.joined()
    }

    static func quote(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "天": result += "\\u5929"
            case "🙂": result += "\\ud83d\\uDE42"
            case _ where scalar.value < 0x20:
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }

    private func content(_ text: String, using random: inout SeededGenerator) -> String {
        guard isMultimodal else { return Self.quote(text) }
        if text.isEmpty, random.chance(70) { return "[]" }
        let scalars = Array(text.unicodeScalars)
        guard scalars.count > 1, random.chance(30) else { return "[{\"text\":\(Self.quote(text))}]" }
        let cut = Int.random(in: 1..<scalars.count, using: &random)
        let parts = [scalars[..<cut], scalars[cut...]].map { part in
            var piece = String.UnicodeScalarView()
            piece.append(contentsOf: part)
            return "{\"text\":\(Self.quote(String(piece)))}"
        }
        return "[" + parts.joined(separator: ",") + "]"
    }

    // MARK: - Whole

    func body(using random: inout SeededGenerator) -> String {
        let list = choices.enumerated().map { index, choice in
            var members = ["\"role\":\"assistant\"", "\"content\":" + content(choice.content, using: &random)]
            if !choice.reasoning.isEmpty { members.append("\"reasoning_content\":" + Self.quote(choice.reasoning)) }
            if !choice.calls.isEmpty {
                let calls = choice.calls.enumerated().map { position, call in
                    "{\"index\":\(position),\"id\":\"\(call.id)\",\"type\":\"function\",\"function\":"
                        + "{\"name\":\"\(call.name)\",\"arguments\":\(Self.quote(call.arguments))}}"
                }
                members.append("\"tool_calls\":[" + calls.joined(separator: ",") + "]")
            }
            members.shuffle(using: &random)
            return "{\"finish_reason\":\"\(choice.finish)\",\"index\":\(index),\"message\":{"
                + members.joined(separator: ",") + "}}"
        }
        var output = ["\"choices\":[" + list.joined(separator: ",") + "]"]
        if let searchInfo { output.append("\"search_info\":" + searchInfo) }
        output.shuffle(using: &random)
        return "{\"output\":{\(output.joined(separator: ","))},\"usage\":\(usage(outputTokens.reduce(0, +))),"
            + "\"request_id\":\"\(Self.requestID)\"}"
    }

    private func usage(_ output: Int) -> String {
        "{\"input_tokens\":\(inputTokens),\"output_tokens\":\(output),\"total_tokens\":\(inputTokens + output),"
            + "\"prompt_tokens_details\":{\"cached_tokens\":3}}"
    }
}
