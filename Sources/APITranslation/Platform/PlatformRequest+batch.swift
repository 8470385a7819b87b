import ByteWriting
package import JSONBytes
package import NIOCore

extension PlatformRequest {
    /// What DashScope runs in batches; the last is its dry run.
    private static let endpoints = ["/v1/chat/completions", "/v1/embeddings", "/v1/chat/ds-test"]

    /// Reads the body of `POST /v1/batches`.
    ///
    /// - Throws: A 400 that names the field; with `strict` also for what would be left out.
    package static func createBatch(
        _ body: ByteBuffer,
        tape: JSONTape,
        options: TranslationOptions,
        strict: Bool
    ) throws(APIError) -> PlatformRequest {
        try RequestBody.read(body, tape: tape, options: options) { (body) throws(APIError) -> PlatformRequest in
            var request = PlatformRequest(operation: .batches, method: .POST, target: batchesPath, answer: .batch)
            request.adjustments = body.adjustments
            try request.writeBatch(try RequestFields(body.root, BatchFields.all))
            if strict, let refusal = request.adjustments.refusal { throw refusal }
            return request
        }
    }

    private mutating func writeBatch(_ fields: RequestFields) throws(APIError) {
        for name: StaticString in ["input_file_id", "endpoint", "completion_window"] {
            guard let value = fields[name], !value.isEmptyString else { throw .missing("\(name)") }
        }
        let endpoint = fields["endpoint"]?.string ?? ""
        guard Self.endpoints.contains(endpoint) else {
            throw .invalidRequest(
                "Invalid value for 'endpoint': DashScope runs no batches of '\(endpoint.prefix(64))'. "
                    + "Supported values are: \(Self.endpoints.map { "'\($0)'" }.joined(separator: ", ")).",
                param: "endpoint",
                code: "invalid_value"
            )
        }
        guard Self.isWindow(fields["completion_window"]?.string ?? "") else {
            throw .invalidValue("completion_window", "expected 24h to 336h, or 1d to 14d.")
        }
        var isFirst = true
        for field in BatchFields.all where field.fate == .carried {
            guard let value = fields[field.name] else { continue }
            body.append(isFirst ? "{\"" : ",\"")
            isFirst = false
            body.append(field.name)
            body.append("\":")
            body.writeJSON(value)
        }
        for member in fields.unknown {
            body.append(",")
            body.writeJSON(member.name)
            body.append(":")
            body.writeJSON(member.value)
        }
        body.append("}")
        if fields["output_expires_after"] != nil {
            adjustments.add("output_expires_after", from: "object", to: "none", reason: "results are kept for 30 days")
        }
    }

    /// Whole hours or days, from one day to fourteen.
    private static func isWindow(_ text: String) -> Bool {
        guard let unit = text.last, text.dropLast().allSatisfy({ $0.isASCII && $0.isNumber }),
            let count = Int(text.dropLast())
        else { return false }
        return switch unit {
        case "h": (24...336).contains(count)
        case "d": (1...14).contains(count)
        default: false
        }
    }
}
