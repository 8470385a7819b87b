import JSONBytes
import NIOCore
import NIOHTTP1

/// The OpenAPI description at `/openapi.json`, made from the table of endpoints.
enum OpenAPIDescription {
    /// The document; written once.
    static let json: ByteBuffer = {
        var document = ByteBuffer()
        document.writeString(beginning)
        for (index, route) in RouteTable.routes.enumerated() {
            document.writeString(index == 0 ? "\n" : ",\n")
            document.writeJSON(route.pattern)
            document.writeString(":{")
            for (place, endpoint) in route.endpoints.enumerated() {
                if place > 0 { document.writeString(",") }
                document.writeJSON(endpoint.method.rawValue.lowercased())
                document.writeString(":{\"summary\":")
                document.writeJSON(endpoint.summary)
                // The operation is an object of its own: its members go on here.
                document.writeString(",")
                document.writeSubstring(endpoint.operation.dropFirst())
            }
            document.writeString("}")
        }
        document.writeString("}}\n")
        return document
    }()

    private static let beginning = #"""
        {"openapi":"3.1.0","info":{"title":"DashScope Gateway","version":"\#(GatewayVersion.current)",
        "description":"OpenAI-compatible access to the native APIs of Alibaba Cloud DashScope."},
        "servers":[{"url":"/"}],
        "components":{"securitySchemes":{"key":{"type":"http","scheme":"bearer","description":"A DashScope API key."}},
        "schemas":{
        "Error":{"type":"object","required":["error"],"properties":{"error":{"type":"object","required":["message","type","param","code"],"properties":{"message":{"type":"string"},"type":{"type":"string"},"param":{"type":["string","null"]},"code":{"type":["string","null"]},"upstream_code":{"type":"string"},"request_id":{"type":"string"}}}}},
        "Model":{"type":"object","required":["id","object","created","owned_by"],"properties":{"id":{"type":"string"},"object":{"const":"model"},"created":{"type":"integer"},"owned_by":{"type":"string"}}},
        "ChatRequest":{"type":"object","required":["model","messages"],"additionalProperties":true,"properties":{"model":{"type":"string","minLength":1},"messages":{"type":"array","minItems":1,"items":{"type":"object","required":["role"],"properties":{"role":{"enum":["system","developer","user","assistant","tool","function"]}}}},"stream":{"type":["boolean","null"]},"temperature":{"type":["number","null"],"minimum":0,"maximum":2},"top_p":{"type":["number","null"],"minimum":0,"maximum":1},"max_tokens":{"type":["integer","null"],"minimum":0},"max_completion_tokens":{"type":["integer","null"],"minimum":0},"n":{"type":["integer","null"],"minimum":1,"maximum":4},"stop":{"anyOf":[{"type":"string"},{"type":"array","items":{"type":"string"}},{"type":"null"}]},"tools":{"type":["array","null"]},"enable_thinking":{"type":["boolean","null"]},"enable_search":{"type":["boolean","null"]}}},
        "ChatCompletion":{"type":"object","required":["id","object","created","model","choices"],"properties":{"id":{"type":"string"},"object":{"const":"chat.completion"},"created":{"type":"integer"},"model":{"type":"string"},"choices":{"type":"array"},"usage":{"type":"object"}}}},
        "responses":{
        "Readiness":{"description":"Whether the process should be sent requests.","content":{"application/json":{"schema":{"type":"object","required":["status","open_requests"],"properties":{"status":{"enum":["ready","starting","draining","misconfigured"]},"reason":{"type":"string"},"open_requests":{"type":"integer"}}}}}},
        "Error":{"description":"An error in OpenAI's shape.","headers":{"x-request-id":{"schema":{"type":"string"}}},"content":{"application/json":{"schema":{"$ref":"#/components/schemas/Error"}}}},
        "RateLimited":{"description":"A limit of the gateway or of DashScope is reached.","headers":{"x-request-id":{"schema":{"type":"string"}},"retry-after":{"description":"Seconds.","schema":{"type":"integer"}},"x-should-retry":{"schema":{"enum":["true","false"]}}},"content":{"application/json":{"schema":{"$ref":"#/components/schemas/Error"}}}},
        "MethodNotAllowed":{"description":"The path takes another method.","headers":{"Allow":{"required":true,"schema":{"type":"string"}}},"content":{"application/json":{"schema":{"$ref":"#/components/schemas/Error"}}}}}},
        "paths":{
        """#
}
