import ByteWriting
import JSONBytes
import NIOCore

/// A tool as the client knows it.
package struct ResponsesToolName: Equatable, Sendable {
    package var namespace: String?
    package var name: String
}

/// Names of tools as the model can take them; members of a namespace carry its name in front of their own.
struct ResponsesToolNames {
    /// From the name sent upstream to the client's, for those that had to be changed.
    private(set) var changed: [String: ResponsesToolName] = [:]
    /// Names of tools outside namespaces, where there are namespaces.
    var plain: Set<String> = []

    /// Appends the name to send, as the inside of a JSON string; the same for a tool and for each call of it.
    mutating func append(_ name: JSONValue, in namespace: JSONValue?, to body: inout ByteBuffer) {
        guard namespace != nil || !ToolNames.isUnchanged(name) else {
            return body.append(bytes: name.escapedContent ?? .init(start: nil, count: 0))
        }
        body.append(text: sent(name, in: namespace))
    }

    /// The name to send.
    mutating func sent(_ name: JSONValue, in namespace: JSONValue?) -> String {
        let own = name.string ?? ""
        guard let namespace else {
            guard !ToolNames.isUnchanged(name) else { return own }
            let sent = ToolNames.substitute(for: own)
            changed[sent] = ResponsesToolName(name: own)
            return sent
        }
        let space = namespace.string ?? ""
        let joined = space + "__" + own
        let sent = ToolNames.isTaken(joined) && !plain.contains(joined) ? joined : ToolNames.substitute(for: joined)
        changed[sent] = ResponsesToolName(namespace: space, name: own)
        return sent
    }
}
