package import HTTPServing
import NIOCore

/// A local stand-in for DashScope that answers, and refuses, as the documentation says.
///
/// It is a second reading of the documentation and shares no wire code with the gateway. Faults are asked for by the
/// name of the model: see ``Fault`` and `docs/emulator.md`.
package struct DashScopeEmulator: HTTPResponding {
    /// What a server should take for this responder: the largest file of a batch, and the form around it.
    package static let maximumBodyBytes = 512 << 20

    private let configuration: EmulatorConfiguration
    private let journal: RequestJournal
    private let tasks: TaskStore
    private let uploads = UploadStore()
    private let files = FileStore()
    private let batches = BatchStore()
    private let documents = DocumentStore()

    package init(configuration: EmulatorConfiguration = .init()) {
        self.configuration = configuration
        journal = RequestJournal(configuration: configuration)
        tasks = TaskStore(
            queriesToEnd: configuration.queriesOfTask,
            queriesPerSecond: configuration.taskQueriesPerSecond
        )
    }

    package func respond(to request: HTTPRequest, writer: ResponseWriter) async throws {
        if request.path.hasPrefix(ControlEndpoints.prefix) {
            let reply = ControlEndpoints(
                journal: journal,
                tasks: tasks,
                uploads: uploads,
                files: files,
                batches: batches
            ).reply(to: request)
            return try await writer.send(
                status: reply.status,
                headers: reply.headers,
                body: ByteBuffer(bytes: reply.body)
            )
        }
        if let service = SocketService(request: request, configuration: configuration, journal: journal) {
            return try await service.serve(writer)
        }
        let streams = Envelope.asksForStream(request)
        journal.record(request)
        journal.begin(streams: streams)
        do {
            try await perform(reply(to: request), writer: writer)
            journal.end(streams: streams, wasAborted: false)
        } catch {
            journal.end(streams: streams, wasAborted: true)
            throw error
        }
    }

    /// Returns the reply to any request but those under `/__emulator/`.
    func reply(to request: HTTPRequest) -> EmulatorReply {
        let path = String(request.path)
        if path.hasPrefix("/api/v1/services/") || path.hasPrefix("/api/v1/apps/") {
            do throws(Refusal) { try uploads.checkLinks(of: request) } catch {
                return .refused(error, requestID: RequestID.make())
            }
        }
        if "\(path)/".hasPrefix(FileEndpoints.path + "/") { return FileEndpoints(files: files).reply(to: request) }
        if "\(path)/".hasPrefix(BatchEndpoints.path + "/") {
            return BatchEndpoints(batches: batches, files: files, answer: reply).reply(to: request)
        }
        switch path {
        case "/api/v1/services/aigc/text-generation/generation":
            return Generation(
                path: .text,
                configuration: configuration,
                journal: journal,
                files: files
            ).reply(to: request)
        case "/api/v1/services/aigc/multimodal-generation/generation":
            return Generation(
                path: .multimodal,
                configuration: configuration,
                journal: journal,
                files: files,
                images: images(.multimodal),
                speech: SpeechSynthesis(path: .multimodal, configuration: configuration, journal: journal)
            ).reply(to: request)
        case SpeechProfile.Path.synthesizer.rawValue:
            return SpeechSynthesis(path: .synthesizer, configuration: configuration, journal: journal).reply(
                to: request
            )
        case "/": return ObjectUpload(store: uploads).reply(to: request)
        case UploadPolicyEndpoint.path:
            return UploadPolicyEndpoint(store: uploads, scheme: configuration.scheme).reply(to: request)
        case "/api/v1/tokenizer": return Tokenizer.reply(to: request)
        case TextEmbedding.path:
            return operation(request) { request throws(Refusal) in try TextEmbedding(request: request).answer() }
        case MultimodalEmbedding.path:
            return operation(request) { request throws(Refusal) in try MultimodalEmbedding(request: request).answer() }
        case Rerank.path: return operation(request) { request throws(Refusal) in try Rerank(request: request).answer() }
        case Rerank.flatPath:
            return operation(request) { request throws(Refusal) in try Rerank(request: request).flatAnswer() }
        default:
            if path.hasPrefix(TaskEndpoints.folder) { return TaskEndpoints(tasks: tasks).reply(to: request) }
            if let reply = SoundFile.reply(to: request) { return reply }
            if path == FileTranscription.path {
                return FileTranscription(
                    configuration: configuration,
                    journal: journal,
                    tasks: tasks,
                    documents: documents
                ).reply(to: request)
            }
            if path.hasPrefix(PictureFile.folder) {
                if path.hasSuffix(".json") { return documents.reply(to: request) }
                return path.hasSuffix(".mp4") ? FilmFile.reply(to: request) : PictureFile.reply(to: request)
            }
            if let path = ImageProfile.Path(rawValue: path) { return images(path).reply(to: request) }
            if let path = VideoProfile.Path(rawValue: path) {
                return VideoSynthesis(path: path, configuration: configuration, journal: journal, tasks: tasks)
                    .reply(to: request)
            }
            if let app = AppCompletion(path: path, configuration: configuration, journal: journal) {
                return app.reply(to: request)
            }
            let refusal = Refusal(status: 404, code: "NotFound", message: "The requested path does not exist.")
            return .refused(refusal, requestID: RequestID.make())
        }
    }

    /// What was uploaded, with sizes and digests.
    func storedFiles() -> JSON { ["objects": uploads.document(), "files": files.document()] }

    private func images(_ path: ImageProfile.Path) -> ImageSynthesis {
        ImageSynthesis(path: path, configuration: configuration, journal: journal, tasks: tasks)
    }

    private func operation(
        _ http: HTTPRequest,
        answer: (OperationRequest) throws(Refusal) -> JSON
    ) -> EmulatorReply {
        OperationRequest.reply(to: http, configuration: configuration, journal: journal, answer: answer)
    }

    private func perform(_ reply: EmulatorReply, writer: ResponseWriter) async throws {
        if reply.isChunked { try await writer.start(status: reply.status, headers: reply.headers) }
        for step in reply.steps {
            try Task.checkCancellation()
            switch step {
            case .bytes(let bytes):
                if reply.isChunked { try await writer.write(ByteBuffer(bytes: bytes)) }
            case .pause(let duration): try await Task.sleep(for: duration)
            case .silence:
                // Ends by cancellation, when the peer leaves.
                while true { try await Task.sleep(for: .seconds(3_600)) }
            case .abort: return await writer.abort()
            }
        }
        if reply.isChunked {
            try await writer.finish()
        } else {
            try await writer.send(status: reply.status, headers: reply.headers, body: ByteBuffer(bytes: reply.body))
        }
    }
}
