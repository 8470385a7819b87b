/// One kind of repair of a request, reported to the caller in `x-gateway-adjustments`.
///
/// With `x-gateway-strict: true` the request is refused instead, in the same words.
package struct Adjustment: Equatable, Sendable {
    /// The caller's name of the field, such as `top_p` or `messages[*].role`.
    package var name: String
    /// The client's value, as short JSON or a word; never message text.
    package var from: String
    /// The value that was sent upstream; `none` where the field was left out.
    package var to: String
    /// Why, in a few words of lower-case ASCII with hyphens or blanks.
    package var reason: String
    /// How often the request was repaired so.
    package var count = 1

    package init(_ name: String, from: String, to: String, reason: String) {
        self.name = name
        self.from = from
        self.to = to
        self.reason = reason
    }

    /// `name;from=…;to=…;reason=…[;count=N]`, values restricted to visible ASCII without `;` and `,`, at most 64 characters.
    package var headerValue: String {
        let text = "\(Self.clean(name));from=\(Self.clean(from));to=\(Self.clean(to));reason=\(Self.clean(reason))"
        return count == 1 ? text : "\(text);count=\(count)"
    }

    private static func clean(_ text: String) -> String {
        var cleaned = ""
        for scalar in text.unicodeScalars.prefix(64) {
            let allowed = scalar.value >= 0x20 && scalar.value < 0x7F && scalar != ";" && scalar != ","
            cleaned.unicodeScalars.append(allowed ? scalar : "_")
        }
        return cleaned
    }
}
