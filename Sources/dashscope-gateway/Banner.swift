import NIOCore
import Telemetry

/// What the demo prints, so that the first request is a copy and a paste.
enum Banner {
    static func write(port: Int, to console: LogWriter) {
        let text = """

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
        console.write(ByteBuffer(string: text))
    }
}
