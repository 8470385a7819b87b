/// Which header the trusted proxies write.
///
/// Only that one is read: a proxy that writes one lets the other pass as the client sent it.
package enum ForwardingHeader: String, Sendable, CaseIterable {
    case xForwardedFor = "x-forwarded-for"
    /// RFC 7239.
    case forwarded
}
