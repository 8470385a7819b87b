import NIOCore
import WireFormats

/// Any division of the bytes gives the same events.
enum EventTarget {
    static func run(_ bytes: ByteBuffer) -> String? {
        let readings = bytes.divisions.map(read)
        guard let first = readings.first else { return nil }
        return readings.contains { $0 != first } ? "the division of the bytes changes the events" : nil
    }

    static func read(_ pieces: [ByteBuffer]) -> [ServerSentEvent] {
        var decoder = ServerSentEventDecoder(maximumLineBytes: 1 << 24)
        var events: [ServerSentEvent] = []
        for piece in pieces {
            decoder.append(piece)
            while let event = try? decoder.next() { events.append(event) }
        }
        if let event = decoder.finish() { events.append(event) }
        return events
    }
}
