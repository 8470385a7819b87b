import NIOCore

/// One request of a batch's file, and what the validation of such a file complains of.
struct BatchLine: Sendable {
    /// An entry of a failed batch's errors.
    struct Complaint: Error, Sendable {
        var code: String
        var message: String
        var parameter: String?
        var line: Int

        var document: JSON {
            [
                "code": .string(code), "message": .string(message), "param": parameter.map(JSON.string) ?? .null,
                "line": .int(line),
            ]
        }
    }

    static let testModel = "batch-test-model"
    static let testEndpoint = "/v1/chat/ds-test"
    static let endpoints = ["/v1/chat/completions", "/v1/embeddings", testEndpoint]

    private static let mostLines = 50_000
    private static let mostTestLines = 100
    private static let mostBytes = 6 << 20
    private static let mostComplaints = 20

    var customID: String
    var model: String
    var body: JSON

    /// Reads the lines of a file, or all that is wrong with it.
    static func read(_ content: ByteBuffer, endpoint: String) -> (lines: [BatchLine], complaints: [Complaint]) {
        var lines: [BatchLine] = []
        var complaints: [Complaint] = []
        var names: Set<String> = []
        let isTest = endpoint == testEndpoint
        let most = isTest ? mostTestLines : mostLines
        let texts = content.readableBytesView.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        for (index, text) in texts.enumerated() where !text.allSatisfy({ $0 == 32 || $0 == 13 || $0 == 9 }) {
            do throws(Complaint) {
                let line = try BatchLine(text, number: index + 1, endpoint: endpoint, model: lines.first?.model)
                guard names.insert(line.customID).inserted else {
                    throw Complaint(
                        code: "duplicate_custom_id",
                        message: "The custom_id '\(line.customID)' for this request is a duplicate of another request. "
                            + "The custom_id parameter must be unique for each request in a batch.",
                        parameter: "custom_id",
                        line: index + 1
                    )
                }
                lines.append(line)
            } catch {
                if complaints.count < mostComplaints { complaints.append(error) }
            }
        }
        if lines.isEmpty, complaints.isEmpty {
            complaints.append(Complaint(code: "empty_file", message: "The input file is empty.", line: 1))
        }
        if lines.count > most || isTest && content.readableBytes > 1 << 20 {
            complaints.append(
                Complaint(
                    code: "too_many_tasks",
                    message: "The input file holds more requests than one batch may have: \(most).",
                    line: most + 1
                )
            )
        }
        return (lines, complaints)
    }

    private init(
        _ text: some Collection<UInt8>,
        number: Int,
        endpoint: String,
        model first: String?
    ) throws(Complaint) {
        guard text.count <= Self.mostBytes, let json = JSON(bytes: text), json.members != nil else {
            throw Complaint(
                code: "invalid_json_line",
                message: "This line is not parseable as valid JSON.",
                line: number
            )
        }
        func complaint(_ code: String, _ parameter: String, _ message: String) -> Complaint {
            Complaint(code: code, message: message, parameter: parameter, line: number)
        }
        guard let customID = json["custom_id"]?.string, !customID.isEmpty else {
            throw complaint("missing_required_parameter", "custom_id", "Missing required parameter: custom_id.")
        }
        guard json["method"]?.string == "POST" else {
            throw complaint("invalid_method", "method", "The provided method is not supported by the Batch API.")
        }
        let url = json["url"]?.string ?? ""
        guard Self.endpoints.contains(url) else {
            throw complaint("url_not_found", "url", "The provided url '\(url)' is not supported by the Batch API.")
        }
        guard let body = json["body"], let model = body["model"]?.string, !model.isEmpty else {
            throw complaint("missing_required_parameter", "body.model", "Missing required parameter: body.model.")
        }
        guard (model == Self.testModel) == (url == Self.testEndpoint) else {
            throw complaint(
                "mismatched_test_url",
                "url",
                "The provided URL '\(url)' does not match the test model '\(Self.testModel)'."
            )
        }
        guard url == endpoint else {
            throw complaint("mismatched_url", "url", "The URL '\(url)' does not match the endpoint of the batch.")
        }
        guard first == nil || first == model else {
            throw complaint(
                "mismatched_model",
                "model",
                "The model '\(model)' for this request does not match the rest of the batch. "
                    + "Each batch must contain requests for a single model."
            )
        }
        let isKnown =
            url == "/v1/embeddings"
            ? UploadStore.name(of: model).hasPrefix("text-embedding")
            : model == Self.testModel || ModelProfile(name: Fault.parse(model)?.base ?? model) != nil
        guard isKnown else {
            throw complaint(
                "model_not_found",
                "model",
                "The provided model '\(model)' is not supported by the Batch API."
            )
        }
        self.customID = customID
        self.model = model
        self.body = body
    }
}
