import APITranslation

/// Takes the keys of a call out of words that others wrote: upstream may repeat a key, and people put one into `model`.
struct SecretFilter: Sendable {
    /// Shorter ones are no secrets, but parts of words.
    private static let shortestKey = 6

    private let keys: [String]

    init(keys: [String]) {
        self.keys = keys.filter { $0.utf8.count >= Self.shortestKey }
    }

    init(_ caller: Caller, _ settings: LiveSettings) {
        self.init(keys: settings.serverKey.map { [caller.key, $0] } ?? [caller.key])
    }

    /// The name of a model for records; one that cannot hold a key is not looked at further.
    static func recordable(_ model: String, _ caller: Caller, _ settings: LiveSettings) -> String {
        guard
            KeyLookalikes.mayStand(in: model) || holds(model, caller.key)
                || settings.serverKey.map({ holds(model, $0) }) == true
        else { return model }
        return SecretFilter(caller, settings).clean(model)
    }

    /// Whether a key stands in a text: byte by byte, because it is asked for each request.
    private static func holds(_ text: String, _ key: String) -> Bool {
        guard key.utf8.count >= shortestKey, text.utf8.count >= key.utf8.count else { return false }
        var (text, key) = (text, key)
        return text.withUTF8 { text in
            key.withUTF8 { key in
                (0...text.count - key.count).contains { start in
                    var length = 0
                    while length < key.count, text[start + length] == key[length] { length += 1 }
                    return length == key.count
                }
            }
        }
    }

    /// The text without the keys, then without what looks like one.
    func clean(_ text: String) -> String {
        guard text.utf8.count >= Self.shortestKey else { return text }
        var text = text
        for key in keys {
            // A part of it may have been taken out already, because that part alone looks like a key.
            for form in [key, KeyLookalikes.redacted(key)] where text.utf8.count >= form.utf8.count {
                text = text.replacing(form, with: "***")
            }
            // Long words of upstream's are cut, perhaps inside a key.
            var begun = key.dropLast()
            while begun.utf8.count >= Self.shortestKey, !text.hasSuffix(begun) { begun = begun.dropLast() }
            if begun.utf8.count >= Self.shortestKey { text = String(text.dropLast(begun.count)) + "***" }
        }
        return KeyLookalikes.redacted(text)
    }

    /// The error without the keys, wherever upstream's words stand in it.
    func clean(_ error: APIError) -> APIError {
        var error = error
        error.message = clean(error.message)
        error.param = error.param.map { clean($0) }
        error.code = error.code.map { clean($0) }
        error.upstreamCode = error.upstreamCode.map { clean($0) }
        error.requestID = error.requestID.map { clean($0) }
        return error
    }
}
