import NIOCore

extension GatewayConfiguration {
    /// Every setting with the value in force, in the order of the documentation.
    package var effectiveSettings: [(key: String, value: String)] {
        func seconds(_ amount: TimeAmount) -> String {
            let value = Double(amount.nanoseconds) / 1_000_000_000
            return value == value.rounded() ? String(Int(value)) : String(value)
        }
        return [
            ("server.host", server.host),
            ("server.port", String(server.port)),
            ("server.workers", String(server.workers)),
            ("server.maximumBodyBytes", String(server.maximumBodyBytes)),
            ("server.maximumHeaderBytes", String(server.maximumHeaderBytes)),
            ("server.maximumOpenRequests", String(server.maximumOpenRequests)),
            ("server.headerTimeout", seconds(server.headerTimeout)),
            ("server.bodyTimeout", seconds(server.bodyTimeout)),
            ("server.keepAliveTimeout", seconds(server.keepAliveTimeout)),
            ("server.drainTimeout", seconds(server.drainTimeout)),
            ("upstream.baseURL", upstream.baseURL),
            ("upstream.certificateAuthority", upstream.certificateAuthority ?? ""),
            ("upstream.maximumConnections", String(upstream.maximumConnections)),
            ("upstream.connectTimeout", seconds(upstream.connectTimeout)),
            ("upstream.firstEventTimeout", seconds(upstream.firstEventTimeout)),
            ("upstream.idleTimeout", seconds(upstream.idleTimeout)),
            ("upstream.totalTimeout", seconds(upstream.totalTimeout)),
            ("upstream.maximumReplyBytes", String(upstream.maximumReplyBytes)),
            ("stream.keepAliveInterval", seconds(stream.keepAliveInterval)),
            ("translation.strict", String(translation.strict)),
            ("log.level", log.level),
            ("log.file", log.file ?? ""),
            ("log.requests", String(log.requests)),
            ("catalog.file", catalogFile ?? ""),
        ]
    }
}
