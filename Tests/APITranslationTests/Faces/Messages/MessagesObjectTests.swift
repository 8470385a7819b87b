import NIOCore
import Testing

@testable import APITranslation

/// In every object the reader of Messages takes apart: nothing is lost without a report, null is absent, a wrong type is
/// refused by its place.
struct MessagesObjectTests {
    struct Object: Sendable, CustomTestStringConvertible {
        let path: String
        /// A request with `@` where the object's members go on.
        let request: String
        var optional: [String] = []
        var wrong: [(member: String, value: String)] = []

        var testDescription: String { path }

        func with(_ members: String) -> String {
            request.replacing("@", with: members.isEmpty ? "" : "," + members)
        }
    }

    private static let loop =
        #"{"role":"user","content":"x"},{"role":"assistant","content":[{"type":"tool_use","id":"c","name":"f","input":{}}]},"#

    private static func result(_ block: String) -> String {
        #"{"role":"user","content":[{"type":"tool_result","tool_use_id":"c","content":[\#(block)]}]}"#
    }

    static let objects: [Object] = [
        Object(
            path: "system.0",
            request: MessagesRun.with(#""system":[{"type":"text","text":"s"@}]"#),
            optional: ["cache_control", "citations"],
            wrong: [("text", "5"), ("type", "5")]
        ),
        Object(
            path: "messages.0",
            request: MessagesRun.messages(#"{"role":"user","content":"x"@}"#),
            wrong: [("role", "5"), ("content", "5")]
        ),
        Object(
            path: "messages.1",
            request: MessagesRun.messages(
                #"{"role":"user","content":"x"},{"role":"assistant","content":"x"@},{"role":"user","content":"x"}"#
            ),
            wrong: [("role", "5"), ("content", "5")]
        ),
        Object(
            path: "messages.0.content.0",
            request: MessagesRun.messages(#"{"role":"user","content":[{"type":"text","text":"x"@}]}"#),
            optional: ["cache_control", "citations"],
            wrong: [("text", "5"), ("type", "5")]
        ),
        Object(
            path: "messages.0.content.0",
            request: MessagesRun.messages(
                #"{"role":"user","content":[{"type":"image","source":{"type":"url","url":"https://e.com/a"}@}]}"#,
                model: "qwen3-vl-plus"
            ),
            optional: ["cache_control"],
            wrong: [("source", "5"), ("type", "5")]
        ),
        Object(
            path: "messages.0.content.0.source",
            request: MessagesRun.messages(
                #"{"role":"user","content":[{"type":"image","source":{"type":"base64","media_type":"image/png","data":"AA"@}}]}"#,
                model: "qwen3-vl-plus"
            ),
            optional: ["url"],
            wrong: [("type", "5"), ("media_type", "5"), ("data", "5")]
        ),
        Object(
            path: "messages.0.content.0",
            request: MessagesRun.messages(
                #"{"role":"user","content":[{"type":"document","source":{"type":"text","data":"D"}@}]}"#
            ),
            optional: ["title", "context", "citations"],
            wrong: [("title", "5"), ("context", "5"), ("source", "5")]
        ),
        Object(
            path: "messages.0.content.0.source",
            request: MessagesRun.messages(
                #"{"role":"user","content":[{"type":"document","source":{"type":"text","data":"D"@}}]}"#
            ),
            wrong: [("type", "5"), ("data", "5")]
        ),
        Object(
            path: "messages.1.content.0",
            request: MessagesRun.messages(
                #"{"role":"user","content":"x"},{"role":"assistant","content":[{"type":"tool_use","id":"c","name":"f"@}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"c"}]}"#
            ),
            optional: ["input", "cache_control"],
            wrong: [("id", "5"), ("name", "5"), ("input", "5")]
        ),
        Object(
            path: "messages.2.content.0",
            request: MessagesRun.messages(
                loop + #"{"role":"user","content":[{"type":"tool_result","tool_use_id":"c"@}]}"#
            ),
            optional: ["content", "is_error", "cache_control"],
            wrong: [("tool_use_id", "5"), ("content", "5"), ("is_error", "5")]
        ),
        Object(
            path: "messages.0.content.0.source.content.0",
            request: MessagesRun.messages(
                #"{"role":"user","content":[{"type":"document","source":{"type":"content","content":[{"type":"text","text":"D"@}]}}]}"#
            ),
            optional: ["cache_control"],
            wrong: [("type", "5"), ("text", "5")]
        ),
        Object(
            path: "messages.0.content.0",
            request: MessagesRun.messages(
                #"{"role":"user","content":[{"type":"search_result","source":"s","title":"t","content":[{"type":"text","text":"r"}]@}]}"#
            ),
            optional: ["citations", "cache_control"],
            wrong: [("source", "5"), ("title", "5"), ("content", "5")]
        ),
        Object(
            path: "messages.0.content.0.content.0",
            request: MessagesRun.messages(
                #"{"role":"user","content":[{"type":"search_result","source":"s","title":"t","content":[{"type":"text","text":"r"@}]}]}"#
            ),
            wrong: [("type", "5"), ("text", "5")]
        ),
        Object(
            path: "messages.2.content.0.content.0",
            request: MessagesRun.messages(loop + result(#"{"type":"text","text":"r"@}"#)),
            optional: ["cache_control"],
            wrong: [("type", "5"), ("text", "5")]
        ),
        Object(
            path: "messages.2.content.0.content.0",
            request: MessagesRun.messages(loop + result(#"{"type":"tool_reference","tool_name":"f"@}"#)),
            wrong: [("type", "5"), ("tool_name", "5")]
        ),
        Object(
            path: "messages.2.content.0.content.0",
            request: MessagesRun.messages(
                loop
                    + result(
                        #"{"type":"search_result","source":"s","title":"t","content":[{"type":"text","text":"r"}]@}"#
                    )
            ),
            wrong: [("source", "5"), ("title", "5"), ("content", "5")]
        ),
        Object(
            path: "messages.2.content.0.content.0",
            request: MessagesRun.messages(
                loop + result(#"{"type":"document","source":{"type":"text","data":"D"}@}"#)
            ),
            optional: ["title", "context"],
            wrong: [("source", "5"), ("title", "5"), ("context", "5")]
        ),
        Object(
            path: "messages.2.content.0.content.0.source",
            request: MessagesRun.messages(
                loop + result(#"{"type":"document","source":{"type":"text","data":"D"@}}"#)
            ),
            wrong: [("data", "5")]
        ),
        Object(
            path: "messages.1",
            request: MessagesRun.messages(
                #"{"role":"user","content":"x"},{"role":"system","content":"s"@}"#
            ),
            optional: ["clear_at"],
            wrong: [("content", "5"), ("clear_at", "5")]
        ),
        Object(
            path: "messages.1.content.0",
            request: MessagesRun.messages(
                #"{"role":"user","content":"x"},{"role":"system","content":[{"type":"tool_addition","tool":{"type":"tool_reference","name":"f"}@}]}"#
            ),
            wrong: [("tool", "5"), ("type", "5")]
        ),
        Object(
            path: "messages.0.content.0.cache_control",
            request: MessagesRun.messages(
                #"{"role":"user","content":[{"type":"text","text":"x","cache_control":{"type":"ephemeral"@}}]}"#
            ),
            optional: ["ttl"]
        ),
        Object(
            path: "tools.0",
            request: MessagesRun.with(#""tools":[{"type":"bash_20250124","name":"bash"@}]"#),
            optional: ["cache_control"]
        ),
        Object(
            path: "tools.0",
            request: MessagesRun.with(#""tools":[{"type":"web_search_20250305","name":"web_search"@}]"#),
            optional: ["allowed_domains", "max_uses"],
            wrong: [("allowed_domains", "5")]
        ),
        Object(
            path: "tools.0.custom",
            request: MessagesRun.with(#""tools":[{"name":"f","input_schema":{}@}]"#),
            optional: ["description", "strict", "defer_loading", "type"],
            wrong: [("name", "5"), ("input_schema", "5"), ("description", "5"), ("defer_loading", "5")]
        ),
        Object(
            path: "tool_choice",
            request: MessagesRun.with(#""tools":[{"name":"f","input_schema":{}}],"tool_choice":{"type":"auto"@}"#),
            optional: ["name", "disable_parallel_tool_use"],
            wrong: [("type", "5"), ("disable_parallel_tool_use", "5")]
        ),
        Object(
            path: "thinking",
            request: MessagesRun.with(#""thinking":{"type":"enabled","budget_tokens":2000@}"#),
            optional: ["display"],
            wrong: [("type", "5"), ("budget_tokens", "{}"), ("display", "5")]
        ),
        Object(
            path: "output_config",
            request: MessagesRun.with(#""output_config":{"format":{"type":"json_schema","schema":{}}@}"#),
            optional: ["effort"],
            wrong: [("effort", "5"), ("format", "5")]
        ),
        Object(
            path: "output_config.format",
            request: MessagesRun.with(#""output_config":{"format":{"type":"json_schema","schema":{}@}}"#),
            wrong: [("type", "5"), ("schema", "5")]
        ),
    ]

    @Test(arguments: objects)
    func anUnknownMemberIsReported(object: Object) throws {
        let run = try MessagesRun(object.with(#""brand_new":{"a":[1]}"#))
        #expect(!String(buffer: run.call.body).contains("brand_new"))
        #expect(run.adjustments.contains { $0.contains("brand_new;from=object;to=none") })
    }

    @Test(arguments: objects)
    func nullIsAbsent(object: Object) throws {
        let without = try MessagesRun(object.with(""))
        for name in ["brand_new"] + object.optional {
            let run = try MessagesRun(object.with("\"\(name)\":null"))
            #expect(run.body == without.body, "\(name)")
            #expect(run.adjustments == without.adjustments, "\(name)")
        }
    }

    @Test(arguments: objects)
    func aWrongTypeIsRefusedByItsPlace(object: Object) {
        for (member, value) in object.wrong {
            let error = MessagesRun.refusal(object.with("\"\(member)\":\(value)"))
            #expect(error?.status == 400, "\(member)")
            #expect(
                error?.message.hasPrefix("\(object.path).\(member): ") == true,
                "\(member): \(error?.message ?? "taken")"
            )
        }
    }

    @Test(arguments: ["5", "true", "[]", #"{"type":"forever"}"#, "{}"])
    func aMarkerThatIsNoneIsReportedAndNeverRefused(marker: String) throws {
        let block = MessagesRun.messages(
            #"{"role":"user","content":[{"type":"text","text":"x","cache_control":\#(marker)}]}"#
        )
        let run = try MessagesRun(block)
        #expect(run.messages.first?["content"] == .string("x"))
        #expect(run.adjustments.count == 1)
        #expect(run.adjustments[0].hasPrefix("messages[*].cache_control;from="))
    }
}
