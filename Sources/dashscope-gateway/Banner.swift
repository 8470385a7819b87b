import Gateway
import Telemetry

/// What a person at a terminal sees first; with the demo, the first request is a copy and a paste.
enum Banner {
    static func write(
        _ service: GatewayService,
        _ configuration: GatewayConfiguration,
        isDemo: Bool,
        to console: LogWriter
    ) {
        if isDemo { return console.write(demo(port: service.port)) }
        guard console.format == .text else { return }
        let limits = configuration.effectiveSettings.filter { $0.key.hasPrefix("limits.") && !$0.value.isEmpty }
            .filter {
                $0.key.hasPrefix("limits.caller") || $0.key.hasPrefix("limits.address")
                    || $0.key.hasPrefix("limits.overall")
            }
        let text = """

            DashScope Gateway \(GatewayVersion.current)
              listening on  \(service.listeners.joined(separator: ", "))
              upstream      \(configuration.upstream.baseURL)
              limits        \(limits.isEmpty ? "none" : limits.map { "\($0.key)=\($0.value)" }.joined(separator: " "))


            """
        console.write(text)
    }

    private static func demo(port: Int) -> String {
        """

        DashScope Gateway is ready at http://localhost:\(port) (demo: answers come from an embedded emulator).

        Try it:

          curl http://localhost:\(port)/v1/chat/completions \\
            -H "Authorization: Bearer sk-demo" -H "Content-Type: application/json" \\
            -d '{"model": "qwen-plus", "messages": [{"role": "user", "content": "Hello"}]}'

          python3 - <<'EOF'        # pip install openai
          from openai import OpenAI
          client = OpenAI(base_url="http://localhost:\(port)/v1", api_key="sk-demo")
          for chunk in client.chat.completions.create(
                  model="qwen-plus", messages=[{"role": "user", "content": "Hello"}], stream=True):
              print(chunk.choices[0].delta.content or "", end="", flush=True)
          print()
          EOF

        The API in your browser: http://localhost:\(port)/docs       Stop with Ctrl-C.


        """
    }
}
