import NIOCore
import NIOHPACK
import NIOHTTP2
import NIOPosix
import NIOSSL

/// An HTTP/2 client that shows frames as they are.
struct HTTP2Client {
    let channel: any Channel
    let multiplexer: NIOHTTP2Handler.StreamMultiplexer

    /// A stream, with its frames to read and to write.
    typealias Stream = NIOAsyncChannel<HTTP2Frame.FramePayload, HTTP2Frame.FramePayload>

    static func connect(_ port: Int, group: any EventLoopGroup, tls: Bool = true, window: Int = 65_535) async throws
        -> HTTP2Client
    {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.certificateVerification = .none
        configuration.applicationProtocols = ["h2"]
        let context = try NIOSSLContext(configuration: configuration)
        return try await ClientBootstrap(group: group).connect(host: "127.0.0.1", port: port) { channel in
            channel.eventLoop.makeCompletedFuture {
                let pipeline = channel.pipeline.syncOperations
                if tls { try pipeline.addHandler(NIOSSLClientHandler(context: context, serverHostname: "localhost")) }
                var connection = NIOHTTP2Handler.ConnectionConfiguration()
                connection.initialSettings = [
                    HTTP2Setting(parameter: .enablePush, value: 0),
                    HTTP2Setting(parameter: .initialWindowSize, value: window),
                ]
                // Bad requests must reach the server.
                connection.headerBlockValidation = .disabled
                connection.contentLengthValidation = .disabled
                var stream = NIOHTTP2Handler.StreamConfiguration()
                stream.targetWindowSize = window
                let multiplexer = try pipeline.configureHTTP2Pipeline(
                    mode: .client,
                    connectionConfiguration: connection,
                    streamConfiguration: stream
                ) { stream in stream.close() }
                return HTTP2Client(channel: channel, multiplexer: multiplexer)
            }
        }
    }

    func openStream() async throws -> Stream {
        let promise = channel.eventLoop.makePromise(of: Stream.self)
        multiplexer.createStreamChannel(promise: nil) { stream in
            stream.eventLoop.makeCompletedFuture {
                let wrapped = try Stream(wrappingChannelSynchronously: stream)
                promise.succeed(wrapped)
            }
        }
        return try await promise.futureResult.get()
    }

    /// A stream that nobody reads.
    func openUnreadStream() async throws -> any Channel {
        let promise = channel.eventLoop.makePromise(of: (any Channel).self)
        multiplexer.createStreamChannel(promise: promise) { $0.eventLoop.makeSucceededVoidFuture() }
        return try await promise.futureResult.get()
    }

    /// What came back on one stream.
    struct Answer: Sendable {
        var headers = HPACKHeaders()
        var body = ByteBuffer()
        var trailing: HTTP2ErrorCode?
        var ended = false

        var status: String? { headers.first(name: ":status") }
        var text: String { String(buffer: body) }
    }

    static func head(_ path: String, method: String = "GET", _ more: [(String, String)] = []) -> HPACKHeaders {
        HPACKHeaders(
            [(":method", method), (":scheme", "https"), (":authority", "localhost"), (":path", path)] + more
        )
    }

    func call(_ headers: HPACKHeaders, body: [String] = []) async throws -> Answer {
        let stream = try await openStream()
        return try await stream.executeThenClose { inbound, outbound in
            do {
                try await outbound.write(.headers(.init(headers: headers, endStream: body.isEmpty)))
                for (index, piece) in body.enumerated() {
                    let data = HTTP2Frame.FramePayload.Data(
                        data: .byteBuffer(ByteBuffer(string: piece)),
                        endStream: index == body.count - 1
                    )
                    try await outbound.write(.data(data))
                }
            } catch {
                // The server may have ended the stream already.
            }
            return await Self.answer(from: inbound)
        }
    }

    static func answer(from inbound: NIOAsyncChannelInboundStream<HTTP2Frame.FramePayload>) async -> Answer {
        var answer = Answer()
        do {
            for try await payload in inbound {
                switch payload {
                case .headers(let headers):
                    answer.headers = headers.headers
                    if headers.endStream { answer.ended = true }
                case .data(let data):
                    if case .byteBuffer(let bytes) = data.data { answer.body.writeImmutableBuffer(bytes) }
                    if data.endStream { answer.ended = true }
                case .rstStream(let code): answer.trailing = code
                default: break
                }
            }
        } catch let error as NIOHTTP2Errors.StreamClosed {
            answer.trailing = error.errorCode
        } catch {}
        return answer
    }
}
