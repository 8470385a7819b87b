/// The emulator's idea of a token: up to four Unicode scalars.
enum Tokens {
    static func count(_ text: String) -> Int { (text.unicodeScalars.count + 3) / 4 }

    static func split(_ text: String) -> [String] {
        var tokens: [String] = []
        var token = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            token.append(scalar)
            if token.count == 4 {
                tokens.append(String(token))
                token = String.UnicodeScalarView()
            }
        }
        if !token.isEmpty { tokens.append(String(token)) }
        return tokens
    }

    static func prefix(_ text: String, count: Int) -> String {
        var scalars = String.UnicodeScalarView()
        scalars.append(contentsOf: text.unicodeScalars.prefix(max(0, count) * 4))
        return String(scalars)
    }

    /// Cuts a text as a stream would, at any scalar, into at least two pieces where it can.
    static func pieces(of text: String, seed: UInt64) -> [String] {
        let scalars = Array(text.unicodeScalars)
        guard scalars.count > 1 else { return text.isEmpty ? [] : [text] }
        // Long answers come in longer pieces, so that a stream has at most some sixty events.
        let longest = min(scalars.count - 1, max(8, scalars.count / 32))
        var pieces: [String] = []
        var start = 0
        var state = seed
        while start < scalars.count {
            state = (state &+ 0x9e37_79b9_7f4a_7c15).scrambled
            let end = min(scalars.count, start + 1 + Int(state % UInt64(longest)))
            var view = String.UnicodeScalarView()
            view.append(contentsOf: scalars[start..<end])
            pieces.append(String(view))
            start = end
        }
        return pieces
    }
}
