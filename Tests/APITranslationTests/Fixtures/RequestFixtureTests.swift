import Foundation
import JSONBytes
import NIOCore
import Testing

@testable import APITranslation

/// Whole requests of each face and the native calls they become.
struct RequestFixtureTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../Fixtures")

    private func translate(_ request: String, face: String) throws -> ChatCall {
        let (body, tape, catalog) = (ByteBuffer(string: request), JSONTape(), ModelCatalog())
        if face == "chat" {
            return try ChatRequestTranslator(catalog: catalog).translate(body, tape: tape, strict: false, created: 1)
        }
        return try MessagesRequestTranslator(catalog: catalog).translate(body, tape: tape, strict: false, created: 1)
    }

    @Test(arguments: ["chat/full", "messages/full"])
    func theRequestBecomesTheCall(name: String) throws {
        let request = try String(
            contentsOf: Self.folder.appending(path: "\(name).request.json"),
            encoding: .utf8
        )
        let expected = try JSON(
            parsing: String(contentsOf: Self.folder.appending(path: "\(name).call.json"), encoding: .utf8)
        )
        let call = try translate(request, face: String(name.prefix { $0 != "/" }))
        #expect(try JSON(parsing: String(buffer: call.body)) == expected["body"])
        #expect(call.operation.rawValue == expected["operation"]?.text)
        #expect(JSON.bool(call.streamsUpstream) == expected["streams"])
        #expect(call.adjustments.texts.map { .string($0) } == expected["adjustments"]?.elements)
    }
}
