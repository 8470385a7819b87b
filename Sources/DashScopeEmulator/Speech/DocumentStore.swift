import HTTPServing
import NIOHTTP1
import Synchronization

/// Documents behind links of results, such as transcripts; the oldest are forgotten.
final class DocumentStore: Sendable {
    private struct State {
        var documents: [String: [UInt8]] = [:]
        var order: [String] = []
    }

    private static let most = 1_000
    private let state = Mutex(State())

    /// Keeps a document; the name of its file.
    func add(_ document: JSON) -> String {
        let name = RequestID.make()
        state.withLock { state in
            state.documents[name] = document.bytes
            state.order.append(name)
            if state.order.count > Self.most { state.documents[state.order.removeFirst()] = nil }
        }
        return name
    }

    /// What a link is answered with; the signature in the link is all that is needed, and no key may come with it.
    func reply(to request: HTTPRequest) -> EmulatorReply {
        func refused(_ status: Int, _ code: String) -> EmulatorReply {
            let text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Error><Code>\(code)</Code></Error>"
            return EmulatorReply(status: status, headers: [("content-type", "application/xml")], body: Array(text.utf8))
        }
        guard request.headers.first(name: "Authorization") == nil else { return refused(400, "InvalidArgument") }
        guard request.target.contains("Expires=") else { return refused(403, "AccessDenied") }
        guard request.method == "GET" else { return refused(405, "MethodNotAllowed") }
        let name = String(request.path.dropFirst(PictureFile.folder.count).dropLast(5))
        guard let document = state.withLock({ $0.documents[name] }) else { return refused(404, "NoSuchKey") }
        return EmulatorReply(status: 200, headers: [("content-type", "application/json")], body: document)
    }
}
