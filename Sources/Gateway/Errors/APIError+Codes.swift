import APITranslation

extension APIError {
    /// The error's word in log and metrics; a missing key has no code, as OpenAI has it.
    var label: String { code ?? (status == 401 ? "missing_api_key" : type) }

    /// Every code an error of the gateway's can have: a closed set for metrics.
    ///
    /// Upstream's own codes are not among them.
    static let codes = [
        "access_denied",
        "address_not_allowed",
        "content_filter",
        "context_length_exceeded",
        "decimal_above_max_value",
        "decimal_below_min_value",
        "empty_array",
        "headers_too_large",
        "insufficient_quota",
        "integer_above_max_value",
        "integer_below_min_value",
        "internal_error",
        "invalid_api_key",
        "invalid_file",
        "invalid_image_url",
        "invalid_json",
        "invalid_request",
        "invalid_type",
        "invalid_value",
        "item_not_found",
        "malformed_request",
        "method_not_supported",
        "missing_api_key",
        "missing_required_parameter",
        "model_not_found",
        "model_not_supported",
        "mutually_exclusive_parameters",
        "not_found",
        "overloaded",
        "previous_response_not_found",
        "proxy_authentication_required",
        "proxy_error",
        "rate_limit_exceeded",
        "request_timeout",
        "request_too_large",
        "service_unavailable",
        "shutting_down",
        "store_disabled",
        "store_full",
        "store_object_too_large",
        "store_unavailable",
        "timeout",
        "unknown_url",
        "unsupported_parameter",
        "unsupported_value",
        "upstream_certificate",
        "upstream_closed",
        "upstream_incomplete",
        "upstream_invalid_response",
        "upstream_unavailable",
        "upstream_unreachable",
    ]
}
