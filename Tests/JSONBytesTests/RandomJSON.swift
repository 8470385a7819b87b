/// Random JSON texts with every kind of value, escape, blank and number.
struct RandomJSON {
    var random: SeededRandom

    init(seed: UInt64) {
        random = SeededRandom(seed: seed)
    }

    mutating func text() -> [UInt8] {
        var output: [UInt8] = []
        blank(&output)
        value(&output, depth: 0)
        blank(&output)
        return output
    }

    private mutating func value(_ output: inout [UInt8], depth: Int) {
        switch random.below(depth > 5 ? 5 : 8) {
        case 0: output += random.pick(["true", "false", "null"]).utf8
        case 1, 2: number(&output)
        case 3, 4: string(&output)
        case 5: array(&output, depth: depth)
        default: object(&output, depth: depth)
        }
    }

    private mutating func blank(_ output: inout [UInt8]) {
        while random.chance(4) { output.append(random.pick([0x20, 0x0A, 0x0D, 0x09])) }
    }

    private mutating func number(_ output: inout [UInt8]) {
        if random.chance(3) { output.append(UInt8(ascii: "-")) }
        output += random.chance(4) ? Array("0".utf8) : Array(String(1 + random.below(1 << random.below(40) + 1)).utf8)
        if random.chance(3) {
            output.append(UInt8(ascii: "."))
            output += String(random.below(100_000)).utf8
        }
        if random.chance(4) {
            output += random.pick(["e", "E", "e+", "E+", "e-", "E-"]).utf8
            output += String(random.below(30)).utf8
        }
    }

    mutating func string(_ output: inout [UInt8]) {
        output.append(UInt8(ascii: "\""))
        for _ in 0..<random.below(random.chance(8) ? 60 : 12) {
            switch random.below(9) {
            case 0: output += random.pick(["\\\"", "\\\\", "\\/", "\\b", "\\f", "\\n", "\\r", "\\t"]).utf8
            case 1:
                output += random.pick(["\\u0041", "\\u00e9", "\\u4F60", "\\uD83D\\uDE00", "\\u0000", "\\uffff"]).utf8
            case 2: output += random.pick(["é", "你好", "😀", "\u{7F}", "\u{80}", "\u{FFFD}", "\u{10FFFD}"]).utf8
            default: output.append(UInt8(random.pick(Array("abcdefghij klmno0123:,{}[]'/".utf8))))
            }
        }
        output.append(UInt8(ascii: "\""))
    }

    private mutating func array(_ output: inout [UInt8], depth: Int) {
        output.append(UInt8(ascii: "["))
        blank(&output)
        let count = random.below(5)
        for index in 0..<count {
            value(&output, depth: depth + 1)
            blank(&output)
            if index < count - 1 {
                output.append(UInt8(ascii: ","))
                blank(&output)
            }
        }
        output.append(UInt8(ascii: "]"))
    }

    private mutating func object(_ output: inout [UInt8], depth: Int) {
        output.append(UInt8(ascii: "{"))
        blank(&output)
        let count = random.below(5)
        for index in 0..<count {
            if random.chance(2) {
                output += "\"\(random.pick(["a", "b", "model", "id"]))\"".utf8
            } else {
                string(&output)
            }
            blank(&output)
            output.append(UInt8(ascii: ":"))
            blank(&output)
            value(&output, depth: depth + 1)
            blank(&output)
            if index < count - 1 {
                output.append(UInt8(ascii: ","))
                blank(&output)
            }
        }
        output.append(UInt8(ascii: "}"))
    }

    /// Changes a text a little: bytes replaced, removed, doubled, cut, or moved.
    mutating func mutate(_ text: [UInt8]) -> [UInt8] {
        var bytes = text
        for _ in 0...random.below(3) {
            guard !bytes.isEmpty else { return bytes }
            let position = random.below(bytes.count)
            switch random.below(7) {
            case 0: bytes[position] = UInt8(random.below(255) + 1)
            case 1: bytes.remove(at: position)
            case 2: bytes.insert(random.pick(Array("{}[]\",:\\u0123456789-+.eEtfn \n".utf8)), at: position)
            case 3: bytes.removeLast(bytes.count - position)
            case 4: bytes.insert(contentsOf: bytes[position..<min(position + 4, bytes.count)], at: position)
            case 5: bytes[position] = random.pick(Array("{}[]\",:\\u0123456789-+.eEtfn \n".utf8))
            default: bytes.insert(UInt8(0x80 + random.below(0x80)), at: position)
            }
        }
        return bytes
    }
}
