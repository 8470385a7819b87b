import JSONBytes
import NIOCore
import Testing

@testable import APITranslation

/// Work grows in proportion to a request; the square of these sizes would not end within a test's minute.
@Suite(.timeLimit(.minutes(15)))
struct RequestBoundTests {
    @Test(arguments: ["-", "_", ":", "qwen-"])
    func aLongModelNameIsRefusedByName(piece: String) {
        let name = String(repeating: piece, count: 100_000)
        let error = RequestRun.refusal(#"{"model":"\#(name)","messages":[{"role":"user","content":"x"}]}"#)
        #expect(error?.status == 400)
        #expect(error?.param == "model")
        #expect(error?.code == "string_above_max_length")
    }

    @Test func aModelNameOf256BytesIsTaken() throws {
        let name = String(repeating: "-", count: 256)
        #expect(
            try RequestRun(RequestRun.messages(#"{"role":"user","content":"x"}"#, model: name)).body["model"]?.text
                == name
        )
        let longer = RequestRun.refusal(RequestRun.messages(#"{"role":"user","content":"x"}"#, model: name + "-"))
        #expect(longer?.param == "model")
    }

    @Test func theCatalogueResolvesAnyNameInOneWalk() {
        let catalog = ModelCatalog()
        let name = "qwen-plus" + String(repeating: "-x", count: 100_000)
        #expect(catalog.resolve(name).traits == catalog.resolve("qwen-plus").traits)
    }

    @Test(arguments: ["", #""extra_body":{"#])
    func manyUnknownFieldsAreCarriedOnce(opening: String) throws {
        let count = 40_000
        let members = (0..<count).map { "\"x\($0)\":1" }.joined(separator: ",")
        let run = try RequestRun(RequestRun.with(opening + members + (opening.isEmpty ? "" : "}")))
        let text = String(buffer: run.call.body)
        #expect(text.contains(#","x0":1"#))
        #expect(text.contains(#","x39999":1"#))
    }

    @Test func equalNamesAreSentOnceHoweverTheyAreEscaped() throws {
        let run = try RequestRun(RequestRun.with(#""brand":1,"other":2,"br\u0061nd":3"#))
        #expect(run.parameters?["brand"] == .number(3))
        #expect(run.parameters?.members.count == 3)
        #expect(!String(buffer: run.call.body).contains(#""brand":1"#))
    }

    @Test func manyAllowedToolsFilterManyTools() throws {
        let count = 8_000
        let tools = (0..<count).map { #"{"type":"function","function":{"name":"f\#($0)"}}"# }.joined(separator: ",")
        let run = try RequestRun(
            RequestRun.with(
                #""tools":[\#(tools)],"tool_choice":{"type":"allowed_tools","allowed_tools":{"mode":"auto","tools":[\#(tools)]}}"#
            )
        )
        #expect(run.parameters?["tools"]?.elements.count == count)
    }

    @Test func valuesOfABodyAreBounded() throws {
        var options = TranslationOptions()
        #expect(options.maximumValues == 1_000_000)
        options.maximumValues = 100
        let translator = ChatRequestTranslator(catalog: ModelCatalog(), options: options)
        func translate(_ values: Int) throws(APIError) {
            // The object itself, model, messages, one message, its two members, the list.
            let list = Array(repeating: "1", count: values - 7).joined(separator: ",")
            let body = ByteBuffer(string: RequestRun.with("\"x\":[\(list)]"))
            _ = try translator.translate(body, tape: JSONTape(), strict: false, created: 1)
        }
        try translate(100)
        let error = #expect(throws: APIError.self) { try translate(101) }
        #expect(error?.status == 400)
        #expect(error?.code == "too_many_values")
    }
}
