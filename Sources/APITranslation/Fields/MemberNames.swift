/// The caller's names of what stands in a native call, for errors in which upstream names its own.
///
/// DashScope names a parameter in its texts only: as a path (`input.rate`), in quotes, or as a word of a sentence.
struct MemberNames: Sendable {
    /// What the caller sent and upstream may have seen.
    private let sent: Set<String>
    /// The caller's names by upstream's, the one that counts first.
    private var byNative: [String: [String]]
    /// The members that hold files.
    private let files: [String]
    /// The member that holds the text.
    private let text: String?

    /// `natives` has the names that differ; a member has its own name otherwise.
    init(_ fields: RequestFields, _ natives: [String: [String]], files: [StaticString] = [], text: StaticString? = nil)
    {
        sent = fields.sentNames
        byNative = natives
        let given = sent
        self.files = files.map { "\($0)" }.filter { given.contains($0) }
        self.text = text.map { "\($0)" }.flatMap { given.contains($0) ? $0 : nil }
    }

    /// Notes that a native member holds what the caller has under this name.
    mutating func add(_ native: String, _ name: String) { byNative[native, default: []].append(name) }

    /// The member that an error of upstream's is about; nil where its text names nothing that the caller sent.
    func member(of error: APIError) -> String? {
        guard error.origin == .upstream, error.type == "invalid_request_error", error.param != "model" else {
            return error.param
        }
        let mentions = Mention.all(in: error.message)
        if Self.isAboutFile(error) {
            // `size` and `duration` in such a text are those of the file.
            return mentions.lazy.compactMap { named($0) }.first(where: files.contains)
                ?? (files.count == 1 ? files[0] : nil)
        }
        if let name = mentions.lazy.filter({ $0.strength == .path }).compactMap({ named($0) }).first { return name }
        if let known = error.param, known != "messages", let name = name(of: known) { return name }
        for strength in [Mention.Strength.quoted, .long, .subject] {
            let found = mentions.lazy.filter { $0.strength == strength }.compactMap { named($0) }.first
            if let found { return found }
        }
        // What is missing cannot have been sent.
        if let known = error.param, error.message.lowercased().contains("missing") {
            return byNative[known]?.first ?? known
        }
        // The table's word for what a request is about as a whole.
        guard error.param == "messages" else { return nil }
        if let name = name(of: "messages") { return name }
        if error.code == "context_length_exceeded" || files.isEmpty { return text }
        return files.count == 1 ? files[0] : nil
    }

    /// Whether its code says that it is about a file of the caller's.
    private static func isAboutFile(_ error: APIError) -> Bool {
        guard let code = error.upstreamCode else { return false }
        return ["InvalidFile", "InvalidImage", "InvalidURL"].contains { code.hasPrefix($0) }
    }

    private func named(_ mention: Mention) -> String? { mention.names.lazy.compactMap { name(of: $0) }.first }

    private func name(of native: String) -> String? {
        byNative[native]?.first { sent.contains($0) } ?? (sent.contains(native) ? native : nil)
    }
}

/// A word of an upstream text that may be the name of a member.
private struct Mention {
    enum Strength {
        /// Behind `input.` or `parameters.`.
        case path
        case quoted
        /// Such as `negative_prompt`, which is no word of a language.
        case long
        /// Any word of which the text says how it must be.
        case subject
    }

    /// The name, and those of the members in it.
    var names: [String]
    var strength: Strength

    static func all(in message: String) -> [Mention] {
        let text = Array(message.utf8)
        var mentions: [Mention] = []
        var place = 0
        while place < text.count {
            guard isNamePart(text[place]) else {
                place += 1
                continue
            }
            let start = place
            var names: [String] = []
            while let name = name(in: text, at: &place) { names.append(name) }
            if let mention = Mention(names, text[..<start], text[place...]) { mentions.append(mention) }
        }
        return mentions
    }

    private init?(_ names: [String], _ before: ArraySlice<UInt8>, _ after: ArraySlice<UInt8>) {
        guard let first = names.first else { return nil }
        self.names = names
        if names.count > 1, ["input", "parameters", "session"].contains(first) {
            self.names.removeFirst()
            strength = .path
        } else if let quote = before.last, [0x22, 0x27, 0x60].contains(quote), after.first == quote {
            strength = .quoted
        } else if first.contains("_") {
            strength = .long
        } else if Self.isSubject(before, after) {
            strength = .subject
        } else {
            return nil
        }
    }

    private static func isSubject(_ before: ArraySlice<UInt8>, _ after: ArraySlice<UInt8>) -> Bool {
        let (before, after) = (words(before.suffix(20)), words(after.prefix(20)))
        // The size of an image that was sent is not the size that was asked for.
        if ["image ", "picture ", "file ", "video ", "audio "].contains(where: { before.hasSuffix($0) }) {
            return false
        }
        return ["parameter ", "parameter: ", "field ", "range of ", "value of "].contains { before.hasSuffix($0) }
            || [" must ", " should ", " is ", " exceeds ", " cannot ", " can not ", " length must ", " length should "]
                .contains { after.hasPrefix($0) }
    }

    private static func words(_ text: ArraySlice<UInt8>) -> String {
        String(decoding: text, as: UTF8.self).lowercased()
    }

    /// The name at a place, behind which stands the dot of the next one; nil where there is none.
    private static func name(in text: [UInt8], at place: inout Int) -> String? {
        guard place < text.count, isNamePart(text[place]) else { return nil }
        let start = place
        while place < text.count, isNamePart(text[place]) { place += 1 }
        let name = String(decoding: text[start..<place], as: UTF8.self)
        // The place in a list.
        if place < text.count, text[place] == UInt8(ascii: "["),
            let end = text[place...].firstIndex(of: UInt8(ascii: "]")),
            text[(place + 1)..<end].allSatisfy({ $0 >= 0x30 && $0 <= 0x39 })
        {
            place = end + 1
        }
        if place + 1 < text.count, text[place] == UInt8(ascii: "."), isNamePart(text[place + 1]) { place += 1 }
        return name
    }

    private static func isNamePart(_ byte: UInt8) -> Bool {
        byte &- 0x30 < 10 || (byte | 0x20) &- 0x61 < 26 || byte == UInt8(ascii: "_")
    }
}
