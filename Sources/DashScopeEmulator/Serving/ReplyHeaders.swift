/// The headers that were recorded beside DashScope's answers.
enum ReplyHeaders {
    static func success(requestID: String, streams: Bool) -> [(name: String, value: String)] {
        [
            ("content-type", streams ? "text/event-stream;charset=UTF-8" : "application/json"),
            ("x-request-id", requestID), ("x-dashscope-call-gateway", "true"),
            ("x-dashscope-finished", streams ? "false" : "true"), ("x-dashscope-timeout", "180"),
            ("req-cost-time", "21"), ("req-arrive-time", "1767225600000"), ("resp-start-time", "1767225600021"),
            ("x-envoy-upstream-service-time", "19"), ("server", "istio-envoy"),
        ]
    }

    static func refusal(_ refusal: Refusal, requestID: String) -> [(name: String, value: String)] {
        // The recorded 401 had no content type and another spelling of the id's name.
        if refusal.status == 401 { return [("X-Request-ID", requestID)] }
        return [("content-type", "application/json"), ("x-request-id", requestID), ("server", "istio-envoy")]
    }
}

extension EmulatorReply {
    /// A refusal as plain JSON.
    static func refused(_ refusal: Refusal, requestID: String) -> EmulatorReply {
        EmulatorReply(
            status: refusal.status,
            headers: ReplyHeaders.refusal(refusal, requestID: requestID),
            body: refusal.document(requestID: requestID).bytes
        )
    }
}
