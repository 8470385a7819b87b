import APITranslation
import JSONBytes
import NIOCore
import NIOHTTP1

/// The OpenAPI description at `/openapi.json`, made from the table of endpoints.
enum OpenAPIDescription {
    /// The document; written once.
    static let json: ByteBuffer = {
        var document = ByteBuffer()
        document.writeString(beginning)
        for (index, route) in RouteTable.listed.enumerated() {
            document.writeString(index == 0 ? "\n" : ",\n")
            document.writeJSON(route.pattern)
            document.writeString(":{")
            for (place, endpoint) in route.endpoints.enumerated() {
                if place > 0 { document.writeString(",") }
                document.writeJSON(endpoint.method.rawValue.lowercased())
                document.writeString(":{\"summary\":")
                document.writeJSON(endpoint.summary)
                document.writeString(",\"operationId\":")
                document.writeJSON(operationID(endpoint.method.rawValue, route.pattern))
                document.writeString(",\"tags\":[")
                document.writeJSON(tag(of: route))
                document.writeString("]")
                // The operation is an object of its own: its members go on here.
                document.writeString(",")
                document.writeSubstring(endpoint.operation.dropFirst())
            }
            document.writeString("}")
        }
        document.writeString("}}\n")
        return document
    }()

    /// A name that generated clients make a function of, such as `post_v1_chat_completions`.
    static func operationID(_ method: String, _ pattern: String) -> String {
        let words = pattern.split { !$0.isLetter && !$0.isNumber }
        return ([method.lowercased()] + words.map { String($0) }).joined(separator: "_")
    }

    private static func tag(of route: Route) -> String {
        let parts = route.pattern.split(separator: "/")
        guard parts.first == "v1", parts.count > 1 else { return "service" }
        return ["chat", "messages", "responses", "conversations", "files", "uploads", "batches", "models"].first {
            $0 == parts[1]
        }
            ?? "other"
    }

    private static let beginning = #"""
        {"openapi":"3.1.0","info":{"title":"DashScope Gateway","version":"\#(GatewayVersion.current)",
        "description":"OpenAI and Anthropic clients on the native API of Alibaba Cloud Model Studio (DashScope).","license":{"name":"MIT","identifier":"MIT"}},
        "tags":[{"name":"chat","description":"Conversations in OpenAI's dialect."},{"name":"messages","description":"Conversations in Anthropic's dialect."},{"name":"responses","description":"OpenAI's Responses."},{"name":"conversations","description":"Conversations that are stored."},{"name":"files","description":"Files of the caller's account."},{"name":"uploads","description":"Files in parts."},{"name":"batches","description":"Requests that are answered within a day or more."},{"name":"models","description":"The catalogue."},{"name":"other","description":"What else callers ask for."},{"name":"service","description":"The gateway itself."}],
        "servers":[{"url":"/"}],
        "components":{"securitySchemes":{"key":{"type":"http","scheme":"bearer","description":"A DashScope API key."}},
        "schemas":{
        "Error":{"type":"object","required":["error"],"properties":{"error":{"type":"object","required":["message","type","param","code"],"properties":{"message":{"type":"string"},"type":{"type":"string"},"param":{"type":["string","null"]},"code":{"type":["string","null"],"description":"One of: \#(APIError.codes.joined(separator: ", ")); or DashScope's own."},"upstream_code":{"type":"string","description":"DashScope's own code."},"request_id":{"type":"string"}}}}},
        \#(OpenAPISchemas.components)},
        "responses":{
        "Readiness":{"description":"Whether the process should be sent requests.","content":{"application/json":{"schema":{"type":"object","required":["status","open_requests"],"properties":{"status":{"enum":["ready","starting","draining","misconfigured"]},"reason":{"type":"string"},"open_requests":{"type":"integer"}}}}}},
        "Error":{"description":"An error in OpenAI's shape.","headers":{"x-request-id":{"schema":{"type":"string"}}},"content":{"application/json":{"schema":{"$ref":"#/components/schemas/Error"}}}},
        "RateLimited":{"description":"A limit of the gateway or of DashScope is reached.","headers":{"x-request-id":{"schema":{"type":"string"}},"retry-after":{"description":"Seconds.","schema":{"type":"integer"}},"x-should-retry":{"schema":{"enum":["true","false"]}}},"content":{"application/json":{"schema":{"$ref":"#/components/schemas/Error"}}}},
        "MethodNotAllowed":{"description":"The path takes another method.","headers":{"Allow":{"required":true,"schema":{"type":"string"}}},"content":{"application/json":{"schema":{"$ref":"#/components/schemas/Error"}}}}}},
        "paths":{
        """#
}
