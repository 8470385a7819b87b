import Gateway
import Telemetry

/// The text at the start in a terminal: the listeners, the use of keys, and requests to paste.
struct Banner {
    var listeners: [String]
    var configuration: GatewayConfiguration
    var isDemo: Bool
    var isColored: Bool

    init(listeners: [String], configuration: GatewayConfiguration, isDemo: Bool, isColored: Bool = false) {
        self.listeners = listeners
        self.configuration = configuration
        self.isDemo = isDemo
        self.isColored = isColored
    }

    /// The whole text, an empty line at its end.
    var text: String {
        var text = "\n\(bold("DashScope Gateway \(GatewayVersion.current)"))"
        text += isDemo ? ", a demo: answers come from an embedded emulator\n\n" : "\n\n"
        for (name, value) in facts {
            text += "  \(dim(name.padded(to: 11)))\(value)\n"
        }
        if let place = reachable { text += "\n\(bold("Try it:"))\n\n" + snippets(place) }
        return text + "\n\(dim("Stop with Ctrl-C."))\n\n"
    }

    private var facts: [(String, String)] {
        var facts = [("listening", listeners.joined(separator: ", "))]
        if !isDemo { facts.append(("upstream", configuration.upstream.baseURL)) }
        facts.append(("keys", keys))
        facts.append(("limits", limits))
        if let place = reachable, place.socket == nil {
            facts.append(("API", "\(place.url)/v1"))
            facts.append(("docs", "\(place.url)/docs   (with a playground)"))
        }
        return facts
    }

    private var keys: String {
        if isDemo { return "any word" }
        let hasKey = configuration.upstream.key != nil || configuration.upstream.keyFile != nil
        if configuration.callers.mayOmitKey { return "callers bring their own, or come without and use the server's" }
        return hasKey
            ? "callers bring their own; the server's is set but unused (CALLERS_MAY_OMIT_KEY=true uses it)"
            : "callers bring their own"
    }

    private var limits: String {
        let set = configuration.changedSettings.filter { setting in
            ["limits.caller.", "limits.address.", "limits.overall."].contains { setting.key.hasPrefix($0) }
        }
        return set.isEmpty ? "none" : set.map { "\($0.key)=\($0.value)" }.joined(separator: ", ")
    }

    // MARK: - Requests to paste

    /// Where a person on this machine reaches the gateway.
    private struct Place {
        var url: String
        var socket: String?
        var isSecure: Bool { url.hasPrefix("https") }
    }

    private var reachable: Place? {
        for listener in listeners {
            if listener.hasPrefix("unix:") {
                return Place(url: "http://localhost", socket: String(listener.dropFirst(5)))
            }
            guard listener.hasPrefix("http"), let colon = listener.lastIndex(of: ":") else { continue }
            let (address, port) = (String(listener[..<colon]), String(listener[colon...]))
            let scheme = String(address.prefix { $0 != "/" }) + "//"
            let host = String(address.dropFirst(scheme.count))
            let isEverywhere = ["0.0.0.0", "[::]", "127.0.0.1", "[::1]"].contains(host)
            return Place(url: scheme + (isEverywhere ? "localhost" : host) + port)
        }
        return nil
    }

    private func snippets(_ place: Place) -> String {
        let key = isDemo ? "sk-demo" : "$DASHSCOPE_API_KEY"
        // The certificate is for the name that callers use, which is not known here.
        let options = (place.socket.map { " --unix-socket \($0)" } ?? "") + (place.isSecure ? " --insecure" : "")
        var text = """
              curl\(options) \(place.url)/v1/chat/completions \\
                -H "Authorization: Bearer \(key)" -H "Content-Type: application/json" \\
                -d '{"model": "qwen-plus", "messages": [{"role": "user", "content": "Hello"}]}'

            """
        if !place.isSecure, place.socket == nil {
            let (imports, pythonKey) =
                isDemo ? ("", "\"sk-demo\"") : ("import os\n", "os.environ[\"DASHSCOPE_API_KEY\"]")
            text += """

                  python3 - <<'EOF'        # pip install openai
                  \(imports)from openai import OpenAI
                  client = OpenAI(base_url="\(place.url)/v1", api_key=\(pythonKey))
                  for chunk in client.chat.completions.create(
                          model="qwen-plus", messages=[{"role": "user", "content": "Hello"}], stream=True):
                      print(chunk.choices[0].delta.content or "", end="", flush=True)
                  print()
                  EOF

                """
        }
        // A here-document ends at the start of a line, and Python counts blanks: nothing is indented.
        return text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            line.hasPrefix("  ") ? line.dropFirst(2) : line
        }.joined(separator: "\n")
    }

    private func bold(_ text: String) -> String { TerminalColor.bold.paint(text, if: isColored) }
    private func dim(_ text: String) -> String { TerminalColor.dim.paint(text, if: isColored) }
}

extension String {
    fileprivate func padded(to width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - count))
    }
}
