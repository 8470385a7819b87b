import HTTPServing
import NIOCore

/// Any division of the bytes gives the same requests, and nothing is kept that could be handed out.
enum RequestParserTarget {
    private static let maximumHeadBytes = 2048

    static func run(_ bytes: ByteBuffer) -> String? {
        let readings = bytes.divisions.map(read)
        if readings.contains(where: { $0.held > maximumHeadBytes }) { return "more than a head is held" }
        guard let first = readings.first else { return nil }
        return readings.contains { $0.told != first.told } ? "the division of the bytes changes what is read" : nil
    }

    private struct Reading {
        var told: [String] = []
        /// Bytes, since a piece may end inside a character.
        var body: [UInt8] = []
        var held = 0

        mutating func note(_ text: String) {
            if !body.isEmpty { told.append("body \(body)") }
            body = []
            told.append(text)
        }
    }

    private static func read(_ pieces: [ByteBuffer]) -> Reading {
        var parser = HTTPRequestParser(maximumHeadBytes: maximumHeadBytes, maximumFields: 32)
        var reading = Reading()
        for piece in pieces {
            parser.append(piece)
            do throws(HTTPRequestParser.Failure) {
                while let event = try parser.next() {
                    switch event {
                    case .head(let head):
                        reading.note(
                            "\(head.method) \(head.uri) \(head.version) \(head.isKeepAlive) \(head.contentLength ?? -1) "
                                + head.headers.list.map { "\($0.name): \($0.value)" }.joined(separator: "\n")
                        )
                    case .body(let bytes): reading.body += bytes.readableBytesView
                    case .end: reading.note("end")
                    }
                }
            } catch {
                // Which of its faults a head is refused for depends on what has arrived.
                reading.note("failed")
                return reading
            }
            reading.held = max(reading.held, parser.bufferedBytes)
        }
        reading.note("waits")
        return reading
    }
}
