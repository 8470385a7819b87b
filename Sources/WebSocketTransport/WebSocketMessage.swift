package import NIOCore

/// One message, put together of its frames.
package enum WebSocketMessage: Equatable, Sendable {
    /// UTF-8 that has been checked.
    case text(ByteBuffer)
    case binary(ByteBuffer)
}

/// A status with which a connection is closed; RFC 6455, 7.4.
package struct WebSocketCloseCode: RawRepresentable, Equatable, Sendable {
    package var rawValue: UInt16

    package init(rawValue: UInt16) { self.rawValue = rawValue }

    package static let normal = Self(rawValue: 1000)
    package static let goingAway = Self(rawValue: 1001)
    package static let protocolError = Self(rawValue: 1002)
    package static let unacceptableData = Self(rawValue: 1003)
    package static let invalidText = Self(rawValue: 1007)
    package static let tooLarge = Self(rawValue: 1009)

    /// Whether a peer may send it.
    var isAllowed: Bool {
        switch rawValue {
        case 1000...1003, 1007...1014, 3000...4999: true
        default: false
        }
    }
}

/// How a connection came to its end.
package struct WebSocketEnd: Equatable, Sendable {
    /// nil where the peer gave none.
    package var code: WebSocketCloseCode?
    package var reason: String
    /// Whether both sides have said that they close.
    package var isClean: Bool

    package init(code: WebSocketCloseCode?, reason: String = "", isClean: Bool) {
        self.code = code
        self.reason = reason
        self.isClean = isClean
    }
}
