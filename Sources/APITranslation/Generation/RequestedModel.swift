import JSONBytes

/// The model a request names.
enum RequestedModel {
    /// In bytes of UTF-8; the longest name of a model is a third of it.
    static let longestName = 256

    /// Resolves the name.
    ///
    /// - Throws: A 400 for a name that is missing, empty or too long, and for a model that is not for chat.
    static func resolve(_ value: JSONValue?, in catalog: ModelCatalog, endpoint: StaticString) throws(APIError)
        -> ResolvedModel
    {
        let (model, name) = try find(value, in: catalog)
        guard model.traits.isConversational else { throw unsupported(name, "a chat model", endpoint) }
        if let app = model.appID { try check(app: app) }
        return model
    }

    /// The id stands in the path of the call.
    private static func check(app: String) throws(APIError) {
        let isID = app.utf8.allSatisfy { byte in
            byte &- 0x30 < 10 || (byte | 0x20) &- 0x61 < 26 || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
        }
        guard isID, !app.isEmpty else {
            throw .invalidValue("model", "the id of an app is made of letters, digits, `-` and `_`.")
        }
    }

    /// Resolves the name of a model of another kind; an unknown name is passed on.
    ///
    /// - Throws: A 400 for a name that is missing, empty or too long, and for a model of another kind.
    static func resolve(
        _ value: JSONValue?,
        serving kind: ModelKind,
        in catalog: ModelCatalog,
        endpoint: StaticString
    ) throws(APIError) -> ResolvedModel {
        let article = "aeiou".contains(kind.rawValue.prefix(1)) ? "an" : "a"
        return try resolve(value, in: catalog, endpoint: endpoint, as: "\(article) \(kind.rawValue) model") {
            $0.kind == kind
        }
    }

    /// Resolves the name of a model whose traits the endpoint can serve; an unknown name is passed on.
    ///
    /// - Throws: A 400 for a name that is missing, empty or too long, and for a known model that `serves` refuses.
    static func resolve(
        _ value: JSONValue?,
        in catalog: ModelCatalog,
        endpoint: StaticString,
        as what: @autoclosure () -> String,
        where serves: (ModelTraits) -> Bool
    ) throws(APIError) -> ResolvedModel {
        let (model, name) = try find(value, in: catalog)
        guard serves(model.traits) || !model.isKnown else { throw unsupported(name, what(), endpoint) }
        return model
    }

    static func unsupported(_ name: String, _ what: String, _ endpoint: StaticString) -> APIError {
        .invalidRequest(
            "This is not \(what) and thus not supported in the \(endpoint) endpoint: `\(name)`.",
            param: "model",
            code: "model_not_supported"
        )
    }

    /// Resolves any name.
    ///
    /// - Throws: A 400 for a name that is missing, empty or too long.
    static func find(_ value: JSONValue?, in catalog: ModelCatalog) throws(APIError) -> (ResolvedModel, String) {
        guard let value else { throw .missing("model") }
        guard let name = value.string else { throw .wrongType("model", expected: "string", got: value) }
        guard !name.isEmpty else { throw .invalidValue("model", "it is empty.") }
        guard name.utf8.count <= longestName else {
            throw .invalidRequest(
                "Invalid 'model': string too long. Expected a string with maximum length \(longestName), but got a string "
                    + "with length \(name.utf8.count) instead.",
                param: "model",
                code: "string_above_max_length"
            )
        }
        return (catalog.resolve(name), name)
    }
}

extension AdjustmentList {
    /// Reports that the name of a vendor in front of the model's was removed, if it was.
    mutating func addRemovedPrefix(of model: ResolvedModel) {
        guard let prefix = model.removedPrefix else { return }
        add("model", from: model.requestedName, to: model.upstreamName, reason: "\(prefix) is no part of the name")
    }
}
