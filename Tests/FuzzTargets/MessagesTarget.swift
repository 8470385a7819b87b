import APITranslation
import JSONBytes
import NIOCore

/// The native call of a Messages request is JSON, its refusal begins with a place, whatever was read.
enum MessagesTarget {
    private static let translator = MessagesRequestTranslator(catalog: ModelCatalog())

    static func request(_ bytes: ByteBuffer) -> String? {
        let tape = JSONTape()
        _ = try? translator.estimateTokens(bytes, tape: tape)
        let call: ChatCall
        do throws(APIError) {
            call = try translator.translate(bytes, tape: tape, strict: false, created: 1)
        } catch {
            guard 400..<500 ~= error.status else { return "a refusal with \(error.status)" }
            return error.param == nil || error.message.contains(": ") ? nil : "a refusal without a place"
        }
        guard call.body.withUnsafeReadableBytes({ (try? tape.parse($0)) != nil }) else {
            return "the native call is no JSON"
        }
        let header = call.adjustments.headerValue
        guard header.utf8.count <= AdjustmentList.longestText, header.utf8.allSatisfy({ 0x20..<0x7F ~= $0 }) else {
            return "adjustments that no header may carry"
        }
        let isTakenStrictly: Bool
        do throws(APIError) {
            _ = try translator.translate(bytes, tape: tape, strict: true, created: 1)
            isTakenStrictly = true
        } catch {
            isTakenStrictly = false
        }
        return isTakenStrictly == call.adjustments.isEmpty ? nil : "strict mode and adjustments disagree"
    }
}
