import NIOCore
import WireFormats

/// Any division of the bytes gives the same parts, and the parser keeps no more than a head and a boundary.
enum MultipartTarget {
    private static let boundary = "b-1"
    private static let maximumHeadBytes = 512

    /// What was read: the events with the bytes of a part in one piece, and how it ended.
    struct Reading: Equatable {
        var events: [MultipartParser.Event] = []
        var failure: MultipartParser.Failure?
        var bufferedBytes = 0
    }

    static func run(_ bytes: ByteBuffer) -> String? {
        let readings = bytes.divisions.map(read)
        guard let first = readings.first else { return nil }
        if readings.contains(where: { ($0.events, $0.failure) != (first.events, first.failure) }) {
            return "the division of the bytes changes the parts"
        }
        if readings.contains(where: { $0.bufferedBytes > maximumHeadBytes + 2 * boundary.utf8.count + 16 }) {
            return "more waits in the parser than a head and a boundary"
        }
        return nil
    }

    static func read(_ pieces: [ByteBuffer]) -> Reading {
        var parser = MultipartParser(boundary: boundary, maximumHeadBytes: maximumHeadBytes)
        var reading = Reading()
        do throws(MultipartParser.Failure) {
            for piece in pieces {
                parser.append(piece)
                while let event = try parser.next() { reading.note(event) }
                reading.bufferedBytes = max(reading.bufferedBytes, parser.bufferedBytes)
            }
            try parser.finish()
        } catch {
            reading.failure = error
        }
        return reading
    }
}

extension MultipartTarget.Reading {
    mutating func note(_ event: MultipartParser.Event) {
        guard case .data(var more) = event, case .data(var bytes) = events.last else { return events.append(event) }
        bytes.writeBuffer(&more)
        events[events.count - 1] = .data(bytes)
    }
}
