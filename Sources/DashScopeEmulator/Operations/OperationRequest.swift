import HTTPServing
import NIOCore
import NIOHTTP1

/// One call of an operation that is no conversation with a model, as far as it could be read.
struct OperationRequest: Sendable {
    /// Lower case, without the fault; empty for a fault alone.
    var model: String
    var body: JSON
    var context: ReplyContext

    /// The member `input`; an empty object where there is none.
    var input: JSON { body["input"] ?? .object([]) }
    var parameters: JSON { body["parameters"] ?? .object([]) }

    /// Reads the envelope; `name`, the model's or the app's, may name a fault.
    init(_ http: HTTPRequest, body: JSON, name: String, requestID: String, journal: RequestJournal) {
        let parsed = Fault.parse(name)
        self.body = body
        model = (parsed?.base ?? name).lowercased()
        context = ReplyContext(
            requestID: requestID,
            fault: parsed?.fault,
            streams: Envelope.asksForStream(http),
            hash: UInt64(stableHashOf: http.body.readableBytesView)
        )
        if case .first(let count, let fault) = context.fault {
            context.fault = journal.isAmongFirst(count, of: context.hash) ? fault : nil
        }
    }

    /// Reads a call of a model that is answered whole, and answers it.
    static func reply(
        to http: HTTPRequest,
        configuration: EmulatorConfiguration,
        journal: RequestJournal,
        answer: (OperationRequest) throws(Refusal) -> JSON
    ) -> EmulatorReply {
        let requestID = RequestID.make()
        do throws(Refusal) {
            try Envelope.checkKey(http)
            try Envelope.checkMethod(http)
            let body = try Envelope.readBody(http)
            guard let model = body["model"]?.string, !model.isEmpty else { throw .noModel }
            var request = OperationRequest(http, body: body, name: model, requestID: requestID, journal: journal)
            // These operations are never streamed, whatever the headers say.
            request.context.streams = false
            try Envelope.checkSynchronous(http)
            let faults = ReplyFault(context: request.context)
            if let reply = faults.early() { return reply }
            return faults.whole(try answer(request), delay: request.context.slowDelay(configuration))
        } catch {
            return .refused(error, requestID: requestID)
        }
    }

    /// Reads a list that must hold something.
    func list(_ name: String, in container: JSON) throws(Refusal) -> [JSON] {
        guard let value = container[name], !value.isNull else {
            throw .invalid("Required parameter \"\(name)\" missing from request.")
        }
        guard let items = value.array else { throw .algorithm("Input should be a valid list: input.\(name)") }
        if items.isEmpty { throw .algorithm("[] is too short - '\(name)'") }
        return items
    }

    /// Reads an integer of the parameters, which must lie in a range.
    func integer(_ name: String, in range: ClosedRange<Int>, of container: JSON? = nil) throws(Refusal) -> Int? {
        guard let value = (container ?? parameters)[name] else { return nil }
        guard let number = value.int, range.contains(number) else {
            throw .algorithm("parameters.\(name) must be an integer in [\(range.lowerBound), \(range.upperBound)]")
        }
        return number
    }

    /// Reads a Boolean of the parameters.
    func flag(_ name: String) throws(Refusal) -> Bool? {
        guard let value = parameters[name] else { return nil }
        guard let flag = value.bool else { throw .wrongType(name, "a boolean") }
        return flag
    }

    /// Reads a text of the parameters, which must be one of a few.
    func text(_ name: String, among allowed: [String]) throws(Refusal) -> String? {
        guard let value = parameters[name] else { return nil }
        guard let text = value.string, allowed.contains(text) else {
            throw .algorithm("parameters.\(name) must be one of \(JSON.array(allowed.map(JSON.string)).spacedText)")
        }
        return text
    }
}

extension Refusal {
    static let noModel = Refusal(
        status: 400,
        code: "BadRequest.EmptyModel",
        message: "Required parameter \"model\" missing from request."
    )
}
