import HTTPServing

/// `POST /api/v1/apps/{app_id}/completion`: agents, and workflows where the app's id begins with `workflow`.
struct AppCompletion {
    private static let prefix = "/api/v1/apps/"
    private static let suffix = "/completion"

    let id: String
    let configuration: EmulatorConfiguration
    let journal: RequestJournal

    /// nil where the path names no app.
    init?(path: String, configuration: EmulatorConfiguration, journal: RequestJournal) {
        guard path.hasPrefix(Self.prefix), path.hasSuffix(Self.suffix) else { return nil }
        id = String(path.dropFirst(Self.prefix.count).dropLast(Self.suffix.count))
        guard !id.isEmpty, !id.contains("/") else { return nil }
        self.configuration = configuration
        self.journal = journal
    }

    func reply(to http: HTTPRequest) -> EmulatorReply {
        let requestID = RequestID.make()
        do throws(Refusal) {
            try Envelope.checkKey(http)
            try Envelope.checkMethod(http)
            let body = try Envelope.readBody(http)
            let request = OperationRequest(http, body: body, name: id, requestID: requestID, journal: journal)
            let faults = ReplyFault(context: request.context)
            if let reply = faults.early() { return reply }
            let answer = try AppAnswer(request: request, journal: journal)
            guard request.context.streams else {
                return faults.whole(answer.whole(), delay: request.context.slowDelay(configuration))
            }
            return StreamFault(context: request.context, configuration: configuration).reply(events: answer.events())
        } catch {
            return .refused(error, requestID: requestID)
        }
    }
}

/// The answer of an app, whole or as events.
private struct AppAnswer {
    let request: OperationRequest
    let question: String
    let session: String
    let text: String

    init(request: OperationRequest, journal: RequestJournal) throws(Refusal) {
        self.request = request
        let messages = (request.input["messages"]?.array ?? []).map(Message.init(json:))
        let prompt = request.input["prompt"]?.string
        guard let question = prompt ?? messages.last(where: { $0.role == "user" })?.text, !question.isEmpty else {
            throw .invalid("Either \"prompt\" or \"messages\" must exist and cannot both be none")
        }
        try Self.check(request)
        if let options = request.parameters["rag_options"], options.members == nil {
            throw .wrongType("rag_options", "an object")
        }
        self.question = question
        let given = messages.isEmpty ? request.input["session_id"]?.string : nil
        session = given ?? String(request.context.requestID.filter { $0 != "-" })
        let earlier = journal.continueSession(session, with: question)
        let start = given != nil ? earlier.map { "Earlier you said: \($0). " } ?? "" : ""
        let marks = Self.documents(request).map { "<ref>[\($0)]</ref>" }.joined()
        text = start + "Echo: " + question + marks
    }

    /// Refuses what the reference gives another type.
    private static func check(_ request: OperationRequest) throws(Refusal) {
        for name in [
            "incremental_output", "has_thoughts", "enable_thinking", "enable_web_search", "enable_system_time",
        ] {
            _ = try request.flag(name)
        }
        _ = try request.text(
            "flow_stream_mode",
            among: ["full_thoughts", "agent_format", "message_format", "message_format_plus"]
        )
        for name in ["session_id", "memory_id"] {
            if let value = request.input[name], value.string == nil { throw .invalid("input.\(name) must be a string") }
        }
        if let variables = request.input["biz_params"], variables.members == nil {
            throw .invalid("input.biz_params must be an object")
        }
        for name in ["image_list", "file_list"] {
            guard let list = request.input[name] else { continue }
            guard let urls = list.array,
                urls.allSatisfy({ $0.string?.hasPrefix("http") == true || $0.string?.hasPrefix("oss://") == true })
            else {
                throw .invalid("input.\(name) must be a list of URLs")
            }
        }
        for message in request.input["messages"]?.array ?? [] {
            guard ["system", "user", "assistant"].contains(message["role"]?.string ?? "") else {
                throw .invalid("Role must be in [user, assistant, system]")
            }
            guard message["content"]?.string != nil else { throw .invalid("input content must be a string.") }
        }
    }

    /// The numbers of the documents an answer rests on: one for each place to look in.
    private static func documents(_ request: OperationRequest) -> [Int] {
        guard let options = request.parameters["rag_options"] else { return [] }
        return Array(1...max(1, options["pipeline_ids"]?.array?.count ?? 1))
    }

    private var isWorkflow: Bool { request.model.hasPrefix("workflow") }
    private var sendsWorkflowMessages: Bool {
        isWorkflow && request.parameters["flow_stream_mode"]?.string?.hasPrefix("message_format") == true
    }

    func whole() -> JSON {
        var output = output(text, finish: "stop")
        output["thoughts"] = thoughts
        output["doc_references"] = references
        return envelope(output, tokens: Tokens.count(text))
    }

    func events() -> [JSON] {
        let isIncremental = request.parameters["incremental_output"]?.bool ?? false
        var sent = ""
        var events = Tokens.pieces(of: text, seed: request.context.hash).enumerated().map { index, piece -> JSON in
            sent += piece
            var output = output(isIncremental ? piece : sent, finish: "null")
            if index == 0 { output["thoughts"] = thoughts }
            // Absent at first, then repeated in every event.
            if index > 0 { output["doc_references"] = references }
            return envelope(output, tokens: Tokens.count(sent))
        }
        var last = output(isIncremental || sendsWorkflowMessages ? "" : text, finish: "stop")
        last["doc_references"] = references
        events.append(envelope(last, tokens: Tokens.count(text)))
        return events
    }

    private func output(_ text: String, finish: String) -> JSON {
        var output: JSON = ["session_id": .string(session), "finish_reason": .string(finish)]
        guard sendsWorkflowMessages, request.context.streams else {
            output["text"] = .string(text)
            return output
        }
        output["workflow_message"] = [
            "node_id": "End_1", "node_name": "End", "node_type": "End",
            "node_status": .string(finish == "stop" ? "success" : "executing"),
            "node_is_completed": .string(finish == "stop" ? "true" : "false"), "node_msg_seq_id": 0,
            "message": ["role": "assistant", "content": .string(text)],
        ]
        return output
    }

    private var thoughts: JSON? {
        guard request.parameters["has_thoughts"]?.bool == true else { return nil }
        return [
            [
                "action_type": "agentRag", "action_name": "知识检索", "action": "rag", "action_input_stream": "{}",
                "arguments": "{}", "observation": "[{\"content\":\"…\",\"dataName\":\"Manual\",\"score\":0.57}]",
            ]
        ]
    }

    private var references: JSON? {
        let documents = Self.documents(request)
        guard !documents.isEmpty else { return nil }
        return .array(
            documents.map { number in
                var document: JSON = [
                    "index_id": .string("\(number)"), "title": "Manual", "doc_id": .string("file_\(number)"),
                    "doc_name": "Manual", "text": "The manual.", "images": [],
                ]
                // Not every document has an address.
                if number > 1 { document["doc_url"] = .string("https://example.com/manual-\(number)") }
                return document
            }
        )
    }

    private func envelope(_ output: JSON, tokens: Int) -> JSON {
        let models: JSON = [
            [
                "model_id": "qwen-plus", "input_tokens": .int(8 + Tokens.count(question)),
                "output_tokens": .int(tokens),
            ]
        ]
        return [
            "output": output, "usage": isWorkflow ? .object([]) : ["models": models],
            "request_id": .string(request.context.requestID),
        ]
    }
}
