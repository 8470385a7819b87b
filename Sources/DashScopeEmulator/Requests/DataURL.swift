#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A `data:` URL with base64 content that could be decoded.
struct DataURL {
    var type: String
    var byteCount: Int

    init?(_ text: String) {
        guard text.hasPrefix("data:"), let comma = text.firstIndex(of: ",") else { return nil }
        let head = text[..<comma].dropFirst(5)
        guard head.hasSuffix(";base64"), let data = Data(base64Encoded: String(text[text.index(after: comma)...]))
        else {
            return nil
        }
        type = String(head.dropLast(7))
        byteCount = data.count
    }
}
