import APITranslation
import AdmissionControl
import Foundation
import HTTPServing
import JSONBytes
import NIOCore
import Upstream
import WireFormats

/// Something whose cost must be in proportion to its input.
struct Law {
    var name: String
    /// An input with `count` of something in it.
    var make: (_ count: Int) -> [ByteBuffer]
    /// What is done with it; the buffers are what one read after the other brings.
    var run: Run

    /// The same with more of it: a text that is divided from some length on must be divided in both inputs.
    func scaled(by factor: Int) -> Law {
        Law(name: name, make: { make(factor * $0) }, run: run)
    }
}

/// All laws.
///
/// A new translator needs a folder of documents in Tests/Corpora and a line here.
struct Laws {
    /// Tests/Corpora.
    var corpora: URL

    var all: [Law] {
        var all = Self.bytes
        for (name, document) in documents(of: "chat-request") {
            all += laws("request \(name)", document, run: .request)
        }
        for (name, document) in documents(of: "messages-request") {
            all += laws("messages \(name)", document, run: .messages)
        }
        for (name, document) in documents(of: "completions-request") {
            all += laws("completions \(name)", document, run: .completions)
        }
        for (name, document) in documents(of: "responses-request") {
            all += laws("responses \(name)", document, run: .responses)
        }
        for (name, document) in documents(of: "embeddings-request") {
            all += laws("embeddings \(name)", document, run: .embeddings)
        }
        for (name, document) in documents(of: "rerank-request") {
            all += laws("rerank \(name)", document, run: .rerank)
        }
        for (name, document) in documents(of: "images-request") {
            all += laws("images \(name)", document, run: .images)
            all += laws("image edits \(name)", document, run: .imageEdits)
        }
        for (name, document) in documents(of: "transcriptions-request") {
            all += laws("transcriptions \(name)", document, run: .transcriptions)
        }
        for (name, document) in documents(of: "transcripts") {
            all += laws("transcript \(name)", document, run: .transcripts)
        }
        for (name, document) in documents(of: "images-reply") {
            all += laws("images reply \(name)", document, run: .imagesReply)
        }
        for (name, document) in documents(of: "speech-request") {
            // Both of a pair are longer than what one call of any model takes.
            all += laws("speech \(name)", document, run: .speech)
                .map { $0.name.contains(": input,") ? $0.scaled(by: 100) : $0 }
        }
        for (name, document) in documents(of: "videos-request") {
            all += laws("videos \(name)", document, run: .videos)
        }
        for (name, document) in documents(of: "uploads-request") {
            all += laws("uploads \(name)", document, run: .uploads)
        }
        for (name, document) in documents(of: "videos-reply") {
            all += laws("videos reply \(name)", document, run: .videosReply)
        }
        for (name, document) in documents(of: "embeddings-reply") {
            all += laws("embeddings reply \(name)", document, run: .embeddingsReply)
        }
        for (name, document) in documents(of: "chat-reply") {
            all += laws("reply \(name)", document, run: .reply)
            all += laws("event \(name)", document, frame: { "data:\($0)\n\n" }, run: .event)
        }
        for (name, events) in streams(of: "chat-reply") { all += eventLaws(name, events) }
        return all
    }

    // MARK: - Documents

    private func files(of target: String) -> [(String, String)] {
        let folder = corpora.appending(path: target)
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return names.sorted().compactMap { name in
            (try? String(contentsOf: folder.appending(path: name), encoding: .utf8)).map { (name, $0) }
        }
    }

    private func documents(of target: String) -> [(String, Tree)] {
        files(of: target).compactMap { name, text in Tree.parse(text).map { (name, $0) } }
    }

    private func streams(of target: String) -> [(String, [Tree])] {
        files(of: target).compactMap { name, text in
            let events = text.split(separator: "\n").filter { $0.hasPrefix("data:") }
                .compactMap { Tree.parse(String($0.dropFirst(5))) }
            return events.isEmpty ? nil : (name, events)
        }
    }

    private func laws(
        _ prefix: String,
        _ document: Tree,
        frame: @escaping (String) -> String = { $0 },
        run: Run
    ) -> [Law] {
        Growth.all(of: document).map { name, make in
            Law(name: "\(prefix): \(name)", make: { [ByteBuffer(string: frame(make($0)))] }, run: run)
        }
    }

    /// Each place of each event made large, and each event repeated as it is and under other names.
    private func eventLaws(_ name: String, _ events: [Tree]) -> [Law] {
        let texts = events.map { "data:\($0.text)\n\n" }
        return events.indices.flatMap { index in
            let before = texts[..<index].joined()
            let after = texts[index...].joined()
            return laws(
                "stream \(name) \(index)",
                events[index],
                frame: { "\(before)data:\($0)\n\n\(texts[(index + 1)...].joined())" },
                run: .stream
            ) + [
                Law(
                    name: "stream \(name) \(index): the same event again",
                    make: { [ByteBuffer(string: before + String(repeating: texts[index], count: $0) + after)] },
                    run: .stream
                ),
                Law(
                    name: "stream \(name) \(index): the event with other names",
                    make: { count in
                        let more = (0..<count).map { "data:\(events[index].numbered($0).text)\n\n" }.joined()
                        return [ByteBuffer(string: before + more + after)]
                    },
                    run: .stream
                ),
                Law(
                    name: "stream \(name) \(index): the event in many lines",
                    make: { count in
                        let text = events[index].text
                        let lines = [text.prefix(1)] + (0..<count).map { _ in " " } + [text.dropFirst()]
                        return [ByteBuffer(string: before + lines.map { "data: \($0)\n" }.joined() + "\n")]
                    },
                    run: .stream
                ),
            ]
        }
    }

    // MARK: - Bytes

    /// Text whose every byte is a read of its own.
    private static func single(_ text: String) -> [ByteBuffer] { text.utf8.map { ByteBuffer(bytes: [$0]) } }

    private static var bytes: [Law] {
        let head = "GET / HTTP/1.1\r\nHost: a\r\n"
        let answer = "HTTP/1.1 200 OK\r\n"
        let chunked = "Transfer-Encoding: chunked\r\n\r\n"
        func fields(_ count: Int) -> String { (0..<count).map { "X-\($0): \($0)\r\n" }.joined() }
        func long(_ count: Int) -> String { String(repeating: "x", count: count) }
        func chunks(_ count: Int) -> String { String(repeating: "1\r\nx\r\n", count: count) + "0\r\n\r\n" }
        let texts: [(String, (Int) -> String, Run)] = [
            ("request: fields", { head + fields($0) + "\r\n" }, .httpRequest),
            ("request: a long field", { head + "X: \(long($0))\r\n\r\n" }, .httpRequest),
            ("request: a long target", { "GET /\(long($0)) HTTP/1.1\r\nHost: a\r\n\r\n" }, .httpRequest),
            ("request: chunks", { head + chunked + chunks($0) }, .httpRequest),
            ("request: trailers", { head + chunked + "0\r\n" + fields($0) + "\r\n" }, .httpRequest),
            ("request: many", { String(repeating: head + "\r\n", count: $0) }, .httpRequest),
            ("request: empty lines", { String(repeating: "\r\n", count: $0) + head + "\r\n" }, .httpRequest),
            ("answer: fields", { answer + fields($0) + "\r\n" }, .httpResponse),
            ("answer: a long field", { answer + "X: \(long($0))\r\n\r\n" }, .httpResponse),
            ("answer: chunks", { answer + chunked + chunks($0) }, .httpResponse),
            ("answer: trailers", { answer + chunked + "0\r\n" + fields($0) + "\r\n" }, .httpResponse),
            (
                "answer: interim answers",
                { String(repeating: "HTTP/1.1 103 Early\r\n\r\n", count: $0) + answer + "\r\n" }, .httpResponse
            ),
            ("events: lines", { String(repeating: "data:1\n\n", count: $0) }, .events),
            ("events: a long line", { "data:\(long($0))\n\n" }, .events),
            ("events: comments", { String(repeating: ":\n", count: $0) }, .events),
            ("json: a list", { "[" + String(repeating: "1,", count: $0) + "1]" }, .json),
            ("json: a long text", { "\"\(long($0))\"" }, .json),
            ("json: a long number", { String(repeating: "1", count: $0) }, .json),
            ("media: base64", { String(repeating: "UE5H", count: $0) }, .media),
            ("media: escapes", { String(repeating: "\\u002B\\/", count: $0) }, .media),
            ("media: padding", { String(repeating: "=", count: $0) }, .media),
            ("forwarded: addresses", { String(repeating: "10.0.0.1,", count: $0) }, .forwarded),
            ("forwarded: empty elements", { String(repeating: ",", count: $0) }, .forwarded),
            ("forwarded: elements", { String(repeating: "for=10.0.0.1;by=x,", count: $0) }, .forwarded),
            ("forwarded: a quote", { "for=\"" + String(repeating: "\\\"", count: $0) }, .forwarded),
            ("forwarded: parameters", { String(repeating: "a=b;", count: $0) + "for=10.0.0.1" }, .forwarded),
            ("forwarded: blanks", { String(repeating: " ", count: $0) + "10.0.0.1" }, .forwarded),
        ]
        return texts.flatMap { name, make, run in
            [
                Law(name: "bytes \(name)", make: { [ByteBuffer(string: make($0))] }, run: run),
                Law(name: "bytes \(name), byte by byte", make: { single(make($0)) }, run: run),
            ]
        }
    }
}
