/// Puts documents into server-sent events, byte for byte as recorded unless a fault says otherwise.
struct EventFraming {
    var lineEnd = "\n"
    var hasBlankLines = true
    /// Spreads every document over two `data` lines, cut where white space is allowed.
    var dividesData = false

    func frame(_ data: JSON, id: Int) -> [UInt8] {
        frame(
            text: data.text,
            divided: dividesData ? Self.division(of: data) : nil,
            id: id,
            event: "result",
            status: 200
        )
    }

    func frame(text: String, id: Int) -> [UInt8] {
        frame(text: text, divided: nil, id: id, event: "result", status: 200)
    }

    func frame(_ refusal: Refusal, requestID: String, id: Int) -> [UInt8] {
        let text = refusal.document(requestID: requestID).text
        return frame(text: text, divided: nil, id: id, event: "error", status: refusal.status)
    }

    private func frame(text: String, divided: [String]?, id: Int, event: String, status: Int) -> [UInt8] {
        let lines =
            ["id:\(id)", "event:\(event)", ":HTTP_STATUS/\(status)"] + (divided ?? [text]).map { "data:" + $0 }
        let end = hasBlankLines ? lineEnd + lineEnd : lineEnd
        return Array((lines.joined(separator: lineEnd) + end).utf8)
    }

    /// Cuts an object after the first member's comma.
    private static func division(of data: JSON) -> [String]? {
        guard let members = data.members, members.count > 1, let first = members.first else { return nil }
        let head = JSON.object([first]).text.dropLast() + ","
        return [String(head), String(JSON.object(Array(members.dropFirst())).text.dropFirst())]
    }
}
