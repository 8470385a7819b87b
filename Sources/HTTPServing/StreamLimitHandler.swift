import NIOCore

/// Keeps the library's limit on HTTP/2 streams out of the way, so that a stream above the limit is refused alone.
///
/// The library ends the connection, and all its streams, for one stream above the limit it has announced; and until the
/// client has acknowledged the settings its limit is a fixed hundred. It is therefore given a higher number, which is put
/// right in the frame that announces it, and it is told of the client's acknowledgement behind the client's first frame.
/// The real acknowledgement is taken out when it comes.
final class StreamLimitHandler: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private static let preface = 24
    private static let frameHeader = 9
    private static let settings: UInt8 = 4
    private static let acknowledgement: [UInt8] = [0, 0, 0, settings, 1, 0, 0, 0, 0]
    private static let maxConcurrentStreams: UInt16 = 3

    private enum Progress {
        case preface
        case firstFrame
        case untilAcknowledged
    }

    private let limit: Int
    private let acknowledged: () -> Void
    private var hasAnnounced = false
    private var progress = Progress.preface
    /// Bytes that belong to the preface or to a frame whose header has been read.
    private var passing = StreamLimitHandler.preface
    /// The beginning of a frame's header.
    private var header = ByteBuffer()

    /// `acknowledged` is called when the client has acknowledged the settings, and so knows the limit.
    init(limit: Int, acknowledged: @escaping () -> Void) {
        self.limit = limit
        self.acknowledged = acknowledged
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard !hasAnnounced else { return context.write(data, promise: promise) }
        hasAnnounced = true
        var frame = unwrapOutboundIn(data)
        if frame.getInteger(at: frame.readerIndex + 3, as: UInt8.self) == Self.settings {
            var position = frame.readerIndex + Self.frameHeader
            while let name = frame.getInteger(at: position, as: UInt16.self) {
                if name == Self.maxConcurrentStreams { frame.setInteger(UInt32(clamping: limit), at: position + 2) }
                position += 6
            }
        }
        context.write(wrapOutboundOut(frame), promise: promise)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var received = unwrapInboundIn(data)
        var passed = ByteBuffer()
        var isOver = false
        while received.readableBytes > 0, !isOver {
            if passing > 0 {
                let count = min(passing, received.readableBytes)
                passing -= count
                if var piece = received.readSlice(length: count) { passed.writeBuffer(&piece) }
                if passing == 0 { endOfFrame(&passed) }
            } else {
                isOver = readHeader(from: &received, into: &passed)
            }
        }
        if isOver {
            passed.writeBuffer(&received)
            acknowledged()
        }
        if passed.readableBytes > 0 { context.fireChannelRead(wrapInboundOut(passed)) }
        if isOver { context.pipeline.syncOperations.removeHandler(context: context, promise: nil) }
    }

    /// Reads on in a frame's header; true where it is that of the acknowledgement.
    private func readHeader(from received: inout ByteBuffer, into passed: inout ByteBuffer) -> Bool {
        let missing = Self.frameHeader - header.readableBytes
        if var piece = received.readSlice(length: min(missing, received.readableBytes)) { header.writeBuffer(&piece) }
        guard header.readableBytes == Self.frameHeader else { return false }
        defer { header.clear() }
        if progress == .untilAcknowledged, header.readableBytesView.elementsEqual(Self.acknowledgement) { return true }
        let bytes = header.readableBytesView.prefix(3)
        passing = bytes.reduce(0) { $0 << 8 | Int($1) }
        passed.writeImmutableBuffer(header)
        if passing == 0 { endOfFrame(&passed) }
        return false
    }

    private func endOfFrame(_ passed: inout ByteBuffer) {
        switch progress {
        case .preface: progress = .firstFrame
        case .firstFrame:
            progress = .untilAcknowledged
            passed.writeBytes(Self.acknowledgement)
        case .untilAcknowledged: break
        }
    }
}
