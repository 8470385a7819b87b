import ByteWriting
import Logging
import NIOCore

extension AccessRecord {
    /// The columns that a line of a terminal has at most.
    static let terminalColumns = 120

    /// Appends the record as one short line: time of day, status, what was asked, how long it took, tokens.
    ///
    /// Ids are for what went wrong only.
    func writeTerminal(time: String, isColored: Bool, into line: inout ByteWriter) {
        let tail = isFailure ? failureText : usageText
        let status = String(self.status)
        // Two blanks before the status and behind it, two before the tail.
        let room = Self.terminalColumns - time.count - status.count - 4 - Self.columns(of: tail)
        let head = Self.clip(requestText, to: max(room, 20))
        line.append(text: TerminalColor.dim.paint(time, if: isColored))
        line.append(" ")
        line.append(text: color.paint(status, if: isColored))
        line.append(" ")
        let text = tail.isEmpty ? head : head + "  " + tail
        line.append(text: Self.clip(text, to: Self.terminalColumns - time.count - status.count - 2))
        line.append("\n")
    }

    private var isFailure: Bool { status >= 400 || errorCode != nil }

    private var color: TerminalColor {
        if level == .warning { return .red }
        return status >= 400 ? .yellow : .green
    }

    private var requestText: String {
        var words = [Self.word(method), Self.word(path ?? route)]
        if let model { words.append(Self.clip(Self.word(model), to: 40)) }
        words.append(Self.seconds(duration))
        return words.joined(separator: " ")
    }

    private var usageText: String {
        var words: [String] = []
        if let timeToFirstToken { words.append("first token \(Self.seconds(timeToFirstToken))") }
        if let inputTokens, let outputTokens { words.append("tokens \(inputTokens) + \(outputTokens)") }
        if attempts > 1 { words.append("\(attempts) attempts") }
        if !adjustments.isEmpty { words.append("\(adjustments.count) adjusted") }
        return words.joined(separator: ", ")
    }

    private var failureText: String {
        var words = [Self.clip(Self.word(errorCode ?? "client left"), to: 30)]
        if attempts > 1 { words.append("\(attempts) attempts") }
        words.append(Self.clip(Self.word(upstreamRequestID ?? requestID), to: 40))
        return words.joined(separator: " ")
    }

    private static func seconds(_ amount: TimeAmount) -> String {
        let hundredths = (amount.nanoseconds + 5_000_000) / 10_000_000
        let fraction = hundredths % 100
        return "\(hundredths / 100).\(fraction < 10 ? "0" : "")\(fraction) s"
    }

    /// A word from outside, without control characters for a terminal.
    private static func word(_ text: String) -> String {
        ByteWriter.withBytes(capacity: 256) {
            $0.writeLogWord(text)
        } use: {
            String(decoding: $0, as: UTF8.self)
        }
    }

    /// A text that does not fit ends with `…`.
    private static func clip(_ text: String, to limit: Int) -> String {
        guard columns(of: text) > limit else { return text }
        var (kept, count) = ("", 1)
        for character in text {
            count += columns(of: String(character))
            guard count <= limit else { break }
            kept.append(character)
        }
        return kept + "…"
    }

    /// Characters outside of ASCII may be two columns wide.
    private static func columns(of text: String) -> Int {
        text.reduce(0) { $0 + ($1.isASCII || $1 == "…" ? 1 : 2) }
    }
}
