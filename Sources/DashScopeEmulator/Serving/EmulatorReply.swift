/// The steps of a reply of the emulator; they are computed before anything is sent.
struct EmulatorReply: Sendable {
    enum Step: Sendable, Equatable {
        /// One write.
        case bytes([UInt8])
        case pause(Duration)
        /// Nothing more, until the peer leaves.
        case silence
        /// The connection is cut.
        case abort
    }

    var status: Int
    var headers: [(name: String, value: String)]
    /// Whether the head goes out at once and the steps follow as a chunked body.
    var isChunked: Bool
    var steps: [Step]

    /// A whole document.
    init(status: Int, headers: [(name: String, value: String)], body: [UInt8]) {
        self.init(status: status, headers: headers, isChunked: false, steps: [.bytes(body)])
    }

    init(status: Int, headers: [(name: String, value: String)], isChunked: Bool, steps: [Step]) {
        self.status = status
        self.headers = headers
        self.isChunked = isChunked
        self.steps = steps
    }

    /// All bytes that are sent, whatever lies between them.
    var body: [UInt8] {
        steps.flatMap { step -> [UInt8] in
            guard case .bytes(let bytes) = step else { return [] }
            return bytes
        }
    }

    /// Stands in a text for half of a surrogate pair, which no string can hold.
    static let surrogateMark = "\u{E000}"

    /// The same reply with an escaped half of a surrogate pair for each mark.
    func withLoneSurrogates() -> EmulatorReply {
        var reply = self
        reply.steps = steps.map { step in
            guard case .bytes(let bytes) = step else { return step }
            return .bytes(bytes.replacing(Array(Self.surrogateMark.utf8), with: Array("\\ud83d".utf8)))
        }
        return reply
    }

    func header(_ name: String) -> String? { headers.first { $0.name.lowercased() == name.lowercased() }?.value }
}
