import JSONBytes
import NIOCore

@testable import APITranslation

/// A request that becomes several calls, and the answer made of theirs, as the tests look at them.
struct SplitRun {
    let request: SplitRequest
    let bodies: [JSON]

    init(
        _ text: String,
        _ translator: any SplitTranslating = EmbeddingsTranslator(catalog: ModelCatalog()),
        strict: Bool = false
    ) throws {
        request = try translator.translate(ByteBuffer(string: text), tape: JSONTape(), strict: strict, created: 1)
        bodies = try request.calls.map { try JSON(parsing: String(buffer: $0.body)) }
    }

    /// The refusal of a request; nil where there is none.
    static func refusal(
        _ text: String,
        _ translator: any SplitTranslating = EmbeddingsTranslator(catalog: ModelCatalog())
    ) -> APIError? {
        do {
            _ = try translator.translate(ByteBuffer(string: text), tape: JSONTape(), strict: false, created: 1)
            return nil
        } catch {
            return error
        }
    }

    /// The client's answer to native streams, one for each call, each read to its end before the next.
    func answer(streams: [[String]]) throws(APIError) -> String {
        var output = ByteBuffer()
        request.reply.begin(requestID: "g-1", into: &output)
        for (index, events) in streams.enumerated() {
            let part = request.reply.makePart(index)
            for event in events {
                let outcome = ByteBuffer(string: event).withUnsafeReadableBytes {
                    part.receive($0, isError: false, status: nil, tape: JSONTape(), into: &output)
                }
                if case .refused(let error) = outcome { throw error }
            }
            var elements = ByteBuffer()
            if let error = part.finish(into: &elements) { throw error }
            if index > 0, !request.streamsToClient { output.writeString(",") }
            output.writeImmutableBuffer(elements)
        }
        request.reply.end(requestID: "r-1", into: &output)
        return String(buffer: output)
    }

    /// The client's answer to native answers, one for each call; `files` are those behind the links of each.
    func answer(_ natives: [String], files: [String] = []) throws(APIError) -> String {
        var output = ByteBuffer()
        request.reply.begin(requestID: "g-1", into: &output)
        for (index, native) in natives.enumerated() {
            let part = request.reply.makePart(index)
            var nothing = ByteBuffer()
            let outcome = ByteBuffer(string: native).withUnsafeReadableBytes {
                part.receive(whole: $0, tape: JSONTape(), into: &nothing)
            }
            if case .refused(let error) = outcome { throw error }
            if let linked = part as? any LinkedReply {
                for (place, file) in files.enumerated() where linked.links.indices.contains(place) {
                    linked.take(ByteBuffer(string: file), ofLink: place)
                }
            }
            var elements = ByteBuffer()
            if let error = part.finish(into: &elements) { throw error }
            if index > 0 { output.writeString(",") }
            output.writeImmutableBuffer(elements)
        }
        request.reply.end(requestID: "r-1", into: &output)
        return String(buffer: output)
    }
}
