extension JSON {
    /// The document as UTF-8, without white space.
    var bytes: [UInt8] {
        var output: [UInt8] = []
        write(into: &output, spaced: false)
        return output
    }

    /// The document as text, without white space.
    var text: String { String(decoding: bytes, as: UTF8.self) }

    /// The document as text with a blank after colons and commas, as models write tool arguments.
    var spacedText: String {
        var output: [UInt8] = []
        write(into: &output, spaced: true)
        return String(decoding: output, as: UTF8.self)
    }

    private func write(into output: inout [UInt8], spaced: Bool) {
        switch self {
        case .null: output += Array("null".utf8)
        case .bool(let flag): output += Array((flag ? "true" : "false").utf8)
        case .int(let number): output += Array(String(number).utf8)
        case .number(let number): output += Array((number.isFinite ? "\(number)" : "null").utf8)
        case .string(let text): Self.write(text, into: &output)
        case .array(let items):
            output.append(UInt8(ascii: "["))
            for (index, item) in items.enumerated() {
                if index > 0 { Self.writeComma(into: &output, spaced: spaced) }
                item.write(into: &output, spaced: spaced)
            }
            output.append(UInt8(ascii: "]"))
        case .object(let members):
            output.append(UInt8(ascii: "{"))
            for (index, member) in members.enumerated() {
                if index > 0 { Self.writeComma(into: &output, spaced: spaced) }
                Self.write(member.name, into: &output)
                output.append(UInt8(ascii: ":"))
                if spaced { output.append(UInt8(ascii: " ")) }
                member.value.write(into: &output, spaced: spaced)
            }
            output.append(UInt8(ascii: "}"))
        }
    }

    private static func writeComma(into output: inout [UInt8], spaced: Bool) {
        output.append(UInt8(ascii: ","))
        if spaced { output.append(UInt8(ascii: " ")) }
    }

    private static func write(_ text: String, into output: inout [UInt8]) {
        let hexadecimal = Array("0123456789abcdef".utf8)
        output.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): output += [UInt8(ascii: "\\"), byte]
            case UInt8(ascii: "\n"): output += Array("\\n".utf8)
            case UInt8(ascii: "\r"): output += Array("\\r".utf8)
            case UInt8(ascii: "\t"): output += Array("\\t".utf8)
            case 0..<0x20:
                output += Array("\\u00".utf8) + [hexadecimal[Int(byte >> 4)], hexadecimal[Int(byte & 15)]]
            default: output.append(byte)
            }
        }
        output.append(UInt8(ascii: "\""))
    }
}
