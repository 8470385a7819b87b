import APITranslation
import HTTPServing
import NIOCore

/// `GET /docs`, its files, and `GET /openapi.json`; one copy of each serves all who ask.
enum Documentation {
    private static let files = WebFiles.all.mapValues { file in
        (type: file.type, body: ByteBuffer(staticString: file.text))
    }

    static func answerDescription(_ ticket: RequestTicket) {
        ticket.respond(OpenAPIDescription.json, isShared: true)
    }

    /// Answers with a page or one of its files; pages load nothing from outside.
    static func answerFile(_ name: String, _ ticket: RequestTicket) {
        guard let file = files[name] else {
            return ticket.refuse(.unknownURL("GET", "/docs/\(name)", "The page is at /docs."))
        }
        ticket.respond(file.body, contentType: file.type, policy: ResponseHeaders.pagePolicy, isShared: true)
    }

    /// Whether who asks would rather have a page than JSON: browsers do, programs take anything.
    static func wantsPage(_ ticket: RequestTicket) -> Bool {
        ticket.exchange.head.headers["accept"].contains { $0.lowercased().contains("text/html") }
    }
}
