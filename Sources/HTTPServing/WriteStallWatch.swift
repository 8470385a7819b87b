import NIOCore

/// Notices a client that takes none of the bytes that wait for it.
struct WriteStallWatch {
    private var pending = 0
    private var lastProgress: NIODeadline?

    /// Whether nothing has left for `timeout`; `pending` are the bytes that wait now.
    mutating func isStalled(pending: Int, now: NIODeadline, timeout: TimeAmount) -> Bool {
        defer { self.pending = pending }
        guard pending > 0 else {
            lastProgress = nil
            return false
        }
        guard let lastProgress, pending >= self.pending else {
            lastProgress = now
            return false
        }
        return now - lastProgress >= timeout
    }

    /// The same for a channel, which is asked how much it holds only when it is full or `always`.
    mutating func isStalled(
        on channel: any Channel,
        always: Bool = false,
        now: NIODeadline,
        timeout: TimeAmount
    ) -> Bool {
        guard always || !channel.isWritable else {
            lastProgress = nil
            return false
        }
        return isStalled(pending: Self.pendingBytes(of: channel), now: now, timeout: timeout)
    }

    /// Bytes that were written and have not reached the system's buffers.
    static func pendingBytes(of channel: any Channel) -> Int {
        (try? channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
    }
}
