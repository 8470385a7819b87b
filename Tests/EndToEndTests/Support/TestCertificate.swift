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

    /// A certificate that holds neither `localhost` nor an address: it is another host's.
    static let certificateOfAnotherHost = """
        -----BEGIN CERTIFICATE-----
        MIIBoTCCAUegAwIBAgIUTtqrZrIx6+PRwl1y0Q4iiVWb4Q0wCgYIKoZIzj0EAwIw
        GDEWMBQGA1UEAwwNb3RoZXIuZXhhbXBsZTAgFw0yNjExMjUyMzQ0MjRaGA8yMTI2
        MTEwMTIzNDQyNFowGDEWMBQGA1UEAwwNb3RoZXIuZXhhbXBsZTBZMBMGByqGSM49
        AgEGCCqGSM49AwEHA0IABOtVe2/dnvy6Pi4W+5IIxLxI0VFbNM1tGbqALLNBryt5
        L/apjOVxdabzF8BPbhVJNVoDcLral1TJ/hj4YBG9AfGjbTBrMB0GA1UdDgQWBBRo
        vi10c7vsjmRtGFFEothtbxm3MDAfBgNVHSMEGDAWgBRovi10c7vsjmRtGFFEotht
        bxm3MDAPBgNVHRMBAf8EBTADAQH/MBgGA1UdEQQRMA+CDW90aGVyLmV4YW1wbGUw
        CgYIKoZIzj0EAwIDSAAwRQIgPPjA9HgmIdE2jWZJikYzCjWtM9VJt5AswG+nFsqX
        I1kCIQDZfJzIbcllpe4rdg3KFC5EHsQqOjaCavmtjVGDGKUq3g==
        -----END CERTIFICATE-----
        """

    static let keyOfAnotherHost = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg+19oqqcXgUAGhv6T
        q9tSzlp1Acn6cddR0X9G+QvHhLuhRANCAATrVXtv3Z78uj4uFvuSCMS8SNFRWzTN
        bRm6gCyzQa8reS/2qYzlcXWm8xfAT24VSTVaA3C62pdUyf4Y+GARvQHx
        -----END PRIVATE KEY-----
        """

    static func contextOfAnotherHost() throws -> NIOSSLContext {
        try serverContext(certificate: certificateOfAnotherHost, key: keyOfAnotherHost)
    }

    /// TLS settings of a server that shows the certificate.
    static func serverContext(certificate: String = certificate, key: String = key) throws -> NIOSSLContext {
        try NIOSSLContext(
            configuration: .makeServerConfiguration(
                certificateChain: [.certificate(NIOSSLCertificate(bytes: Array(certificate.utf8), format: .pem))],
                privateKey: .privateKey(NIOSSLPrivateKey(bytes: Array(key.utf8), format: .pem))
            )
        )
    }
}
