import NIOCore

/// `GET /docs` and `GET /openapi.json`.
enum Documentation {
    static func answerPage(_ ticket: RequestTicket) {
        ticket.respond(DocumentationPage.html, contentType: "text/html; charset=utf-8")
    }

    static func answerDescription(_ ticket: RequestTicket) {
        ticket.respond(OpenAPIDescription.json)
    }
}
