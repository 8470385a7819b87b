package import JSONBytes

// Errors read from a body, and errors of the way to DashScope and back.
extension ErrorTable {
    /// Maps the body of an answer that is not 2xx.
    ///
    /// The body is native JSON, OpenAI's form, an event stream with an error in it, a page of a proxy, or nothing.
    /// Upstream's `x-request-id` header counts where the body names no request.
    package static func map(
        status: Int,
        body: UnsafeRawBufferPointer,
        requestIDHeader: String?,
        tape: JSONTape
    ) -> APIError {
        if let root = try? tape.parse(body), root.kind == .object {
            return map(status: status, UpstreamRefusal(root), requestIDHeader)
        }
        if let (refusal, eventStatus) = firstEvent(in: body, tape: tape) {
            return map(status: eventStatus ?? status, refusal, requestIDHeader)
        }
        return map(status: status, code: "", message: plainText(body), requestID: requestIDHeader)
    }

    private static func map(status: Int, _ refusal: UpstreamRefusal, _ requestIDHeader: String?) -> APIError {
        var error = map(
            status: status,
            code: refusal.code,
            message: refusal.message,
            requestID: refusal.requestID ?? requestIDHeader
        )
        error.param = error.param ?? refusal.parameter
        return error
    }

    /// The first `data:` line that is a JSON object, and the status named before it.
    private static func firstEvent(
        in body: UnsafeRawBufferPointer,
        tape: JSONTape
    ) -> (UpstreamRefusal, status: Int?)? {
        var status: Int?
        for line in body.split(whereSeparator: { $0 == 0x0A || $0 == 0x0D }) {
            if line.starts(with: ":HTTP_STATUS/".utf8) {
                let number = Int(String(decoding: line.dropFirst(13).prefix(3), as: UTF8.self))
                status = number.flatMap { $0 >= 400 && $0 < 600 ? $0 : nil }
            }
            guard line.starts(with: "data:".utf8) else { continue }
            let data = UnsafeRawBufferPointer(rebasing: body[(line.startIndex + 5)..<line.endIndex])
            if let root = try? tape.parse(data), root.kind == .object { return (UpstreamRefusal(root), status) }
        }
        return nil
    }

    /// A short plain text, such as a proxy writes; pages of HTML say nothing to a program.
    private static func plainText(_ body: UnsafeRawBufferPointer) -> String {
        guard body.count <= 300, !body.contains(UInt8(ascii: "<")),
            body.allSatisfy({ $0 >= 0x20 && $0 < 0x7F || $0 == 0x0A })
        else { return "" }
        return String(decoding: body, as: UTF8.self).split(separator: "\n").joined(separator: " ")
    }

    // MARK: - The way there and back

    /// The upstream answer cannot be understood.
    package static func invalidResponse(requestID: String?) -> APIError {
        APIError(
            status: 502,
            message: "DashScope sent an answer that the gateway cannot read; try again.",
            type: "api_error",
            code: "upstream_invalid_response",
            origin: .upstream,
            requestID: requestID
        )
    }

    /// The upstream stream ended before the answer was complete.
    package static func incomplete(requestID: String?) -> APIError {
        APIError(
            status: 502,
            message: "DashScope ended the stream before the answer was complete; try again.",
            type: "api_error",
            code: "upstream_incomplete",
            origin: .upstream,
            requestID: requestID
        )
    }
}
