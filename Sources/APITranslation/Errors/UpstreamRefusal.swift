import JSONBytes

/// The parts of a refusal, read from a native object, from OpenAI's form or from either inside the other.
struct UpstreamRefusal {
    var code = ""
    var message = ""
    var requestID: String?
    /// The field that OpenAI's form names.
    var parameter: String?
    var hasErrorObject = false

    init(_ root: JSONValue) {
        for member in root.members {
            let name = member.name
            if name.equals("code") {
                code = Self.word(member.value) ?? code
            } else if name.equals("message") {
                message = member.value.string ?? message
            } else if name.equals("request_id") {
                requestID = Self.nonEmpty(member.value) ?? requestID
            } else if name.equals("id") {
                requestID = requestID ?? Self.nonEmpty(member.value)
            } else if name.equals("error"), !member.value.isNull {
                read(error: member.value)
            }
        }
    }

    private mutating func read(error: JSONValue) {
        if let text = error.string {
            hasErrorObject = true
            if message.isEmpty { message = text }
            return
        }
        guard error.kind == .object else { return }
        hasErrorObject = true
        if code.isEmpty { code = Self.word(error["code"]) ?? Self.word(error["type"]) ?? "" }
        if message.isEmpty { message = error["message"]?.string ?? "" }
        requestID = requestID ?? error["request_id"].flatMap(Self.nonEmpty)
        parameter = error["param"].flatMap(Self.nonEmpty).map { String($0.prefix(64)) }
    }

    /// A code is a word; a number says something only where it is a failure.
    private static func word(_ value: JSONValue?) -> String? {
        guard let value else { return nil }
        if let text = value.string { return text.isEmpty ? nil : text }
        guard let number = value.integer, number != 0, number != 200 else { return nil }
        return String(number)
    }

    private static func nonEmpty(_ value: JSONValue) -> String? {
        guard let text = value.string, !text.isEmpty else { return nil }
        return text
    }
}
