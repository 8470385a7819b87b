import JSONBytes
import NIOCore
import TestSupport
import Testing

@testable import APITranslation

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

struct RequestLawTests {
    /// A random JSON value as text.
    private func value(_ depth: Int, _ generator: inout SeededGenerator) -> String {
        switch Int.random(in: 0..<(depth > 3 ? 5 : 8), using: &generator) {
        case 0: return "null"
        case 1: return Bool.random(using: &generator) ? "true" : "false"
        case 2: return "\(Int.random(in: -1000...1000, using: &generator))"
        case 3: return "\(Double.random(in: -2...2, using: &generator))"
        case 4:
            return [#""hi""#, #""json""#, #""a\n\"b\"""#, #""你好""#, #""""#, #""data:image/png;base64,AA""#]
                .randomElement(
                    using: &generator
                ) ?? "1"
        case 5, 6:
            let elements = (0..<Int.random(in: 0...3, using: &generator)).map { _ in value(depth + 1, &generator) }
            return "[\(elements.joined(separator: ","))]"
        default:
            let names = [
                "type", "function", "name", "text", "image_url", "url", "content", "role", "tool_calls", "arguments",
                "input_audio",
                "data", "x",
            ]
            let members = (0..<Int.random(in: 0...3, using: &generator)).map { _ in
                "\"\(names.randomElement(using: &generator) ?? "x")\":\(value(depth + 1, &generator))"
            }
            return "{\(members.joined(separator: ","))}"
        }
    }

    /// Any document is either refused with a 400 or becomes one JSON text.
    @Test(arguments: 0..<400) func anyDocumentIsRefusedOrTranslated(seed: Int) throws {
        var generator = SeededGenerator(seed: UInt64(seed))
        var members = [
            #""model":"\#(["qwen-plus", "qwen3-vl-plus", "qwq-plus", "x"].randomElement(using: &generator) ?? "x")""#
        ]
        let fields = ChatFieldTable.fields.filter { $0.id != .model && $0.id != .messages }
        for _ in 0..<Int.random(in: 0...3, using: &generator) {
            members.append("\"\(fields.randomElement(using: &generator)?.name ?? "x")\":\(value(0, &generator))")
        }
        let roles = ["user", "system", "assistant", "tool", "function", "developer"]
        let messages = (0..<Int.random(in: 1...3, using: &generator)).map { _ in
            let role = roles.randomElement(using: &generator) ?? "user"
            let content = Bool.random(using: &generator) ? #""hi""# : value(0, &generator)
            return
                #"{"role":"\#(role)","content":\#(content),"x":\#(value(1, &generator)),"tool_calls":\#(value(1, &generator))}"#
        }
        members.append("\"messages\":[\(messages.joined(separator: ","))]")
        let request = "{\(members.joined(separator: ","))}"
        do {
            let run = try RequestRun(request)
            #expect(run.body["input"]?["messages"]?.elements.isEmpty == false)
        } catch let error as APIError {
            #expect(error.status == 400)
            #expect(error.param != nil)
        }
    }

    /// Fields that nobody knows arrive as they were sent.
    @Test(arguments: 0..<100) func unknownFieldsSurvive(seed: Int) throws {
        var generator = SeededGenerator(seed: UInt64(seed))
        let extra = "[\(value(0, &generator))]"
        let run = try RequestRun(RequestRun.with("\"surely_unknown\":\(extra)"))
        #expect(run.parameters?["surely_unknown"] == (try JSON(parsing: extra)))
    }

    @Test func theDocumentOfParametersIsCurrent() throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent().appending(
            path: "../../../../docs/parameters.md"
        )
        #expect(try String(decoding: Data(contentsOf: file), as: UTF8.self) == ParametersDocument.render())
    }

    @Test func everyFieldStandsInTheTableOnce() {
        #expect(Set(ChatFieldTable.fields.map(\.id)).count == ChatFieldID.allCases.count)
        #expect(ChatFieldTable.fields.count == ChatFieldID.allCases.count)
    }
}
