import AdmissionControl
import Upstream

extension GatewayConfiguration {
    /// The problems that concern more than one value: addresses that cannot be read, settings that need each other.
    func contradictions() -> [ConfigurationProblem] {
        var problems: [ConfigurationProblem] = []
        func check(_ body: () throws(ConfigurationProblem) -> Void) {
            do { try body() } catch { problems.append(error) }
        }
        check { () throws(ConfigurationProblem) in _ = try UpstreamBaseURL(upstream.baseURL) }
        if let base = try? UpstreamBaseURL(upstream.baseURL) {
            do {
                _ = try upstream.proxies.proxy(host: base.host, port: base.port, isSecure: base.isSecure)
            } catch {
                let key = base.isSecure ? "upstream.httpsProxy" : "upstream.httpProxy"
                problems.append(ConfigurationProblem(key: key, reason: "\(error)"))
            }
        }
        var needsTLS = false
        for text in server.listen {
            check { () throws(ConfigurationProblem) in
                if try ListenAddress(text, key: "server.listen").isSecure { needsTLS = true }
            }
        }
        if let listen = admin.listen {
            check { () throws(ConfigurationProblem) in
                if try ListenAddress(listen, key: "admin.listen").isSecure { needsTLS = true }
            }
        }
        switch (tls.certificate, tls.key) {
        case (.some, nil):
            problems.append(ConfigurationProblem(key: "tls.key", reason: "is missing beside tls.certificate"))
        case (nil, .some):
            problems.append(ConfigurationProblem(key: "tls.certificate", reason: "is missing beside tls.key"))
        case (nil, nil) where needsTLS:
            problems.append(
                ConfigurationProblem(key: "tls.certificate", reason: "is missing for the https:// listener")
            )
        default: break
        }
        for (key, list) in [
            ("access.allow", access.allow), ("access.deny", access.deny),
            ("server.trustedProxies", server.trustedProxies.filter { $0 != "unix" }),
        ] {
            for text in list {
                do { _ = try AddressRange(text) } catch {
                    problems.append(ConfigurationProblem(key: key, reason: "\(error)"))
                }
            }
        }
        for origin in cors.origins where origin != "*" && !origin.contains("://") {
            problems.append(
                ConfigurationProblem(
                    key: "cors.origins",
                    reason: "\"\(origin)\" is no origin such as https://app.example.com"
                )
            )
        }
        for (key, limit) in [
            ("limits.caller", limits.caller), ("limits.address", limits.address), ("limits.overall", limits.overall),
        ] where limit.burst != nil && limit.requestsPerMinute == nil {
            problems.append(ConfigurationProblem(key: "\(key).burst", reason: "says nothing without requestsPerMinute"))
        }
        if server.maximumBodyMemory > 0, server.maximumBodyMemory < 1 << 20 {
            problems.append(ConfigurationProblem(key: "server.maximumBodyMemory", reason: "is below 1048576 bytes"))
        }
        if let secret = callers.hashKey, secret.utf8.count < 16 {
            problems.append(ConfigurationProblem(key: "callers.hashKey", reason: "is shorter than 16 characters"))
        }
        if let key = upstream.key, !key.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) {
            problems.append(ConfigurationProblem(key: "upstream.key", reason: "holds characters no key has"))
        }
        return problems
    }
}
