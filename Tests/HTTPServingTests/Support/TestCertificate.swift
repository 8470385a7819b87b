import NIOSSL

/// A certificate for localhost that nobody trusts unless told to; its key protects nothing.
enum TestCertificate {
    static let certificate = """
        -----BEGIN CERTIFICATE-----
        MIIBmjCCAUGgAwIBAgIUHp9HHSNQNVr/WKFi3mo0kyfiaXcwCgYIKoZIzj0EAwIw
        FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyNDAzMDMyOFoYDzIxMjYxMDMx
        MDMwMzI4WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
        PQMBBwNCAATXbE6vI73cYmtjZoUXMK8b1aylhgUDG0nrECR+Pou9hf4bwTvqgzDG
        Io8myLuzQdoHQyp7q+edt5Sj7wfyK/avo28wbTAdBgNVHQ4EFgQUXYjH63XlSRIX
        On+ka8N6a38EnUUwHwYDVR0jBBgwFoAUXYjH63XlSRIXOn+ka8N6a38EnUUwGgYD
        VR0RBBMwEYIJbG9jYWxob3N0hwR/AAABMA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZI
        zj0EAwIDRwAwRAIgEj052Vku0Fm3VszTQxs7I0BDizu9X2LVJIrWVfqPSaACIBjf
        4QafXmeKDnsChMhKGJypXJcC1vEUejurh2CydrbF
        -----END CERTIFICATE-----
        """

    static let key = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgXl0Pi2dKxf1Y1B+2
        cVCU7jgxVs/kuR1QjypYbSlfUqahRANCAATXbE6vI73cYmtjZoUXMK8b1aylhgUD
        G0nrECR+Pou9hf4bwTvqgzDGIo8myLuzQdoHQyp7q+edt5Sj7wfyK/av
        -----END PRIVATE KEY-----
        """

    /// TLS settings of a server that shows the certificate.
    static func serverContext() throws -> NIOSSLContext {
        try NIOSSLContext(
            configuration: .makeServerConfiguration(
                certificateChain: [.certificate(NIOSSLCertificate(bytes: Array(certificate.utf8), format: .pem))],
                privateKey: .privateKey(NIOSSLPrivateKey(bytes: Array(key.utf8), format: .pem))
            )
        )
    }
}
