/// A header line that the operator adds to every call to upstream.
package struct UpstreamHeader: Sendable, Equatable {
    package struct Problem: Error, Sendable, Equatable, CustomStringConvertible {
        package var description: String
    }

    package let name: String
    package let value: String

    /// Headers that the gateway writes itself, or that would change the framing of the request.
    private static let reserved: Set<String> = [
        "authorization", "content-length", "content-type", "host", "connection", "transfer-encoding", "te", "trailer",
        "upgrade", "expect", "keep-alive", "proxy-authorization", "proxy-connection", "accept", "accept-encoding",
        "user-agent", "x-dashscope-sse", "x-dashscope-async", "x-dashscope-ossresourceresolve", "traceparent",
        "tracestate",
    ]

    /// Checks name and value.
    ///
    /// - Throws: ``Problem`` where the gateway writes the header itself, or its characters are impossible.
    package init(name: String, value: String) throws(Problem) {
        let symbols = "!#$%&'*+-.^_`|~".utf8
        guard !name.isEmpty,
            name.utf8.allSatisfy({
                (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0)
                    || symbols.contains($0)
            })
        else { throw Problem(description: "\(name.debugDescription) is no name of a header") }
        guard !Self.reserved.contains(name.lowercased()) else {
            throw Problem(description: "\(name) is written by the gateway and cannot be set")
        }
        guard value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }) else {
            throw Problem(description: "the value of \(name) holds control characters")
        }
        self.name = name
        self.value = value
    }
}
