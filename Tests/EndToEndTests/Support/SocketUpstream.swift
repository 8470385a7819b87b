import HTTPServing
import NIOCore
import NIOHTTP1
import NIOWebSocket
import Synchronization

@testable import DashScopeEmulator

/// An upstream over WebSocket that does what a test says.
final class SocketUpstream: HTTPResponding {
    typealias Script = @Sendable (inout SocketPeer) async throws -> Void

    private let script: Script
    private let seen = Mutex<[HTTPRequest]>([])

    init(_ script: @escaping Script) { self.script = script }

    /// The handshakes.
    var requests: [HTTPRequest] { seen.withLock { $0 } }

    func respond(to request: HTTPRequest, writer: ResponseWriter) async throws {
        seen.withLock { $0.append(request) }
        let channel = try await EmulatorSocket.open(request, writer)
        try await channel.executeThenClose { inbound, outbound in
            var peer = SocketPeer(
                channel: channel.channel,
                inbound: inbound.makeAsyncIterator(),
                outbound: outbound
            )
            try await script(&peer)
        }
    }
}

/// The gateway, as an upstream over WebSocket sees it.
struct SocketPeer {
    fileprivate let channel: any Channel
    fileprivate var inbound: NIOAsyncChannelInboundStream<WebSocketFrame>.AsyncIterator
    fileprivate let outbound: NIOAsyncChannelOutboundWriter<WebSocketFrame>

    fileprivate init(
        channel: any Channel,
        inbound: NIOAsyncChannelInboundStream<WebSocketFrame>.AsyncIterator,
        outbound: NIOAsyncChannelOutboundWriter<WebSocketFrame>
    ) {
        self.channel = channel
        self.inbound = inbound
        self.outbound = outbound
    }

    /// The next message; nil where the gateway closes or has left.
    mutating func next() async throws -> String? {
        guard let frame = try await inbound.next(isolation: #isolation), frame.opcode == .text else { return nil }
        return String(buffer: frame.unmaskedData)
    }

    /// The code with which the gateway closes; nil where it leaves without one.
    mutating func closeCode() async throws -> UInt16? {
        while let frame = try await inbound.next(isolation: #isolation) {
            guard frame.opcode == .connectionClose else { continue }
            var bytes = frame.unmaskedData
            return bytes.readInteger()
        }
        return nil
    }

    private func send(_ opcode: WebSocketOpcode, _ bytes: ByteBuffer, isFinal: Bool = true) async throws {
        try await outbound.write(WebSocketFrame(fin: isFinal, opcode: opcode, data: bytes))
    }

    func text(_ text: String) async throws { try await send(.text, ByteBuffer(string: text)) }
    func audio(_ bytes: [UInt8]) async throws { try await send(.binary, ByteBuffer(bytes: bytes)) }

    /// Sends audio, and waits until the socket has taken it.
    func writeThrough(audio bytes: [UInt8]) async throws {
        try await channel.writeAndFlush(WebSocketFrame(fin: true, opcode: .binary, data: ByteBuffer(bytes: bytes)))
    }

    /// Sends audio as one message of several frames.
    func audio(frames: [[UInt8]]) async throws {
        for (index, bytes) in frames.enumerated() {
            try await send(
                index == 0 ? .binary : .continuation,
                ByteBuffer(bytes: bytes),
                isFinal: index == frames.count - 1
            )
        }
    }

    func close(_ code: UInt16, _ reason: String = "") async throws {
        var bytes = ByteBuffer(integer: code)
        bytes.writeString(reason)
        try await send(.connectionClose, bytes)
    }

    /// An event of a task.
    func event(_ name: String, _ payload: String = "{}") async throws {
        try await text(#"{"header":{"task_id":"t-1","event":"\#(name)","attributes":{}},"payload":\#(payload)}"#)
    }

    /// Takes the order and the texts of a task; returns all its messages.
    mutating func accept() async throws -> [String] {
        var messages = [try await next() ?? ""]
        try await event("task-started")
        while let message = try await next() {
            messages.append(message)
            if message.contains("finish-task") { break }
        }
        return messages
    }

    /// Ends a task as it should end.
    mutating func finish() async throws {
        try await event("task-finished", #"{"output":{"sentence":{"words":[]}},"usage":{"characters":5}}"#)
        while try await next() != nil {}
    }
}
