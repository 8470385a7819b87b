import APITranslation
import AdmissionControl
import HTTPServing
import NIOCore
import NIOHTTP1

/// The requests about uploads that need neither a disk nor a call upstream to be read.
enum UploadEndpoints {
    /// Whose uploads a request is about.
    ///
    /// - Throws: A 404 where the operator keeps no parts.
    static func key(of ticket: RequestTicket) throws(APIError) -> UInt64 {
        guard ticket.settings.configuration.uploads.maximumBytes > 0, let key = ticket.callerID?.value else {
            let head = ticket.exchange.head
            throw .unknownURL(
                head.method.rawValue,
                String(head.uri.prefix { $0 != "?" }),
                "The operator takes no uploads in parts. Use POST /v1/files, which takes a file of any size in one request."
            )
        }
        return key
    }

    /// `POST /v1/uploads`.
    static func create(_ ticket: RequestTicket, caller: Caller) {
        refusing(ticket, caller) { () throws(APIError) in
            let key = try key(of: ticket)
            BodyReader.begin(ticket) { body in
                refusing(ticket, caller) { () throws(APIError) in
                    let configuration = ticket.settings.configuration
                    let wishes = try RequestWishes(ticket)
                    let request = try ticket.loop.translating(body, for: ticket.exchange) { (tape) throws(APIError) in
                        try UploadRequest(
                            body,
                            tape: tape,
                            options: TranslationOptions(configuration),
                            strict: wishes.isStrict
                        )
                    }
                    let object = try ticket.core.uploads.create(
                        request,
                        (key, ticket.boundAddress),
                        configuration.uploads
                    )
                    var body = ByteBuffer()
                    object.write(.pending, into: &body)
                    ticket.answer(body, request.adjustments)
                }
            }
        }
    }

    /// `POST /v1/uploads/{id}/cancel`.
    static func cancel(_ ticket: RequestTicket, caller: Caller) {
        refusing(ticket, caller) { () throws(APIError) in
            let key = try key(of: ticket)
            let cancelled = try ticket.core.uploads.cancel(
                ticket.parameters[0],
                key: key,
                on: ticket.loop.eventLoop
            )
            cancelled.assumeIsolated().whenComplete { result in
                switch result {
                case .success(let object):
                    var body = ByteBuffer()
                    object.write(.cancelled, into: &body)
                    ticket.answer(body, AdjustmentList())
                case .failure(let error):
                    ticket.refuse(ticket.core.uploads.refusal(error, request: ticket.requestID))
                }
            }
        }
    }

    private static func refusing(_ ticket: RequestTicket, _ caller: Caller, _ body: () throws(APIError) -> Void) {
        do throws(APIError) {
            try body()
        } catch {
            ticket.refuse(SecretFilter(caller, ticket.settings).clean(error))
        }
    }
}
