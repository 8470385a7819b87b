import HTTPServing
import NIOHTTP1

/// `POST /api/v1/services/audio/asr/transcription`: files are written down by tasks, whose results are documents.
struct FileTranscription {
    static let path = "/api/v1/services/audio/asr/transcription"

    let configuration: EmulatorConfiguration
    let journal: RequestJournal
    let tasks: TaskStore
    let documents: DocumentStore

    func reply(to http: HTTPRequest) -> EmulatorReply {
        let requestID = RequestID.make()
        do throws(Refusal) {
            try Envelope.checkKey(http)
            try Envelope.checkMethod(http)
            let body = try Envelope.readBody(http)
            guard let model = body["model"]?.string, !model.isEmpty else { throw .noModel }
            var request = OperationRequest(http, body: body, name: model, requestID: requestID, journal: journal)
            request.context.streams = false
            let faults = ReplyFault(context: request.context)
            if let reply = faults.early() { return reply }
            guard let profile = TranscriptionProfile.named(request.model) else { throw .unknownModel }
            try checkMode(http)
            let files = try self.files(of: request, profile: profile)
            let wish = try TranscriptWish(request, profile: profile)
            let host = http.headers.first(name: "Host") ?? "127.0.0.1"
            let task = submit(files, wish, profile, request, host: host, http: http)
            return faults.whole(
                ["request_id": .string(requestID), "output": ["task_id": .string(task), "task_status": "PENDING"]],
                delay: request.context.slowDelay(configuration)
            )
        } catch {
            return .refused(error, requestID: requestID)
        }
    }

    private func checkMode(_ http: HTTPRequest) throws(Refusal) {
        guard http.headers.first(name: "X-DashScope-Async")?.lowercased() != "enable" else { return }
        throw Refusal(
            status: 403,
            code: "AccessDenied",
            message: "current user api does not support synchronous calls"
        )
    }

    /// The links of a request: `https`, `http` and those of temporary storage; nothing inline.
    private func files(of request: OperationRequest, profile: TranscriptionProfile) throws(Refusal)
        -> [String]
    {
        let values: [JSON]
        switch profile.form {
        case .single:
            guard let value = request.input["file_url"] else {
                throw .invalid("Required parameter \"file_url\" missing from request.")
            }
            values = [value]
        case .list:
            guard let list = request.input["file_urls"]?.array, (1...100).contains(list.count) else {
                throw .invalid("file_urls must be a list of 1 to 100 urls")
            }
            values = list
        }
        var files: [String] = []
        for value in values {
            guard let link = value.string,
                link.hasPrefix("https://") || link.hasPrefix("http://") || link.hasPrefix("oss://")
            else { throw FaultRefusal.catalogued(status: 400, code: "InvalidURL") }
            files.append(link)
        }
        return files
    }

    private func submit(
        _ files: [String],
        _ wish: TranscriptWish,
        _ profile: TranscriptionProfile,
        _ request: OperationRequest,
        host: String,
        http: HTTPRequest
    ) -> String {
        var fault: TaskFault?
        if case .task(let named) = request.context.fault { fault = named }
        var seconds = 0
        let results = files.map { file -> JSON in
            let spoken = SpokenText(source: file)
            if file.contains("emulator-unreachable") {
                return [
                    "file_url": .string(file), "code": "InvalidFile.DownloadFailed",
                    "message": "The audio file cannot be downloaded.", "subtask_status": "FAILED",
                ]
            }
            if spoken.sentences.isEmpty {
                return [
                    "file_url": .string(file), "code": "SUCCESS_WITH_NO_VALID_FRAGMENT",
                    "message": "The ASR task succeeded, but no valid speech fragment was found.",
                    "subtask_status": "FAILED",
                ]
            }
            seconds += spoken.seconds
            let name = documents.add(wish.document(of: spoken, file: file, profile: profile))
            return [
                "file_url": .string(file), "transcription_url": .string(link(to: name, host: host, fault)),
                "subtask_status": "SUCCEEDED",
            ]
        }
        let failed = results.count { $0["code"] != nil }
        var output: JSON = [
            "results": .array(results),
            "task_metrics": [
                "TOTAL": .int(results.count), "SUCCEEDED": .int(results.count - failed), "FAILED": .int(failed),
            ],
        ]
        if profile.form == .single { output = ["result": single(results[0])] }
        return tasks.submit(
            TaskStore.Result(
                output: output,
                usage: [profile.form == .single ? "seconds" : "duration": .int(seconds)],
                total: files.count
            ),
            model: request.model,
            key: http.headers.first(name: "authorization") ?? "",
            fault: fault
        )
    }

    private func single(_ result: JSON) -> JSON {
        guard let code = result["code"] else { return ["transcription_url": result["transcription_url"] ?? .null] }
        return ["code": code, "message": result["message"] ?? .null]
    }

    /// A link that is good for a day.
    private func link(to name: String, host: String, _ fault: TaskFault?) -> String {
        var (name, host) = (name, host)
        if fault == .linkElsewhere { host = "files.example.com" }
        if fault == .linkMissing { name = "missing" }
        return "http://\(host)\(PictureFile.folder)\(name).json?Expires=4102444800&Signature=abc%3D"
    }
}
