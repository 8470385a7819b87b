/// The result of a health probe, in one line for the container's log.
package struct HealthVerdict: Equatable, Sendable {
    /// The exit status is 0 when true, 1 otherwise.
    package var isHealthy: Bool
    package var line: String

    package init(isHealthy: Bool, line: String) {
        self.isHealthy = isHealthy
        self.line = line
    }

    /// Judges the first bytes of an HTTP answer: healthy with a status of 200 to 299.
    package init(reply: [UInt8], path: String, place: String) {
        if reply.isEmpty {
            self.init(isHealthy: false, line: "unhealthy: \(path) at \(place): closed without an answer")
            return
        }
        let words = reply.prefix { $0 != 0x0D && $0 != 0x0A }.split(separator: 0x20)
        guard words.count >= 2, words[0].starts(with: "HTTP/1.".utf8), words[1].count == 3,
            let status = Int(String(decoding: words[1], as: UTF8.self)), status >= 100
        else {
            // TLS answers a plain request with an alert, for one.
            self.init(isHealthy: false, line: "unhealthy: \(path) at \(place): the answer is not HTTP")
            return
        }
        let isHealthy = (200..<300).contains(status)
        self.init(
            isHealthy: isHealthy,
            line: "\(isHealthy ? "healthy" : "unhealthy"): \(path) at \(place) answered \(status)"
        )
    }
}
