import NIOCore
import NIOHTTP1

/// The page at `/docs`; loads nothing from outside.
enum DocumentationPage {
    static let html = ByteBuffer(
        string: #"""
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>DashScope Gateway</title>
            <style>
            body{font:16px/1.55 system-ui,sans-serif;max-width:52rem;margin:2rem auto;padding:0 1rem;color:#1d2330}
            code,pre{font:14px/1.5 ui-monospace,monospace;background:#f3f4f7;border-radius:4px}
            code{padding:.1em .3em}pre{padding:.8rem;overflow:auto}
            table{border-collapse:collapse;width:100%}td,th{border-bottom:1px solid #dde1ea;padding:.4rem;text-align:left;vertical-align:top}
            h1{font-size:1.6rem}h2{font-size:1.2rem;margin-top:2rem}
            @media(prefers-color-scheme:dark){body{background:#14171d;color:#e3e6ec}code,pre{background:#232833}td,th{border-color:#333a47}}
            </style>
            </head>
            <body>
            <h1>DashScope Gateway</h1>
            <p>OpenAI-compatible access to the native APIs of Alibaba Cloud DashScope. Point any OpenAI client at
            <code>http://HOST:PORT/v1</code> and use your DashScope key.</p>
            <h2>Endpoints</h2>
            <table>
            <tr><th>Path</th><th>What it does</th></tr>
            \#(rows)
            </table>
            <h2>First request</h2>
            <pre>curl http://localhost:8000/v1/chat/completions \
              -H "Authorization: Bearer $DASHSCOPE_API_KEY" \
              -H "Content-Type: application/json" \
              -d '{"model": "qwen-plus", "messages": [{"role": "user", "content": "Hello"}]}'</pre>
            <pre>from openai import OpenAI
            client = OpenAI(base_url="http://localhost:8000/v1", api_key="YOUR_DASHSCOPE_KEY")
            stream = client.chat.completions.create(
                model="qwen-plus", messages=[{"role": "user", "content": "Hello"}], stream=True)
            for chunk in stream:
                print(chunk.choices[0].delta.content or "", end="")</pre>
            <h2>DashScope's own parameters</h2>
            <p>Send them beside the OpenAI ones: <code>enable_thinking</code>, <code>thinking_budget</code>,
            <code>enable_search</code>, <code>search_options</code>, <code>top_k</code>, <code>repetition_penalty</code>,
            <code>vl_high_resolution_images</code>, <code>translation_options</code>, <code>asr_options</code> and others. A field
            nobody knows is passed on.</p>
            <h2>Reported repairs</h2>
            <p>Where a request has to be changed for the model, the answer says so in <code>x-gateway-adjustments:
            name;from=…;to=…;reason=…</code>. Send <code>x-gateway-strict: true</code> to be refused instead.</p>
            <h2>Errors</h2>
            <p>Errors have OpenAI's shape, the status that fits, and DashScope's own code as
            <code>error.upstream_code</code>; <code>x-request-id</code> is DashScope's request id where there is one. After a
            stream has begun an error is one <code>data: {"error": …}</code> event, without <code>[DONE]</code>.</p>
            </body>
            </html>

            """#
    )

    private static let rows = RouteTable.routes.filter { $0.audience != .operators }.flatMap { route in
        route.endpoints.map { endpoint in
            "<tr><td><code>\(endpoint.method.rawValue) \(route.pattern)</code></td><td>\(endpoint.summary)</td></tr>"
        }
    }.joined(separator: "\n")
}
