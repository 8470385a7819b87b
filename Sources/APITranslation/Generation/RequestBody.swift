import JSONBytes
import NIOCore

/// The JSON body of a request: parsed once, with the few things mended that some clients get wrong.
struct RequestBody {
    /// The body, an object.
    let root: JSONValue
    /// Its length in bytes.
    let count: Int
    /// The repairs of the body.
    let adjustments: AdjustmentList

    /// Translates a body whose members a table describes; `translate` gets the members and the repairs of the body.
    ///
    /// With `isForm` texts may stand for other values, as in forms.
    ///
    /// - Throws: What ``read(_:tape:options:_:)`` throws; with `strict` a 400 for a request that needs a repair.
    static func split<Request: TranslatedRequest>(
        _ body: ByteBuffer,
        tape: JSONTape,
        options: TranslationOptions,
        strict: Bool,
        _ table: [RequestField],
        isForm: Bool = false,
        nested: StaticString? = nil,
        _ translate: (RequestFields, AdjustmentList) throws(APIError) -> Request
    ) throws(APIError) -> Request {
        try read(body, tape: tape, options: options) { (body) throws(APIError) -> Request in
            let fields = try RequestFields(body.root, table, isForm: isForm, nested: nested)
            var adjustments = body.adjustments
            adjustments.add(fields.repeated)
            let request = try translate(fields, adjustments)
            if strict, let refusal = request.adjustments.refusal { throw refusal }
            return request
        }
    }

    /// Parses a body and lends it to `use`; no value of it may leave the closure.
    ///
    /// - Throws: A 400 where the body is no JSON object or holds too many values, and what `use` throws.
    static func read<Result>(
        _ body: ByteBuffer,
        tape: JSONTape,
        options: TranslationOptions,
        _ use: (RequestBody) throws(APIError) -> Result
    ) throws(APIError) -> Result {
        var body = body
        var adjustments = AdjustmentList()
        if body.readableBytesView.starts(with: [0xEF, 0xBB, 0xBF]) {
            body.moveReaderIndex(forwardBy: 3)
            adjustments.add("body", from: "byte-order mark", to: "none", reason: "JSON has none")
        }
        var lone: Int?
        while true {
            let outcome: Swift.Result<Result, Fault> = body.withUnsafeReadableBytes { bytes in
                do throws(Fault) {
                    return .success(try read(bytes, tape: tape, options: options, lone: lone, &adjustments, use))
                } catch {
                    return .failure(error)
                }
            }
            switch outcome {
            case .success(let result): return result
            case .failure(.refusal(let error)): throw error
            case .failure(.loneSurrogate(let error, let offset)):
                // Seldom, so that only such a body is copied.
                guard lone == nil else { throw error }
                lone = offset
                body = body.withUnsafeReadableBytes { JSONRepair.mended($0) }
            }
        }
    }

    private enum Fault: Error {
        case refusal(APIError)
        case loneSurrogate(APIError, at: Int)
    }

    private static func read<Result>(
        _ bytes: UnsafeRawBufferPointer,
        tape: JSONTape,
        options: TranslationOptions,
        lone: Int?,
        _ adjustments: inout AdjustmentList,
        _ use: (RequestBody) throws(APIError) -> Result
    ) throws(Fault) -> Result {
        let root: JSONValue
        do {
            root = try tape.parse(bytes, maximumValues: options.maximumValues)
        } catch {
            let refusal = Self.refusal(for: error, in: bytes, options)
            throw error.code == .loneSurrogate ? .loneSurrogate(refusal, at: error.offset) : .refusal(refusal)
        }
        guard root.kind == .object else {
            throw .refusal(
                .invalidRequest(
                    "The request body must be a JSON object, but is \(root.kindDescription).",
                    param: nil,
                    code: "invalid_type"
                )
            )
        }
        if let lone {
            let member = root.members.first { lone < $0.value.offset + $0.value.text.count }
            adjustments.add(
                member.map { GenerationWriter.memberName($0.name) } ?? "body",
                from: "half of a surrogate pair",
                to: "U+FFFD",
                reason: "it is no character"
            )
        }
        do {
            return try use(RequestBody(root: root, count: bytes.count, adjustments: adjustments))
        } catch {
            throw .refusal(error)
        }
    }

    private static func refusal(for error: JSONError, in bytes: UnsafeRawBufferPointer, _ options: TranslationOptions)
        -> APIError
    {
        if error.code == .tooManyValues {
            return .invalidRequest(
                "The JSON body of your request holds more than \(options.maximumValues) values.",
                param: nil,
                code: "too_many_values"
            )
        }
        return .invalidRequest(
            "We could not parse the JSON body of your request: \(error.description(in: bytes)).",
            param: nil,
            code: "invalid_json"
        )
    }
}
