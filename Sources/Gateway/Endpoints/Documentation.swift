import NIOCore

/// `GET /docs` and `GET /openapi.json`.
enum Documentation {
    static func answerPage(_ ticket: RequestTicket) {
        ticket.respond(ByteBuffer(string: DocumentationPage.html), contentType: "text/html; charset=utf-8")
    }

    static func answerDescription(_ ticket: RequestTicket) {
        ticket.respond(ByteBuffer(string: OpenAPIDescription.json))
    }
}
