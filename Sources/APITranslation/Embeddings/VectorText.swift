import ByteWriting
import NIOCore

/// Reads the numbers of a JSON array as 32-bit floats, each exactly rounded.
enum VectorText {
    /// Appends the numbers of `text`, an array with its brackets, to `numbers`; false where it is no array of numbers.
    static func read(_ text: UnsafeRawBufferPointer, into numbers: inout [Float]) -> Bool {
        guard text.count >= 2, text.first == UInt8(ascii: "["), text.last == UInt8(ascii: "]") else { return false }
        // Every loop ends at the closing bracket.
        return text.withMemoryRebound(to: UInt8.self) { bytes in
            guard let base = bytes.baseAddress else { return false }
            var scanner = Scanner(position: base + 1, end: base + bytes.count - 1)
            return scanner.read(into: &numbers)
        }
    }

    private struct Scanner {
        var position: UnsafePointer<UInt8>
        /// The closing bracket.
        let end: UnsafePointer<UInt8>

        mutating func read(into numbers: inout [Float]) -> Bool {
            while true {
                skipBlanks()
                guard let number = number() else { return false }
                numbers.append(number)
                skipBlanks()
                if position == end { return true }
                guard position.pointee == UInt8(ascii: ",") else { return false }
                position += 1
            }
        }

        @inline(__always)
        private mutating func skipBlanks() {
            while position < end {
                switch position.pointee {
                case 0x20, 0x09, 0x0A, 0x0D: position += 1
                default: return
                }
            }
        }

        /// Adds digits to a number, eight at once where there are so many.
        @inline(__always)
        private mutating func digits(_ value: inout UInt64) -> Int {
            let start = position
            while end - position >= 8 {
                let word = UInt64(
                    littleEndian: UnsafeRawPointer(position).loadUnaligned(as: UInt64.self)
                )
                let isDigits =
                    (word & 0xF0F0_F0F0_F0F0_F0F0)
                    | (((word &+ 0x0606_0606_0606_0606) & 0xF0F0_F0F0_F0F0_F0F0) &>> 4)
                guard isDigits == 0x3333_3333_3333_3333 else { break }
                var sum = ((word & 0x0F0F_0F0F_0F0F_0F0F) &* 2561) &>> 8
                sum = ((sum & 0x00FF_00FF_00FF_00FF) &* 6_553_601) &>> 16
                sum = ((sum & 0x0000_FFFF_0000_FFFF) &* 42_949_672_960_001) &>> 32
                value = value &* 100_000_000 &+ sum
                position += 8
            }
            while case let digit = position.pointee &- 0x30, digit < 10 {
                value = value &* 10 &+ UInt64(digit)
                position += 1
            }
            return position - start
        }

        private mutating func number() -> Float? {
            let start = position
            let isNegative = position.pointee == UInt8(ascii: "-")
            if isNegative { position += 1 }
            var mantissa: UInt64 = 0
            var exponent = 0
            let first = position.pointee
            let whole = digits(&mantissa)
            guard whole > 0, whole == 1 || first != UInt8(ascii: "0") else { return nil }
            var significant = first == UInt8(ascii: "0") ? 0 : whole
            if position.pointee == UInt8(ascii: ".") {
                position += 1
                let point = position
                if significant == 0 { while position.pointee == UInt8(ascii: "0") { position += 1 } }
                significant += digits(&mantissa)
                guard position > point else { return nil }
                exponent = point - position
            }
            if position.pointee | 0x20 == UInt8(ascii: "e") {
                guard let power = power() else { return nil }
                exponent += power
            }
            // So many digits fit into the mantissa whatever they are.
            if significant <= 19, let number = Self.quickly(mantissa, exponent) { return isNegative ? -number : number }
            return Float(String(decoding: UnsafeBufferPointer(start: start, count: position - start), as: UTF8.self))
        }

        private mutating func power() -> Int? {
            position += 1
            let isNegative = position.pointee == UInt8(ascii: "-")
            if isNegative || position.pointee == UInt8(ascii: "+") { position += 1 }
            var value: UInt64 = 0
            let count = digits(&value)
            guard count > 0 else { return nil }
            let power = count > 6 ? 1_000_000 : Int(value)
            return isNegative ? -power : power
        }

        private static let powers: [Double] = [
            1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
            1e20, 1e21, 1e22,
        ]

        /// The number by way of a double; nil where that way could round it to the wrong float.
        ///
        /// The mantissa and the division are rounded once each, so the double is off by less than two units of its last
        /// place. That matters only as near as this to the middle between two floats.
        @inline(__always)
        private static func quickly(_ mantissa: UInt64, _ exponent: Int) -> Float? {
            guard exponent >= -22, exponent <= 22 else { return nil }
            let double =
                exponent < 0 ? Double(mantissa) / powers[-exponent] : Double(mantissa) * powers[exponent]
            let distance = Int64(bitPattern: double.bitPattern & 0x1FFF_FFFF) - 0x1000_0000
            if distance.magnitude <= 2 { return nil }
            // Smaller than a normal float.
            guard double == 0 || double >= Double(Float.leastNormalMagnitude) else { return nil }
            return Float(double)
        }
    }
}

extension ByteBuffer {
    /// Appends numbers as base64 of their little-endian bytes, without quotes.
    mutating func writeBase64(_ numbers: [Float]) {
        numbers.withUnsafeBufferPointer { numbers in
            // Memory has the order that is asked for on every platform the gateway runs on.
            writeBase64(UnsafeRawBufferPointer(numbers))
        }
    }
}
