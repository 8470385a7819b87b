import Crypto
#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif
import HTTPServing
import NIOCore
import NIOHTTP1
import NIOWebSocket

/// Accepts a connection over WebSocket and carries a session's messages: RFC 6455, with the codec of NIO.
struct EmulatorSocket {
    private static let longestFrame = 1 << 20

    let request: HTTPRequest
    let writer: ResponseWriter
    /// Is told each message.
    let journal: RequestJournal

    // MARK: - Handshake

    /// The refusal of a request that asks for no such connection.
    static func refusal(of request: HTTPRequest) -> Refusal? {
        let headers = request.headers
        let upgrades = headers[canonicalForm: "Connection"].contains { $0.lowercased() == "upgrade" }
        guard request.method == "GET", headers.first(name: "Upgrade")?.lowercased() == "websocket", upgrades,
            headers.first(name: "Sec-WebSocket-Version") == "13",
            let key = headers.first(name: "Sec-WebSocket-Key"), Data(base64Encoded: key)?.count == 16
        else { return .invalid("The request does not ask for a connection over WebSocket.") }
        return nil
    }

    private static func accept(_ request: HTTPRequest) -> String {
        let key = request.headers.first(name: "Sec-WebSocket-Key") ?? ""
        let hash = Insecure.SHA1.hash(data: Data("\(key)258EAFA5-E914-47DA-95CA-C5AB0DC85B11".utf8))
        return Data(hash).base64EncodedString()
    }

    /// Accepts the connection, whose frames are then to be read and written.
    static func open(
        _ request: HTTPRequest,
        _ writer: ResponseWriter
    ) async throws -> NIOAsyncChannel<WebSocketFrame, WebSocketFrame> {
        let headers = [
            ("Upgrade", "websocket"), ("Connection", "Upgrade"), ("Sec-WebSocket-Accept", accept(request)),
        ]
        return try await writer.upgrade(headers: headers) { channel in
            let pipeline = channel.pipeline.syncOperations
            try pipeline.addHandler(WebSocketFrameEncoder())
            try pipeline.addHandler(ByteToMessageHandler(WebSocketFrameDecoder(maxFrameSize: longestFrame)))
            return try NIOAsyncChannel(
                wrappingChannelSynchronously: channel,
                configuration: .init(inboundType: WebSocketFrame.self, outboundType: WebSocketFrame.self)
            )
        }
    }

    /// Accepts the connection and runs a session on it, until either side ends it.
    func run(_ session: some SocketSession) async throws {
        let channel = try await Self.open(request, writer)
        try await channel.executeThenClose { inbound, outbound in
            var conversation = Conversation(
                frames: inbound.makeAsyncIterator(),
                writer: FrameWriter(outbound: outbound, channel: channel.channel)
            )
            try await converse(session, &conversation)
        }
    }

    private func converse(_ session: some SocketSession, _ conversation: inout Conversation) async throws {
        var session = session
        var goesOn = try await conversation.writer.perform(session.open())
        while goesOn {
            var late = session
            let message = try await conversation.next(within: session.patience, late: late.timedOut())
            guard let message else { return }
            var record = request
            record.body = ByteBuffer(bytes: message.bytes)
            journal.record(record)
            goesOn = try await conversation.writer.perform(session.receive(message))
        }
        // To close with unread bytes would take back what has just been sent.
        while try await conversation.next() != nil {}
    }
}

extension SocketMessage {
    fileprivate var bytes: [UInt8] {
        switch self {
        case .text(let bytes), .binary(let bytes): bytes
        }
    }
}

/// Writes to one connection.
private struct FrameWriter: Sendable {
    let outbound: NIOAsyncChannelOutboundWriter<WebSocketFrame>
    let channel: any Channel

    func send(_ opcode: WebSocketOpcode, _ bytes: [UInt8]) async throws {
        try await outbound.write(WebSocketFrame(fin: true, opcode: opcode, data: ByteBuffer(bytes: bytes)))
    }

    func close(_ code: UInt16, _ reason: String = "") async throws {
        try await send(.connectionClose, [UInt8(code >> 8), UInt8(truncatingIfNeeded: code)] + Array(reason.utf8))
    }

    /// Sends the steps; false where the connection ends with them.
    func perform(_ steps: [SocketStep]) async throws -> Bool {
        for step in steps {
            switch step {
            case .text(let bytes): try await send(.text, bytes)
            case .binary(let bytes): try await send(.binary, bytes)
            case .pause(let duration): try await Task.sleep(for: duration)
            case .close(let code, let reason):
                try await close(code, reason)
                return false
            case .abort:
                try? await channel.close()
                return false
            }
        }
        return true
    }

    /// Sends the steps after a while, and cuts the connection.
    func perform(_ steps: [SocketStep], after patience: Duration) async throws {
        try await Task.sleep(for: patience)
        _ = try await perform(steps)
        try? await channel.close()
    }
}

/// The frames of one connection, put together to messages.
private struct Conversation {
    private static let longestMessage = 4 << 20

    var frames: NIOAsyncChannelInboundStream<WebSocketFrame>.AsyncIterator
    let writer: FrameWriter

    /// The next message; nil where the connection has ended, also because the peer was too late.
    mutating func next(within patience: Duration?, late: [SocketStep]) async throws -> SocketMessage? {
        guard let patience else { return try await next() }
        let writer = writer
        // A message in time cancels it: it is not awaited.
        async let _: Void = writer.perform(late, after: patience)
        return try await next()
    }

    mutating func next() async throws -> SocketMessage? {
        var parts: (opcode: WebSocketOpcode, bytes: [UInt8])?
        while let frame = try await frames.next(isolation: #isolation) {
            let bytes = Array(frame.unmaskedData.readableBytesView)
            guard frame.maskKey != nil || bytes.isEmpty else {
                try await writer.close(1002, "frames must be masked")
                return nil
            }
            switch frame.opcode {
            case .ping: try await writer.send(.pong, bytes)
            case .pong: break
            case .connectionClose:
                try? await writer.send(.connectionClose, bytes)
                return nil
            case .text, .binary, .continuation:
                guard (parts == nil) == (frame.opcode != .continuation) else {
                    try await writer.close(1002, "frames are out of order")
                    return nil
                }
                let joined = (parts?.opcode ?? frame.opcode, (parts?.bytes ?? []) + bytes)
                guard joined.1.count <= Self.longestMessage else {
                    try await writer.close(1009, "the message is too large")
                    return nil
                }
                parts = joined
                guard frame.fin else { continue }
                return joined.0 == .text ? .text(joined.1) : .binary(joined.1)
            default:
                try await writer.close(1002, "the opcode is not known")
                return nil
            }
        }
        return nil
    }
}
