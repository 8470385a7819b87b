import WireFormats

/// Reads the query of a list of files or batches.
struct PlatformQuery {
    /// The items that are passed on, of which DashScope knows more than OpenAI.
    private let passed: [String]
    private(set) var adjustments = AdjustmentList()
    private var items: [(name: String, value: String)] = []
    private(set) var hasCursor = false

    init(_ query: [(name: String, value: String)], passed: [String], mostItems: Int, mostHere: Int) throws(APIError) {
        self.passed = passed
        var seen: Set<String> = []
        for item in query where seen.insert(item.name).inserted {
            try read(item.name, item.value, mostItems: mostItems, mostHere: mostHere)
        }
    }

    private mutating func read(_ name: String, _ value: String, mostItems: Int, mostHere: Int) throws(APIError) {
        switch name {
        case "after":
            guard PlatformObject.isID(value) else { throw .invalidValue("after", "expected an id.") }
            hasCursor = true
            items.append((name, value))
        case "limit":
            guard let limit = Int(value), (1...mostItems).contains(limit) else {
                throw .invalidValue("limit", "expected a number from 1 to \(mostItems).")
            }
            if limit > mostHere {
                adjustments.add("limit", from: value, to: "\(mostHere)", reason: "longest page upstream")
            }
            items.append((name, "\(min(limit, mostHere))"))
        case "order":
            if value == "desc" { return }
            guard value == "asc" else { throw .invalidValue("order", "expected desc.") }
            throw .invalidRequest(
                "Invalid value for 'order': DashScope lists the newest first only. Leave it out, or ask for desc.",
                param: "order",
                code: "unsupported_value"
            )
        case "purpose" where passed.contains(name):
            if !value.isEmpty { items.append((name, try FilePurpose.filter(value))) }
        default:
            guard passed.contains(name) else {
                let name = KeyLookalikes.redacted(String(name.prefix(64)))
                return adjustments.add(name, from: "text", to: "none", reason: "no counterpart upstream")
            }
            items.append((name, value))
        }
    }

    /// The query as it goes upstream, with its question mark.
    var text: String {
        guard !items.isEmpty else { return "" }
        return "?" + items.map { "\($0.name)=\(PercentEncoding.encode($0.value))" }.joined(separator: "&")
    }
}

extension PlatformRequest {
    /// A page of files; `query` holds the decoded items of the caller's.
    package static func files(_ query: [(name: String, value: String)]) throws(APIError) -> PlatformRequest {
        let read = try PlatformQuery(
            query,
            passed: ["purpose", "create_after", "create_before"],
            mostItems: 10_000,
            mostHere: 2_000
        )
        // One that is empty asks for nothing.
        let purpose = query.first { $0.name == "purpose" && !$0.value.isEmpty }?.value
        return PlatformRequest(
            operation: .files,
            method: .GET,
            target: filesPath + read.text,
            answer: .filePage(purpose: purpose?.contains(",") == true ? nil : purpose),
            adjustments: read.adjustments,
            hasCursor: read.hasCursor
        )
    }

    /// A page of batches.
    package static func batches(_ query: [(name: String, value: String)]) throws(APIError) -> PlatformRequest {
        let read = try PlatformQuery(
            query,
            passed: ["ds_name", "input_file_ids", "status", "create_after", "create_before"],
            mostItems: 100,
            mostHere: 100
        )
        return PlatformRequest(
            operation: .batches,
            method: .GET,
            target: batchesPath + read.text,
            answer: .batchPage,
            adjustments: read.adjustments,
            hasCursor: read.hasCursor
        )
    }
}
