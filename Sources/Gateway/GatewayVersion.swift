/// The version told in service information, logs and the `User-Agent` sent upstream.
package enum GatewayVersion {
    package static let current = "0.1.0"
}
