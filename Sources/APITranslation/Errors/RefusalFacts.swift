/// A refusal prepared for comparison with the rows of ``ErrorTable``.
struct RefusalFacts {
    /// The status upstream gave; nil in streams that do not say.
    let status: Int?
    /// The code in lower case without `_`, `-` and blanks, because DashScope spells its codes in several ways.
    let code: String
    /// The code as it came, for the client.
    let shownCode: String?
    /// The message for the client: without the prefix of the layer below, shortened, without keys.
    let message: String
    /// The message in lower case.
    let lowerMessage: String

    init(status: Int?, code: String, message: String) {
        var text = message[...]
        var code = code
        var status = status
        if let prefix = Self.innerPrefix(of: message) {
            text = message[prefix.end...]
            if Self.isGeneric(Self.normalized(code)) {
                code = prefix.code
                status = prefix.status ?? status
            }
        }
        let normalized = Self.normalized(code)
        // The algorithm layer's complaint about a parameter is a 400, whatever a wrapper made of it.
        if normalized.hasPrefix("internalerror.algo.invalidparameter") { status = 400 }
        self.status = status
        self.code = normalized
        shownCode = code.isEmpty ? nil : String(code.prefix(128))
        self.message = KeyLookalikes.redacted(String(text.prefix(1024)))
        lowerMessage = self.message.lowercased()
    }

    /// Whether the message holds a text, which must be given in lower case.
    func says(_ fragment: String) -> Bool { lowerMessage.contains(fragment) }

    /// Codes that say that a parameter is wrong, or nothing.
    var isAboutParameters: Bool {
        code.isEmpty || code.hasPrefix("invalidparameter") || code.hasPrefix("internalerror.algo.invalidparameter")
            || code.hasPrefix("badrequest") || code == "invalidrequesterror" || code == "invalidvalue"
            || code == "clienterror" || (code == "internalerror.algo" && status == 400)
    }

    /// The upper end of a range in the message: `[1, 129024]` → 129024.
    var limitOfRange: Int? {
        guard let open = message.lastIndex(of: "["), let close = message[open...].firstIndex(of: "]") else {
            return nil
        }
        let numbers = message[message.index(after: open)..<close].split(separator: ",")
        guard numbers.count == 2 else { return nil }
        return Int(numbers[1].filter { $0 != " " })
    }

    static func normalized(_ code: String) -> String {
        String(code.lowercased().filter { $0 != "_" && $0 != "-" && $0 != " " })
    }

    private static func isGeneric(_ code: String) -> Bool {
        switch code {
        case "", "internalerror", "internalerror.algo", "invalidparameter", "systemerror", "badrequest",
            "badrequestexception", "invalidrequesterror", "modelservicefailed", "modelservingerror":
            true
        default: false
        }
    }

    /// Finds `<400> InternalError.Algo.InvalidParameter: ` at the beginning of a message.
    private static func innerPrefix(of message: String) -> (status: Int?, code: String, end: String.Index)? {
        var rest = message[...]
        var status: Int?
        if rest.hasPrefix("<") {
            guard let close = rest.prefix(6).firstIndex(of: ">") else { return nil }
            status = Int(rest[rest.index(after: rest.startIndex)..<close])
            guard status != nil else { return nil }
            rest = rest[rest.index(after: close)...].drop { $0 == " " }
        }
        guard let colon = rest.prefix(96).firstIndex(of: ":") else { return nil }
        let code = rest[..<colon]
        let isCode =
            !code.isEmpty
            && code.unicodeScalars.allSatisfy { $0.isASCII && ($0.properties.isAlphabetic || $0 == "." || $0 == "_") }
        guard isCode, status != nil || code.hasPrefix("InternalError.") else { return nil }
        let text = rest[rest.index(after: colon)...].drop { $0 == " " }
        return (status, String(code), text.startIndex)
    }
}
