import NIOCore

/// `GET /docs` and `GET /openapi.json`; one copy of each serves all who ask.
enum Documentation {
    static func answerPage(_ ticket: RequestTicket) {
        ticket.respond(DocumentationPage.html, contentType: "text/html; charset=utf-8", isShared: true)
    }

    static func answerDescription(_ ticket: RequestTicket) {
        ticket.respond(OpenAPIDescription.json, isShared: true)
    }
}
