import ByteWriting
import JSONBytes
import NIOCore

/// What edits have besides: a mask, what is to be done, and fields that came as texts of a form.
extension ImagesReader {
    private static let maskedEdit: StaticString = "description_edit_with_mask"

    private func own(_ name: StaticString) -> JSONValue? { fields.unknown.first { $0.name.equals(name) }?.value }

    /// Whether the caller names the mask as the model does.
    private func isMasked(as place: String) -> Bool { fields.unknown.contains { $0.name.string == place } }

    /// The address of the mask; nil where there is none.
    mutating func readMask() throws(APIError) -> ImageLink? {
        guard let mask = fields["mask"] else { return nil }
        if let place = traits?.mask, isMasked(as: place) {
            throw .invalidRequest(
                "Both 'mask' and '\(place)' are given, which are the same.",
                param: "mask",
                code: "mutually_exclusive_parameters"
            )
        }
        return try link(mask, at: "mask")
    }

    /// What a model with several functions is to do; nil where the caller says it, or the model has one only.
    func readFunction(isMasked: Bool) throws(APIError) -> StaticString? {
        guard let traits, let place = traits.mask, traits.inputs.contains("function") else { return nil }
        guard let function = own("function") else {
            return isMasked || self.isMasked(as: place) ? Self.maskedEdit : "description_edit"
        }
        let takesMask = function.equals(Self.maskedEdit)
        guard takesMask || !isMasked else {
            throw .invalidRequest(
                "Unsupported parameter: 'mask' is for the function `\(Self.maskedEdit)` only.",
                param: "mask",
                code: "unsupported_parameter"
            )
        }
        guard !takesMask || isMasked || self.isMasked(as: place) else { throw .missing("mask") }
        return nil
    }

    /// Writes the value of a field that only some models have: of a form's text what it says.
    func writeOwn(_ member: JSONValue.Member, into output: inout ByteBuffer) throws(APIError) {
        let value = member.value
        guard let field = ImageEditsFields.own.first(where: { member.name.equals($0.name) }) else {
            return output.writeJSON(value)
        }
        guard purpose == .edit, value.kind == .string else {
            guard field.kind.takes(value) else {
                throw .wrongType("\(field.name)", expected: field.kind.rawValue, got: value)
            }
            return output.writeJSON(value)
        }
        if field.kind == .array || field.kind == .object {
            guard let text = value.string, Self.isJSON(text, field.kind) else {
                throw .wrongType("\(field.name)", expected: field.kind.rawValue, got: value)
            }
            return output.append(text: text)
        }
        guard field.kind.takesForm(value) else {
            throw .wrongType("\(field.name)", expected: field.kind.rawValue, got: value)
        }
        output.writeForm(value, as: field.kind)
    }

    private static func isJSON(_ text: String, _ kind: ChatField.Expectation) -> Bool {
        let tape = JSONTape()
        return ByteBuffer(string: text).withUnsafeReadableBytes { bytes in
            (try? tape.parse(bytes)).map { kind.takes($0) } ?? false
        }
    }
}
