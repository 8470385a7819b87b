@testable import DashScopeEmulator
import NIOHTTP1
import Testing

struct MessageRefusalTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var path = Call.Path.text
        var model = "qwen-plus"
        var messages: JSON
        /// A part of the message; nil where the request is served.
        var fragment: String?
        var testDescription: String { name }
    }

    private static let call: JSON = [
        "id": "call_1", "type": "function", "function": ["name": "f", "arguments": "{}"],
    ]

    private static let other: JSON = [
        "id": "call_2", "type": "function", "function": ["name": "f", "arguments": "{}"],
    ]

    private static let marked: JSON = ["type": "text", "text": "Hi", "cache_control": ["type": "ephemeral"]]

    private static func arguments(_ text: String, model: String = "qwen3-coder-plus", fragment: String?) -> Case {
        Case(
            name: "arguments \(text) on \(model)",
            model: model,
            messages: [
                ["role": "user", "content": "Hi"],
                [
                    "role": "assistant", "content": "",
                    "tool_calls": [
                        ["id": "a", "type": "function", "function": ["name": "f", "arguments": .string(text)]]
                    ],
                ], ["role": "tool", "content": "1", "tool_call_id": "a"],
            ],
            fragment: fragment
        )
    }

    static let text: [Case] = [
        Case(name: "no messages", messages: [], fragment: "Role must be user or assistant"),
        Case(
            name: "null content",
            messages: [["role": "user", "content": nil]],
            fragment: "The content field is a required field."
        ),
        Case(name: "no content", messages: [["role": "user"]], fragment: "The content field is a required field."),
        Case(
            name: "null content beside calls",
            messages: [
                ["role": "user", "content": "Hi"], ["role": "assistant", "content": nil, "tool_calls": [call]],
            ],
            fragment: "The content field is a required field."
        ),
        Case(
            name: "array content",
            messages: [["role": "user", "content": [["type": "text", "text": "Hi"]]]],
            fragment: "input content must be a string."
        ),
        Case(
            name: "array content with a cache marker",
            messages: [
                [
                    "role": "user",
                    "content": [["type": "text", "text": "Hi", "cache_control": ["type": "ephemeral"]]],
                ]
            ]
        ),
        Case(
            name: "document parts",
            model: "qwen-doc-turbo",
            messages: [["role": "user", "content": [["type": "doc_url", "doc_url": ["https://example.com/a.pdf"]]]]]
        ),
        Case(
            name: "developer",
            messages: [["role": "developer", "content": "Hi"], ["role": "user", "content": "Hi"]],
            fragment: "'developer' is not one of"
        ),
        Case(
            name: "no user",
            messages: [["role": "system", "content": "Hi"]],
            fragment: "do not contain elements with the role of user"
        ),
        Case(
            name: "tool without call",
            messages: [["role": "user", "content": "Hi"], ["role": "tool", "content": "1", "tool_call_id": "x"]],
            fragment: "must be a response to a preceeding message"
        ),
        Case(
            name: "tool after call",
            messages: [
                ["role": "user", "content": "Hi"], ["role": "assistant", "content": "", "tool_calls": [call]],
                ["role": "tool", "content": "1", "tool_call_id": "call_1"],
            ]
        ),
        Case(
            name: "call without an answer, another user's message behind it",
            messages: [
                ["role": "user", "content": "Hi"], ["role": "assistant", "content": "", "tool_calls": [call]],
                ["role": "user", "content": "Well?"],
            ],
            fragment: "The following tool_call_ids did not have response messages: message[2].role"
        ),
        Case(
            name: "call without an answer at the end",
            messages: [
                ["role": "user", "content": "Hi"], ["role": "assistant", "content": "", "tool_calls": [call]],
            ],
            fragment: "must be followed by tool messages responding to each \"tool_call_id\""
        ),
        Case(
            name: "one of two calls answered",
            messages: [
                ["role": "user", "content": "Hi"], ["role": "assistant", "content": "", "tool_calls": [call, other]],
                ["role": "tool", "content": "1", "tool_call_id": "call_1"], ["role": "user", "content": "Well?"],
            ],
            fragment: "message[3].role"
        ),
        Case(
            name: "answers in another order than the calls",
            messages: [
                ["role": "user", "content": "Hi"], ["role": "assistant", "content": "", "tool_calls": [call, other]],
                ["role": "tool", "content": "2", "tool_call_id": "call_2"],
                ["role": "tool", "content": "1", "tool_call_id": "call_1"],
            ]
        ),
        arguments("{\"city\": \"Os", fragment: "must be in JSON format."),
        arguments("not json", fragment: "must be in JSON format."),
        arguments("null", fragment: "must be in JSON format."),
        arguments(" ", fragment: "must be in JSON format."), arguments("[1]", fragment: "must be in JSON format."),
        arguments("{\"city\": \"Oslo\"}", fragment: nil), arguments("not json", model: "qwen-plus", fragment: nil),
        Case(
            name: "array content with a cache marker on a model that reads strings",
            model: "qwen-long",
            messages: [
                [
                    "role": "user",
                    "content": [["type": "text", "text": "Hi", "cache_control": ["type": "ephemeral"]]],
                ]
            ],
            fragment: "input content must be a string."
        ),
        Case(
            name: "five cache markers in two messages",
            messages: [
                ["role": "system", "content": .array(Array(repeating: marked, count: 3))],
                ["role": "user", "content": .array(Array(repeating: marked, count: 2))],
            ],
            fragment: "at most 4 cache_control markers"
        ),
        Case(
            name: "call with object arguments",
            messages: [
                ["role": "user", "content": "Hi"],
                [
                    "role": "assistant", "content": "",
                    "tool_calls": [["id": "a", "type": "function", "function": ["name": "f", "arguments": [:]]]],
                ],
            ],
            fragment: "tool_calls must hold"
        ),
        Case(
            name: "translation with system",
            model: "qwen-mt-plus",
            messages: [["role": "system", "content": "x"], ["role": "user", "content": "x"]],
            fragment: "Role must be user"
        ),
        Case(
            name: "partial while thinking",
            model: "deepseek-r1",
            messages: [["role": "user", "content": "x"], ["role": "assistant", "content": "x", "partial": true]],
            fragment: "partial mode is not supported"
        ),
        Case(
            name: "too long",
            model: "qwen-math-plus",
            messages: [["role": "user", "content": .string(String(repeating: "word", count: 3_100))]],
            fragment: "Range of input length should be [1, 3072]"
        ),
    ]

    static let multimodal: [Case] = [
        part("string content", content: "Hi"),
        part("text", content: [["text": "Hi"]]),
        part("type key", content: [["type": "text", "text": "Hi"]]),
        part(
            "OpenAI part",
            content: [["type": "image_url", "image_url": ["url": "https://example.com/a.png"]]],
            fragment: "Input should be 'text', 'image', 'audio', 'video'"
        ),
        part(
            "OpenAI part without type",
            content: [["image_url": ["url": "https://example.com/a.png"]]],
            fragment: "has none of text, image, audio, video"
        ),
        part("image", content: [["image": "https://example.com/a.png"], ["text": "Hi"]]),
        part("image data", content: [["image": "data:image/png;base64,AAAA"]]),
        part(
            "wrong data type",
            content: [["image": "data:audio/wav;base64,AAAA"]],
            fragment: "image format is illegal"
        ),
        part("bad base64", content: [["image": "data:image/png;base64,A"]], fragment: "image format is illegal"),
        part("bare base64", content: [["audio": "UklGRg=="]], fragment: "does not appear to be valid"),
        part(
            "too big",
            content: [["image": .string("data:image/png;base64," + String(repeating: "A", count: 10_485_764))]],
            fragment: "Exceeded limit on max bytes per data-uri item : 10485760"
        ),
        part("oss without header", content: [["image": "oss://a/b.png"]], fragment: "does not appear to be valid"),
        part("too few frames", content: [["video": ["https://a/1.png"]]], fragment: "4 to 512 frames"),
        part("frames", content: [["video": ["https://a/1", "https://a/2", "https://a/3", "https://a/4"], "fps": 2]]),
        part("fps", content: [["video": "https://example.com/a.mp4", "fps": 11]], fragment: "fps should be in"),
        part("null content", content: nil, fragment: "The content field is a required field."),
        Case(name: "no messages", path: .multimodal, model: "qwen3-vl-plus", messages: [], fragment: "[] is too short"),
        Case(
            name: "speech with text",
            path: .multimodal,
            model: "qwen3-asr-flash",
            messages: [["role": "user", "content": [["audio": "https://a/a.wav"], ["text": "Hi"]]]],
            fragment: "audio only"
        ),
    ]

    private static func part(_ name: String, content: JSON, fragment: String? = nil) -> Case {
        Case(
            name: name,
            path: .multimodal,
            model: "qwen3-vl-plus",
            messages: [["role": "user", "content": content]],
            fragment: fragment
        )
    }

    @Test(arguments: text + multimodal)
    func messagesAreServedOrRefused(_ testCase: Case) {
        let reply = Call(testCase.path, model: testCase.model, messages: testCase.messages).reply()
        guard let fragment = testCase.fragment else {
            #expect(reply.status == 200, "\(reply.text)")
            return
        }
        #expect(reply.status == 400)
        #expect(reply.message.contains(fragment), "\(reply.text.prefix(300))")
    }

    @Test
    func listsAreLostOnGLMWithoutTools() {
        let messages: JSON = [
            ["role": "user", "content": [["type": "text", "text": "Hi", "cache_control": ["type": "ephemeral"]]]]
        ]
        #expect(Call(model: "glm-5.2", messages: messages).document().contentText == "Echo: ")
        let withTools = Call(model: "glm-5.2", messages: messages, parameters: ["tools": ToolCallTests.tools])
        #expect(withTools.document().contentText == "Echo: Hi")
    }
}
