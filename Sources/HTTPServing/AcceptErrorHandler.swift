import NIOCore

/// Keeps a listener alive where a connection cannot be accepted, such as with too many open files.
///
/// The system would report the waiting connection again at once; a short rest keeps the loop free for those that are
/// open, whose end brings descriptors back.
final class AcceptErrorHandler: ChannelInboundHandler {
    typealias InboundIn = any Channel

    private static let rest = TimeAmount.milliseconds(100)

    private let counters: ServerCounters
    private var isResting = false

    init(counters: ServerCounters) {
        self.counters = counters
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard error is IOError else { return context.fireErrorCaught(error) }
        counters.count(counters.acceptErrors)
        guard !isResting, context.channel.isActive else { return }
        isResting = true
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        context.channel.setOption(.autoRead, value: false).whenComplete { _ in }
        context.eventLoop.scheduleTask(in: Self.rest) {
            let (handler, context) = bound.value
            handler.isResting = false
            context.channel.setOption(.autoRead, value: true).whenComplete { _ in }
        }
    }
}
