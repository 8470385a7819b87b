import NIOCore

/// `GET /docs` and `GET /openapi.json`; one copy of each serves all who ask.
enum Documentation {
    private static let page = ByteBuffer(string: DocumentationPage.html)
    private static let description = ByteBuffer(string: OpenAPIDescription.json)

    static func answerPage(_ ticket: RequestTicket) {
        ticket.respond(DocumentationPage.html, contentType: "text/html; charset=utf-8", isShared: true)
    }

    static func answerDescription(_ ticket: RequestTicket) {
        ticket.respond(OpenAPIDescription.json, isShared: true)
    }
}
