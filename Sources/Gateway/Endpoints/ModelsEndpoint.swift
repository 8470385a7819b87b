import APITranslation
import ByteWriting
import HTTPServing
import NIOCore

/// `GET /v1/models` and `GET /v1/models/{model}`: answered from the catalogue, without a call upstream.
///
/// Clients that send `anthropic-version` get Anthropic's form.
enum ModelsEndpoint {
    static func answerList(_ ticket: RequestTicket) {
        guard ticket.errorForm == .anthropic else {
            let list = ticket.settings.catalog.list
            guard QueryItems(ticket.exchange.head.uri)["client_version"] != nil else {
                return ticket.respond(list, isShared: true)
            }
            return ticket.respond(codexList(list))
        }
        do throws(APIError) {
            var body = ByteBuffer()
            let page = try page(QueryItems(ticket.exchange.head.uri))
            try ticket.settings.catalog.writeAnthropicList(page, into: &body)
            ticket.respond(body)
        } catch {
            ticket.refuse(error)
        }
    }

    /// The list as Codex reads it: it asks for `models` beside `data`, each with its own prompt, and keeps what it knows of
    /// models that do not stand there.
    private static func codexList(_ list: ByteBuffer) -> ByteBuffer {
        var body = list
        body.moveWriterIndex(to: body.writerIndex - 1)
        body.append(",\"models\":[]}")
        return body
    }

    private static func page(_ query: QueryItems) throws(APIError) -> ModelCatalog.Page {
        var page = ModelCatalog.Page(after: query["after_id"], before: query["before_id"])
        if let text = query["limit"] {
            guard let limit = Int(text), (1...1000).contains(limit) else {
                throw .invalidRequest("It must be a number from 1 to 1000.", param: "limit", code: "invalid_value")
            }
            page.limit = limit
        }
        return page
    }

    static func answer(_ ticket: RequestTicket, id: String) {
        let catalog = ticket.settings.catalog
        let isAnthropic = ticket.errorForm == .anthropic
        var body = ByteBuffer()
        let isFound =
            isAnthropic ? catalog.writeAnthropicModel(id: id, into: &body) : catalog.writeModel(id: id, into: &body)
        guard isFound else {
            return ticket.refuse(
                APIError(
                    status: 404,
                    message: isAnthropic
                        ? "model: \(id)"
                        : "The model `\(id)` is not in the catalogue. It may still work: unknown names are passed on.",
                    type: "invalid_request_error",
                    code: "model_not_found",
                    param: "model"
                )
            )
        }
        ticket.respond(body)
    }
}
