import NIOCore

/// Tells the client of fewer HTTP/2 streams than the library below allows.
///
/// The library ends the connection for one stream above what it has announced, and all others with it. It is therefore
/// given a higher number, which is put right in the first frame it sends; the streams between the two are refused.
final class StreamLimitHandler: ChannelOutboundHandler, RemovableChannelHandler {
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private static let frameHeader = 9
    private static let settings: UInt8 = 4
    private static let maxConcurrentStreams: UInt16 = 3

    private let limit: Int

    init(limit: Int) {
        self.limit = limit
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        var frame = unwrapOutboundIn(data)
        if frame.getInteger(at: frame.readerIndex + 3, as: UInt8.self) == Self.settings {
            var position = frame.readerIndex + Self.frameHeader
            while let name = frame.getInteger(at: position, as: UInt16.self) {
                if name == Self.maxConcurrentStreams { frame.setInteger(UInt32(clamping: limit), at: position + 2) }
                position += 6
            }
        }
        context.write(wrapOutboundOut(frame), promise: promise)
        context.pipeline.syncOperations.removeHandler(context: context, promise: nil)
    }
}
