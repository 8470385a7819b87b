/// The colours of a terminal's lines.
package enum TerminalColor: String, Sendable {
    case red = "31"
    case green = "32"
    case yellow = "33"
    case dim = "2"
    case bold = "1"

    /// The text in this colour, or as it is where there are to be none.
    package func paint(_ text: String, if isColored: Bool = true) -> String {
        isColored ? "\u{1B}[\(rawValue)m\(text)\u{1B}[0m" : text
    }
}
