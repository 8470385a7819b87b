import NIOCore
import Upstream

/// Any division of the bytes gives the same answers.
enum ResponseParserTarget {
    static func run(_ bytes: ByteBuffer) -> String? {
        let readings = bytes.divisions.map(read)
        guard let first = readings.first else { return nil }
        return readings.contains { $0 != first } ? "the division of the bytes changes what is read" : nil
    }

    private static func read(_ pieces: [ByteBuffer]) -> [HTTPResponseParser.Event?] {
        var parser = HTTPResponseParser()
        var events: [HTTPResponseParser.Event?] = []
        func note(_ event: HTTPResponseParser.Event) {
            if case .body(let next) = event, case .body(var last)?? = events.last {
                last.writeImmutableBuffer(next)
                events[events.count - 1] = .body(last)
            } else {
                events.append(event)
            }
        }
        do throws(UpstreamError) {
            for piece in pieces {
                parser.append(piece)
                while let event = try parser.next() {
                    note(event)
                    if case .end = event { return events }
                }
            }
            if let event = try parser.finish() { note(event) }
        } catch {
            events.append(nil)
        }
        return events
    }
}
