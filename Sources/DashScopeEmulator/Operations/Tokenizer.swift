import HTTPServing

/// `POST /api/v1/tokenizer`: counts tokens as the rest of the emulator does.
enum Tokenizer {
    static func reply(to http: HTTPRequest) -> EmulatorReply {
        let requestID = RequestID.make()
        do throws(Refusal) {
            try Envelope.checkKey(http)
            try Envelope.checkMethod(http)
            let body = try Envelope.readBody(http)
            let input = body["input"]
            let messages = (input?["messages"]?.array ?? []).map(Message.init(json:))
            let text = input?["prompt"]?.string ?? messages.map(\.text).joined()
            let tokens = Tokens.split(text)
            let document: JSON = [
                "output": [
                    "token_ids": .array(tokens.indices.map { .int($0 + 1) }),
                    "tokens": .array(tokens.map(JSON.string)),
                ],
                "usage": ["input_tokens": .int(tokens.count)], "request_id": .string(requestID),
            ]
            let headers = ReplyHeaders.success(requestID: requestID, streams: false)
            return EmulatorReply(status: 200, headers: headers, body: document.bytes)
        } catch {
            return .refused(error, requestID: requestID)
        }
    }
}
