import HTTPServing
import NIOCore
import NIOHTTP1

/// The paths that speak WebSocket.
struct SocketService {
    private let request: HTTPRequest
    private let path: SpeechProfile.Path
    private let configuration: EmulatorConfiguration
    private let journal: RequestJournal

    /// nil for another path.
    init?(request: HTTPRequest, configuration: EmulatorConfiguration, journal: RequestJournal) {
        let path = request.path.hasSuffix("/") ? request.path.dropLast() : request.path
        guard let path = SpeechProfile.Path(rawValue: String(path)), path == .task || path == .realtime else {
            return nil
        }
        (self.request, self.path) = (request, path)
        (self.configuration, self.journal) = (configuration, journal)
    }

    /// Refuses the connection, or carries it until it ends.
    func serve(_ writer: ResponseWriter) async throws {
        let requestID = RequestID.make()
        let model = OperationRequest(
            request,
            body: [:],
            name: QueryItems(request)["model"] ?? "",
            requestID: requestID,
            journal: journal
        )
        do throws(Refusal) {
            try Envelope.checkKey(request)
            if let refusal = EmulatorSocket.refusal(of: request) { throw refusal }
            if path == .realtime, case .refused(let refusal) = model.context.fault { throw refusal }
        } catch {
            let reply = EmulatorReply.refused(error, requestID: requestID)
            return try await writer.send(
                status: reply.status,
                headers: reply.headers,
                body: ByteBuffer(bytes: reply.body)
            )
        }
        journal.begin(streams: true)
        do {
            let socket = EmulatorSocket(request: request, writer: writer, journal: journal)
            if path == .realtime {
                try await socket.run(SpeechRealtimeSession(model, configuration: configuration))
            } else {
                try await socket.run(SpeechTaskSession(configuration: configuration, journal: journal))
            }
            journal.end(streams: true, wasAborted: false)
        } catch {
            journal.end(streams: true, wasAborted: true)
            throw error
        }
    }
}
