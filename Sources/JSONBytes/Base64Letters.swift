import CTextScan

/// Text that should be base64, looked at and not decoded.
package enum Base64Letters {
    /// How many bytes from the front are letters of the standard alphabet, without the padding.
    package static func count(in text: UnsafeRawBufferPointer) -> Int {
        guard let start = text.baseAddress else { return 0 }
        return text_scan_base64(start.assumingMemoryBound(to: UInt8.self), text.count)
    }
}
