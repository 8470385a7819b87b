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
        let shortest = min(caller.key.utf8.count, settings.serverKey?.utf8.count ?? .max)
        guard model.utf8.count >= shortest || KeyLookalikes.mayStand(in: model) else { return model }
        return SecretFilter(caller, settings).clean(model)
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
