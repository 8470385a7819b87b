import APITranslation
import NIOCore

/// `GET /v1/models` and `GET /v1/models/{model}`: answered from the catalogue, without a call upstream.
enum ModelsEndpoint {
    static func answerList(_ ticket: RequestTicket) {
        var body = ByteBuffer()
        ticket.settings.catalog.writeList(into: &body)
        ticket.respond(body)
    }

    static func answer(_ ticket: RequestTicket, id: String) {
        var body = ByteBuffer()
        guard ticket.settings.catalog.writeModel(id: id, into: &body) else {
            return ticket.refuse(
                APIError(
                    status: 404,
                    message:
                        "The model `\(id)` is not in the catalogue. It may still work: unknown names are passed on.",
                    type: "invalid_request_error",
                    code: "model_not_found",
                    param: "model"
                )
            )
        }
        ticket.respond(body)
    }
}
