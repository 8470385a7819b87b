import ByteWriting
import JSONBytes
import NIOCore

/// Writes one call of a native generation API: its bytes, its repairs, and what was decided on the way.
///
/// Knows no caller's JSON: the reader of a face decides what was asked and passes values, which are copied. Names of
/// fields in errors and reports are the caller's, so they are arguments.
struct GenerationWriter {
    let model: ResolvedModel
    let options: TranslationOptions
    let operation: DashScopeOperation
    let streamsToClient: Bool
    var body: ByteBuffer
    var adjustments = AdjustmentList()
    var thinking = ThinkingDecision()
    var resolvesOSS = false
    /// Media that do not stand in the body, in the order of their places.
    var uploads: [MediaUpload] = []
    var streamsUpstream = false
    /// Text to add to the system message: what the native API has no parameter for.
    private(set) var systemAddition: String?
    private var argumentCheck = JSONObjectCheck()

    /// `operation` overrides the path of the catalogue; `hasMedia` is asked where the catalogue cannot tell.
    init(
        model: ResolvedModel,
        options: TranslationOptions,
        operation: DashScopeOperation?,
        streamsToClient: Bool,
        capacity: Int,
        hasMedia: () -> Bool
    ) {
        self.model = model
        self.options = options
        self.streamsToClient = streamsToClient
        body = ByteBufferAllocator().buffer(capacity: capacity)
        body.expectLargeWrite(of: capacity)
        let byTable = model.traits.operation
        if byTable == .application {
            // Written as for a model that reads parts, and made the app's call when it is complete.
            self.operation = .multimodalGeneration
        } else if let operation {
            self.operation = operation
        } else if byTable == .textGeneration, !model.isCatalogued || model.traits.takesMedia == true, hasMedia() {
            self.operation = .multimodalGeneration
        } else {
            self.operation = byTable
        }
        adjustments.addRemovedPrefix(of: model)
    }

    var isMultimodal: Bool { operation == .multimodalGeneration }

    // MARK: - Reports

    mutating func adjust(_ name: String, from: String, to: String, _ reason: String) {
        adjustments.add(name, from: from, to: to, reason: reason)
    }

    /// Reports a repair of something a request may have many of; see ``AdjustmentList``.
    mutating func adjust(
        _ name: String,
        at path: @autoclosure () -> String,
        from: String,
        to: String,
        _ reason: String
    ) {
        adjustments.add(name, at: path(), from: from, to: to, reason: reason)
    }

    /// A short value for a report: numbers and single words as they came, anything else by its kind.
    static func short(_ value: JSONValue) -> String {
        switch value.kind {
        case .number: String(decoding: value.text.prefix(64), as: UTF8.self)
        case .true, .false, .null: String(decoding: value.text, as: UTF8.self)
        case .string: word(value) ?? "string"
        case .array: "array"
        case .object: "object"
        }
    }

    /// The value of a member that is not known, for a report: a string by its kind, because it may be anything.
    static func shortUnknown(_ value: JSONValue) -> String { value.kind == .string ? "string" : short(value) }

    /// The text of a string that is one short word; reports reach logs, which hold nothing else of a request.
    private static func word(_ value: JSONValue) -> String? {
        guard let content = value.escapedContent, (1...24).contains(content.count) else { return nil }
        for byte in content {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "."),
                // Sizes and ratios: 1024*1024, 16:9.
                UInt8(ascii: "*"), UInt8(ascii: ":"):
                continue
            default: return nil
            }
        }
        return String(decoding: content, as: UTF8.self)
    }

    /// The name of a member for an error or a report, cut where it is long.
    static func memberName(_ name: JSONValue) -> String {
        guard let content = name.escapedContent else { return "" }
        guard content.count > 64 || name.hasEscapes else { return String(decoding: content, as: UTF8.self) }
        return String((name.string ?? "").prefix(64))
    }

    // MARK: - The frame

    /// Whether the call streams; decided before anything is written.
    mutating func decideStreaming(longestAnswer: Int) {
        streamsUpstream =
            streamsToClient || thinking.mayThink || model.traits.streamOnly == .always
            || longestAnswer > options.longestPlainAnswer
    }

    mutating func open() {
        body.append("{\"model\":")
        body.writeJSON(model.upstreamName)
        body.append(",\"input\":{\"messages\":[")
    }

    mutating func beginParameters() {
        body.append("]},\"parameters\":{\"result_format\":\"message\"")
        if streamsUpstream { body.append(",\"incremental_output\":true") }
    }

    mutating func close() {
        body.append("}}")
    }

    /// The call, once it is closed.
    var call: NativeCall {
        NativeCall(
            operation: operation,
            upstreamModel: model.upstreamName,
            body: body,
            streamsUpstream: streamsUpstream,
            resolvesOSS: resolvesOSS,
            uploads: uploads
        )
    }

    mutating func addToSystem(_ text: String) {
        if let before = systemAddition { systemAddition = before + "\n\n" + text } else { systemAddition = text }
    }

    // MARK: - Parameters

    mutating func parameter(_ name: StaticString, _ value: JSONValue) {
        parameterName(name)
        writeWithoutNulls(value)
    }

    mutating func parameter(_ name: StaticString, text: String) {
        parameterName(name)
        body.append(text: text)
    }

    mutating func parameterName(_ name: StaticString) {
        body.append(",\"", UnsafeRawBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount), "\":")
    }

    /// Writes a whole number; `1000.0` is written as 1000, reported.
    mutating func parameter(_ name: StaticString, integer value: JSONValue, param: String) {
        parameterName(name)
        guard !Self.isPlainInteger(value), let number = value.integer else { return body.writeJSON(value) }
        adjust(param, from: Self.short(value), to: "\(number)", "a whole number is written as one")
        body.writeJSON(number)
    }

    private static func isPlainInteger(_ value: JSONValue) -> Bool {
        value.text.allSatisfy { $0 &- 0x30 < 10 || $0 == UInt8(ascii: "-") }
    }

    /// Copies a value; members of an object that are null are left out, because null is absent.
    mutating func writeWithoutNulls(_ value: JSONValue) {
        guard value.kind == .object, value.members.contains(where: { $0.value.isNull }) else {
            return body.writeJSON(value)
        }
        body.append("{")
        var isFirst = true
        for member in value.members where !member.value.isNull { writeMember(member, &isFirst) }
        body.append("}")
    }

    /// Appends `"name":value` with the comma it needs.
    mutating func writeMember(_ member: JSONValue.Member, _ isFirst: inout Bool) {
        if !isFirst { body.append(",") }
        isFirst = false
        body.writeJSON(member.name)
        body.append(":")
        body.writeJSON(member.value)
    }

    /// Appends `,"name":value`.
    mutating func writeMember(_ name: StaticString, _ value: JSONValue) {
        parameterName(name)
        body.writeJSON(value)
    }

    // MARK: - Messages

    /// A message of the system with this text, which is not escaped yet.
    mutating func writeSystemMessage(_ text: String) {
        body.append("{\"role\":\"system\",\"content\":")
        if isMultimodal { body.append("[{\"text\":") }
        body.writeJSON(text)
        if isMultimodal { body.append("}]") }
        body.append("}")
    }

    /// The arguments of an earlier call, a string of JSON: DashScope refuses every further turn unless they are an object.
    ///
    /// `path` is the place of the arguments, `name` the same with `[*]`.
    mutating func writeArguments(_ arguments: JSONValue?, name: String, path: @autoclosure () -> String) {
        guard let arguments, !arguments.isNull, !arguments.isEmptyString else { return body.append("\"{}\"") }
        switch argumentCheck.find(arguments) {
        case .object: body.writeJSON(arguments)
        case .blank, .null:
            adjust(name, at: path(), from: "blank", to: "{}", "arguments must be a JSON object")
            body.append("\"{}\"")
        case .other:
            adjust(name, at: path(), from: "string", to: "object", "arguments must be a JSON object")
            body.writeJSON("{\"INVALID_JSON\":\(String(decoding: arguments.text, as: UTF8.self))}")
        }
    }

    /// Whether the arguments of an earlier call can go up as they are.
    mutating func takesArguments(_ arguments: JSONValue?) -> Bool {
        guard let arguments, !arguments.isEmptyString else { return false }
        return argumentCheck.find(arguments) == .object
    }
}
