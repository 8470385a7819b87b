import HTTPServing
import NIOHTTP1

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The compatible batches interface: `/compatible-mode/v1/batches`.
struct BatchEndpoints {
    static let path = "/compatible-mode/v1/batches"

    private static let states = [
        "validating", "failed", "in_progress", "finalizing", "completed", "expired", "cancelling", "cancelled",
    ]

    let batches: BatchStore
    let files: FileStore
    /// Answers native requests.
    let answer: (HTTPRequest) -> EmulatorReply

    func reply(to request: HTTPRequest) -> EmulatorReply {
        let place = request.path.dropFirst(Self.path.count).split(separator: "/").map(String.init)
        return .compatible(requestID: RequestID.make()) { () throws(CompatibleRefusal) in
            let owner = try CompatibleRefusal.checkKey(request)
            for name in place { try CompatibleRefusal.checkFault(name) }
            switch (request.method, place.count) {
            case ("POST", 0): return try create(request, owner: owner)
            case ("GET", 0): return try list(QueryItems(request), owner: owner)
            case ("GET", 1):
                let batch = try batch(place[0], owner: owner)
                return batches.update(BatchRun(files: files, answer: answer).advanced(batch), from: batch.status)
                    .document
            case ("POST", 2) where place[1] == "cancel":
                var batch = try batch(place[0], owner: owner)
                let status = batch.status
                guard status == "validating" || status == "in_progress" else {
                    throw .invalid("Cannot cancel a batch with status '\(status)'.")
                }
                batch.status = "cancelling"
                return batches.update(batch, from: status).document
            default: throw .unknownPath
            }
        }
    }

    private func batch(_ id: String, owner: String) throws(CompatibleRefusal) -> Batch {
        guard let batch = batches.batch(id, owner: owner) else { throw .noBatch(id) }
        return batch
    }

    // MARK: Creation

    private func create(_ request: HTTPRequest, owner: String) throws(CompatibleRefusal) -> JSON {
        let body: JSON
        do throws(Refusal) { body = try Envelope.readBody(request) } catch { throw CompatibleRefusal(error) }
        let input = try text("input_file_id", in: body)
        try CompatibleRefusal.checkFault(input)
        let endpoint = try text("endpoint", in: body)
        guard BatchLine.endpoints.contains(endpoint) else {
            throw .invalid("The endpoint '\(endpoint)' is not supported by the Batch API.", parameter: "endpoint")
        }
        let window = try text("completion_window", in: body)
        guard Self.isWindow(window) else {
            throw .invalid(
                "'completion_window' must be between 24h and 336h, in hours or days",
                parameter: "completion_window"
            )
        }
        let metadata = try readMetadata(body["metadata"])
        guard let file = files.file(input, owner: owner), file.purpose == .batch else {
            throw .invalid("The input file '\(input)' was not found.", parameter: "input_file_id")
        }
        let batch = Batch(
            id: "batch_\(RequestID.make())",
            owner: owner,
            endpoint: endpoint,
            inputFile: file.id,
            window: window,
            metadata: metadata,
            created: Int(Date().timeIntervalSince1970)
        )
        batches.add(batch)
        return batch.document
    }

    private func text(_ name: String, in body: JSON) throws(CompatibleRefusal) -> String {
        guard let text = body[name]?.string, !text.isEmpty else {
            throw .invalid("'\(name)' is a required property", parameter: name)
        }
        return text
    }

    /// Whole hours or days: 24 hours to 336.
    private static func isWindow(_ text: String) -> Bool {
        guard let number = Int(text.dropLast()), !text.hasPrefix("+") else { return false }
        return text.hasSuffix("h") && (24...336).contains(number) || text.hasSuffix("d") && (1...14).contains(number)
    }

    private func readMetadata(_ value: JSON?) throws(CompatibleRefusal) -> JSON {
        guard let value, !value.isNull else { return [:] }
        guard let members = value.members, members.allSatisfy({ $0.value.string != nil }) else {
            throw .invalid("'metadata' must be an object of texts", parameter: "metadata")
        }
        for (name, most) in [("ds_name", 100), ("ds_description", 200)]
        where (value[name]?.string?.count ?? 0) > most {
            throw .invalid("'metadata.\(name)' must have at most \(most) characters", parameter: "metadata.\(name)")
        }
        return value
    }

    // MARK: Pages

    private func list(_ query: QueryItems, owner: String) throws(CompatibleRefusal) -> JSON {
        let limit = try query.number("limit", in: 1...100) ?? 20
        guard var found = batches.batches(of: owner, after: query["after"]) else {
            throw .noBatch(query["after"] ?? "")
        }
        if let name = query["ds_name"] {
            found = found.filter { $0.metadata["ds_name"]?.string?.contains(name) == true }
        }
        if let inputs = query.list("input_file_ids") { found = found.filter { inputs.contains($0.inputFile) } }
        if let states = query.list("status") {
            guard states.allSatisfy(Self.states.contains) else {
                throw .invalid("'status' must be a list of states", parameter: "status")
            }
            found = found.filter { states.contains($0.status) }
        }
        let times = try query.times()
        found = found.filter { times.contains($0.created) }
        let page = found.prefix(limit)
        return [
            "object": "list", "data": page.isEmpty ? .null : .array(page.map(\.document)),
            "first_id": page.first.map { .string($0.id) } ?? .null,
            "last_id": page.last.map { .string($0.id) } ?? .null, "has_more": .bool(found.count > limit),
        ]
    }
}

extension CompatibleRefusal {
    static func noBatch(_ id: String) -> CompatibleRefusal { .invalid("The batch '\(id)' was not found.") }
}
