import HTTPServing
import NIOHTTP1

/// A request under `/compatible-mode/v1` that DashScope would not serve.
struct CompatibleRefusal: Error, Equatable {
    var status = 400
    var message: String
    var type = "invalid_request_error"
    var parameter: String?
    var code: String?

    static func invalid(_ message: String, parameter: String? = nil, code: String? = nil) -> CompatibleRefusal {
        CompatibleRefusal(message: message, parameter: parameter, code: code)
    }

    static let unknownPath = CompatibleRefusal(status: 404, message: "The requested path does not exist.")

    /// The refusal of another part of the platform, in the spelling of these interfaces.
    init(_ refusal: Refusal) {
        status = refusal.status
        message = refusal.message
        code = refusal.code
        switch refusal.status {
        case 429: type = "limit_requests"
        case 500...: type = "internal_error"
        default: type = "invalid_request_error"
        }
    }

    init(
        status: Int = 400,
        message: String,
        type: String = "invalid_request_error",
        parameter: String? = nil,
        code: String? = nil
    ) {
        self.status = status
        self.message = message
        self.type = type
        self.parameter = parameter
        self.code = code
    }

    /// Refuses what names a fault that is a refusal: an id, or the name of a file without its extension.
    static func checkFault(_ name: String) throws(CompatibleRefusal) {
        let base = name.lastIndex(of: ".").map { String(name[..<$0]) } ?? name
        for text in [name, base] {
            if case .refused(let refusal) = Fault.parse(text)?.fault { throw CompatibleRefusal(refusal) }
        }
    }

    static func checkKey(_ request: HTTPRequest) throws(CompatibleRefusal) -> String {
        guard let header = request.headers.first(name: "Authorization"), !header.isEmpty else {
            throw CompatibleRefusal(
                status: 401,
                message: "You didn't provide an API key. You need to provide your API key in an Authorization header "
                    + "using Bearer auth (i.e. Authorization: Bearer YOUR_KEY).",
                code: "invalid_api_key"
            )
        }
        do throws(Refusal) { try Envelope.checkKey(request) } catch {
            throw CompatibleRefusal(status: 401, message: "Incorrect API key provided. ", code: "invalid_api_key")
        }
        return header
    }

    func document(requestID: String) -> JSON {
        [
            "error": [
                "message": .string(message), "type": .string(type), "param": parameter.map(JSON.string) ?? .null,
                "code": code.map(JSON.string) ?? .null,
            ],
            "request_id": .string(requestID),
        ]
    }
}

extension EmulatorReply {
    /// A document of these interfaces, or their refusal.
    static func compatible(
        requestID: String,
        _ answer: () throws(CompatibleRefusal) -> JSON
    ) -> EmulatorReply {
        do throws(CompatibleRefusal) {
            return EmulatorReply(
                status: 200,
                headers: compatibleHeaders(requestID, type: "application/json;charset=UTF-8"),
                body: try answer().bytes
            )
        } catch {
            return EmulatorReply(
                status: error.status,
                headers: compatibleHeaders(requestID, type: "application/json"),
                body: error.document(requestID: requestID).bytes
            )
        }
    }

    static func compatibleHeaders(_ requestID: String, type: String?) -> [(name: String, value: String)] {
        var headers: [(name: String, value: String)] = [
            ("vary", "Accept-Encoding"), ("x-request-id", requestID), ("req-cost-time", "21"),
            ("req-arrive-time", "1767225600000"), ("resp-start-time", "1767225600021"),
            ("x-envoy-upstream-service-time", "13"), ("server", "istio-envoy"),
        ]
        if let type { headers.append(("content-type", type)) }
        return headers
    }
}
